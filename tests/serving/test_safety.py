"""What an endpoint may not do: answer strangers, hand secrets to models, write secrets down. Secrets are planted everywhere and looked for in all that is written."""
import json
import os
import pathlib
import stat
import subprocess
import sys
import unittest

from fronts import TOOL, UnixConnection, ask_on, within
from watched import Watched

# Tells what its process is like; the first value of a row says what.
NOSY = '''
import ctypes, json, os, pathlib

def model_fn(model_dir):
    return dict(os.environ)

def input_fn(body, content_type):
    return json.loads(body)['instances']

def predict_fn(data, model):
    if data[0][0] == 'raise':
        raise RuntimeError('no such row')
    death = ctypes.c_int()
    ctypes.CDLL(None).prctl(2, ctypes.byref(death))
    return {'env': model, 'status': pathlib.Path('/proc/self/status').read_text(), 'death': death.value, 'umask': os.umask(0o77)}

def output_fn(prediction, accept):
    return json.dumps({'predictions': prediction}), 'application/json'
'''

QUIET = '''
import json

def model_fn(model_dir):
    print('loaded')
    return 2

def input_fn(body, content_type):
    return json.loads(body)['instances']

def predict_fn(data, model):
    return [row['age'] * model for row in data]

def output_fn(prediction, accept):
    return json.dumps({'predictions': prediction}), 'application/json'
'''

PLANTED = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE', 'AZURE_CLIENT_SECRET', 'ARM_ACCESS_KEY', 'MSI_SECRET',
           'GOOGLE_APPLICATION_CREDENTIALS', 'CLOUDSDK_AUTH_ACCESS_TOKEN', 'MLFLOW_TRACKING_TOKEN', 'MLFLOW_TRACKING_PASSWORD', 'GITHUB_TOKEN',
           'HF_TOKEN', 'DATABASE_URL', 'PGPASSWORD', 'TF_VAR_key', 'NOTEBOOKED_DB_PASSWORD', 'PIP_INDEX_URL', 'SSH_AUTH_SOCK', 'KUBECONFIG',
           'OPENAI_API_KEY', 'PYTHONPATH_TOKEN', 'SOMETHING']


def write_tokens(front, *tokens):
    path = front.root / 'tokens'
    path.write_text(''.join(token + '\n' for token in tokens))
    path.chmod(0o600)
    return path


class AddressTest(unittest.TestCase):
    def refuse(self, *settings):
        """What a front says that does not start."""
        with Watched() as front:
            arguments = [str(TOOL), str(front.root), 'iris', str(front.port), sys.executable, '1', *settings]
            done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertNotIn('started', done.stdout)
            return done.stderr

    def test_other_addresses_need_a_token(self):
        for host in ('0.0.0.0', '::', '192.0.2.1', 'example.invalid'):
            said = self.refuse(f'host={host}')
            self.assertIn(f"cannot serve on '{host}' without a token", said)
            self.assertIn("hint: give '--token-file FILE', or '--no-auth'", said)

    def test_tokens_must_be_good(self):
        with Watched() as front:
            path = write_tokens(front, 'short')
            self.assertIn('characters, not 16 to 512', self.refuse(f'token_file={path}'))
            path.write_text('long-enough-0123456789\n')
            path.chmod(0o640)
            self.assertIn('others may read the token file', self.refuse(f'token_file={path}'))
            path.unlink()
            self.assertIn('cannot read the token file', self.refuse(f'token_file={path}'))

    def test_loopback_is_the_default(self):
        with Watched() as front:
            front.run()
            address = f'0100007F:{front.port:04X}'
            listening = [line.split() for line in pathlib.Path('/proc/net/tcp').read_text().splitlines()]
            ports = [fields[1] for fields in listening if fields[1].endswith(f':{front.port:04X}') and fields[3] == '0A']
            self.assertEqual(ports, [address])


class ClientTest(unittest.TestCase):
    def test_hosts(self):
        with Watched() as front:
            front.run('allowed_hosts=models.example')
            for host, want in (('localhost', 200), (f'127.0.0.1:{front.port}', 200), ('[::1]', 200), ('models.example:80', 200), ('evil.example', 403),
                               ('localhost.evil.example', 403), ('models.example.evil', 403)):
                for path in ('/ping', '/metrics', '/livez'):
                    self.assertEqual(front.ask('GET', path, headers={'Host': host})[0], want, (host, path))
                self.assertEqual(front.rows([[1]], {'Host': host})[0], want, host)

    def test_tokens(self):
        first, second, third = (f'{name}-token-0123456789' for name in ('first', 'second', 'third'))
        with Watched() as front:
            path = write_tokens(front, first, second)
            front.run(f'token_file={path}')
            status, headers, _ = front.ask('POST', '/invocations', '{"instances": [[1]]}')
            self.assertEqual((status, headers['WWW-Authenticate']), (401, 'Bearer'))
            for headers, want in (({'Authorization': f'Bearer {first}'}, 200), ({'X-API-Key': second}, 200), ({'Authorization': f'Basic {first}'}, 401),
                                  ({'Authorization': f'Bearer {first[:-1]}'}, 401), ({'Authorization': f'Bearer {first}x'}, 401), ({'X-API-Key': ''}, 401)):
                self.assertEqual(front.rows([[1]], headers)[0], want, headers)
                self.assertEqual(front.ask('GET', '/metrics', headers=headers)[0], want, headers)
            self.assertEqual(front.ask('GET', '/ping')[0], 200)
            write_tokens(front, second, third)  # exchanged while it runs
            ask = lambda token: front.rows([[1]], {'X-API-Key': token})[0]
            self.assertTrue(within(10, lambda: ask(third) == 200))
            self.assertEqual((ask(first), ask(second)), (401, 200))
            path.unlink()
            self.assertTrue(within(10, lambda: ask(third) and 'the tokens stay as they were' in front.said()), front.said())
            self.assertEqual(ask(third), 200)

    def test_admin_is_its_owners(self):
        with Watched() as front:
            front.run()
            self.assertEqual(stat.S_IMODE(front.endpoint.stat().st_mode), 0o700)
            self.assertEqual(stat.S_IMODE((front.endpoint / 'server.sock').stat().st_mode), 0o600)
            for method, path in (('GET', '/admin/status'), ('POST', '/admin/stop'), ('POST', '/admin/deploy'), ('GET', '/%61dmin/status')):
                self.assertEqual(front.ask(method, path)[0], 404, path)
            self.assertEqual(front.admin('GET', '/admin/status')[0], 200)
            for path in front.endpoint.rglob('*'):
                if 'versions' not in path.parts and not path.is_symlink():
                    self.assertEqual(path.stat().st_mode & 0o077 if path.is_file() else 0, 0, path)

    def test_errors_have_no_traceback(self):
        for debug in (False, True):
            with Watched(NOSY) as front:
                front.run(options=['--debug'] if debug else [])
                status, _, body = front.ask('POST', '/invocations', '{"instances": [["raise"]]}')
                self.assertEqual(status, 500)
                self.assertEqual(b'Traceback' in body, debug, body)
                self.assertEqual(b'inference.py' in body, debug, body)
                self.assertIn('no such row', front.said())
                self.assertIn('Traceback', front.said())


class WorkerTest(unittest.TestCase):
    def look(self, *settings, **env):
        with Watched(NOSY) as front:
            front.run(*settings, env={**os.environ, **env})
            told = front.rows([['look']])[1]['predictions']
            pid, = front.workers()
            told['outside'] = pathlib.Path(f'/proc/{pid}/environ').read_bytes().decode()
            told['files'] = [os.readlink(path) for path in pathlib.Path(f'/proc/{pid}/fd').iterdir()]
            return told

    def test_environment(self):
        told = self.look('pass_env=WANTED_TOKEN OTHER', **{name: 'sEcReT-' + name for name in PLANTED}, WANTED_TOKEN='given', LC_ALL='C.UTF-8', PYTHONHASHSEED='7')
        self.assertNotIn('sEcReT', told['outside'])
        self.assertNotIn('sEcReT', json.dumps(told['env']))
        self.assertEqual([name for name in PLANTED if name in told['env']], [])
        self.assertEqual((told['env']['WANTED_TOKEN'], told['env']['LC_ALL'], told['env']['PYTHONHASHSEED']), ('given', 'C.UTF-8', '7'))
        self.assertIn('PATH', told['env'])

    def test_privileges(self):
        told = self.look()
        self.assertIn('NoNewPrivs:\t1', told['status'])
        self.assertEqual(told['death'], 9)  # it dies with the front
        self.assertEqual(told['umask'], 0o77)
        self.assertEqual([name for name in told['files'] if name.endswith(('.log', '.sock', 'tokens', '.lock'))], [])


class PlantedTest(unittest.TestCase):
    """No secret is in anything that is written, whoever brought it."""

    def everything(self, front):
        """All that was written, said or is to be seen, by name."""
        texts = {str(path): path.read_bytes() for path in front.root.rglob('*') if path.is_file() and path.name != 'tokens'}
        texts['metrics'] = front.ask('GET', '/metrics', headers={'X-API-Key': 'tOkEn-0123456789-right'})[2]
        texts['status'] = json.dumps(front.admin('GET', '/admin/status')[1]).encode()
        for pid in [front.process.pid, *front.workers()]:
            texts[f'argv of {pid}'] = pathlib.Path(f'/proc/{pid}/cmdline').read_bytes()
        return texts

    def test_planted_secrets(self):
        with Watched(QUIET) as front:
            path = write_tokens(front, 'tOkEn-0123456789-right', 'tOkEn-0123456789-other')
            front.run(f'token_file={path}', 'capture=1', 'capture_redact=name', env={**os.environ, 'PLANTED_PASSWORD': 'sEcReT-environment'})
            right = {'X-API-Key': 'tOkEn-0123456789-right', 'Cookie': 'session=sEcReT-cookie', 'X-Custom': 'sEcReT-header'}
            person = {'name': 'sEcReT-body', 'age': 3}
            self.assertEqual(front.rows([person], right), (200, {'predictions': [6]}))
            self.assertEqual(front.rows([person], {**right, 'Authorization': 'Bearer sEcReT-bearer-0123456789'})[0], 401)
            for headers in ({'Authorization': 'Bearer sEcReT-wrong-0123456789'}, {'X-API-Key': 'sEcReT-key-0123456789'}, {'Authorization': 'Basic c0VjUmVU'}):
                self.assertEqual(front.rows([person], headers)[0], 401)
            self.assertEqual(front.rows([person], right, '/invocations?api_key=sEcReT-query')[0], 200)
            broken = front.ask('POST', '/invocations', '{"instances": [{"name": "sEcReT-body", "age": ', {**right, 'Content-Type': 'application/json'})
            self.assertGreaterEqual(broken[0], 400)
            front.raw(b'POST /invocations HTTP/1.1\r\nHost: localhost\r\nAuthorization : Bearer sEcReT-smuggled\r\n\r\n')
            front.raw(b'POST /invocations HTTP/1.1\r\nHost: localhost\r\nX-API-Key: sEcReT-large\r\nContent-Length: 999999999\r\n\r\n')
            front.wait_for(lambda: len(front.captured()) == 1)
            texts = self.everything(front)
            front.stop()
            texts['at the end'] = front.said().encode() + b''.join(path.read_bytes() for path in front.captured())
            self.assertIn(b'"age\\": 3', texts['at the end'])
            for name, text in texts.items():
                for secret in (b'sEcReT', b'tOkEn', b'c0VjUmVU'):
                    self.assertNotIn(secret, text, name)

    def test_unix_socket_without_token(self):
        with Watched(QUIET) as front:
            front.run(f'token_file={write_tokens(front, "tOkEn-0123456789-right")}')
            connection = UnixConnection(front.endpoint)
            status, _, _ = ask_on(connection, 'POST', '/invocations', {'instances': [{'age': 1}]}, {'Content-Type': 'application/json'})
            connection.close()
            self.assertEqual(status, 200)


if __name__ == '__main__':
    unittest.main()
