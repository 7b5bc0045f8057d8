"""What a deployed endpoint captures, logs and refuses, with the real commands and the detached process."""
import concurrent.futures
import json
import os
import pathlib
import sys
import unittest

from served import Project, fronts

TALKATIVE = '''
import json

def model_fn(model_dir):
    return 2

def input_fn(body, content_type):
    print("x" * 400)
    return json.loads(body)["instances"]

def predict_fn(data, model):
    return [row[0] * model for row in data]

def output_fn(prediction, accept):
    return json.dumps({"predictions": prediction}), "application/json"
'''

SLEEPS = fronts.TWICE.replace("def predict_fn(data, model):", "def predict_fn(data, model):\n    import time\n    time.sleep(data[0][0])")


class ObservedTest(unittest.TestCase):
    def setUp(self):
        self.project = Project()
        self.addCleanup(self.project.end)

    def events(self):
        files = sorted((self.project.endpoint / 'capture').rglob('*.jsonl'))
        return [json.loads(line) for path in files for line in path.read_text().splitlines()]

    def metrics(self):
        connection = fronts.http.client.HTTPConnection('127.0.0.1', self.project.port, timeout=60)
        try:
            return fronts.ask_on(connection, 'GET', '/metrics')[2].decode()
        finally:
            connection.close()

    def test_capture(self):
        project = self.project
        project.deploy(fronts.TWICE, '--capture', '100%', '--capture-redact', 'name', '--capture-redact', 'home address', '--capture-keep', '10M')
        project.wait_ready()
        self.assertEqual(project.predict({'a': 1}, {'X-Request-Id': 'mapped'})[0], 500)  # row[0] of an object: nothing to capture
        self.assertEqual(project.predict(4)[0], 200)  # no names at all: not kept
        unsure = 'notebooked_capture_events_total{endpoint="iris",result="unsure"} 1'
        self.assertTrue(fronts.within(60, lambda: unsure in self.metrics()), self.metrics())  # once the writer has seen it
        self.assertEqual(self.events(), [])
        settings = json.loads((project.endpoint / 'endpoint.json').read_text())['settings']
        self.assertEqual((settings['capture'], settings['capture_redact'].rstrip(','), settings['capture_keep']), (1, 'name,home address', 10 << 20))

    def test_captured_requests_stay_when_asked(self):
        project = self.project
        project.deploy(fronts.TWICE, '--capture', '1')
        project.wait_ready()
        for value in range(5):
            self.assertEqual(project.predict(value)[0], 200)
        said = project.run('deploy', 'iris', '--model-uri', 'models/iris/1', '--trust', '--no-check', '--capture', '0.5', status=1)
        self.assertIn("cannot change its 'capture'", said)  # of the whole process
        project.run('endpoints', 'stop', 'iris')
        self.assertEqual(len(self.events()), 5)
        project.run('delete-endpoint', 'iris', '--keep-data')
        self.assertEqual(len(self.events()), 5)

    def test_logs_of_a_detached_process_are_moved_aside(self):
        project = self.project
        project.deploy(TALKATIVE, '--log-max', '4k', '--log-format', 'text')
        shown = project.wait_ready()
        for value in range(40):
            self.assertEqual(project.predict(value)[0], 200)
        logs = sorted(path.name for path in (project.endpoint / 'log').iterdir())
        self.assertLessEqual({'server.log', 'server.log.1', 'server.log.4', 'access.log', 'access.log.1'}, set(logs))
        for descriptor in (1, 2):  # what the process itself would say goes to the log of today
            target = pathlib.Path(os.readlink(f"/proc/{shown['pid']}/fd/{descriptor}"))
            self.assertEqual(target.name, 'server.log')
        self.assertIn(' 200 127.0.0.1:', (project.endpoint / 'log/access.log').read_text())
        self.assertIn('x' * 400, project.run('endpoints', 'logs', 'iris'))

    def test_rate(self):
        project = self.project
        project.deploy(fronts.TWICE, '--rate', '2/min')
        project.wait_ready()
        statuses = []
        for value in range(3):
            connection = fronts.http.client.HTTPConnection('127.0.0.1', project.port, timeout=60)
            statuses.append(fronts.ask_on(connection, 'POST', '/invocations', {'instances': [[value]]}, {'Content-Type': 'application/json'})[0])
            connection.close()
        self.assertEqual(statuses, [200, 429, 429])

    def test_tokens_are_nowhere(self):
        project = self.project
        tokens = project.root / 'tokens'
        tokens.write_text('tOkEn-0123456789-right\n')
        tokens.chmod(0o600)
        said = project.deploy(fronts.TWICE, '--token-file', str(tokens), '--capture', '1')
        shown = project.wait_ready()
        self.assertEqual(project.predict(4, {'Authorization': 'Bearer tOkEn-0123456789-right'})[0], 200)
        said += json.dumps(shown) + project.run('endpoints', 'show', 'iris') + project.run('endpoints', 'logs', 'iris')
        project.run('endpoints', 'stop', 'iris')
        written = {path: path.read_bytes() for path in project.root.rglob('*') if path.is_file() and path != tokens}
        written['said'] = said.encode()
        self.assertEqual([str(path) for path, text in written.items() if b'tOkEn' in text], [])

    def test_a_deployment_changes_the_timeout_of_what_runs(self):
        project = self.project
        project.deploy(SLEEPS, '--watch', '0')
        self.assertEqual(project.predict(1.5)[0], 200)
        project.deploy(SLEEPS, '--watch', '0', '--timeout', '1s')
        self.assertEqual(project.predict(1.5)[0], 504)

    def test_two_first_deployments_at_once(self):
        project = self.project
        with concurrent.futures.ThreadPoolExecutor() as pool:
            project.models = 1
            code = project.root / 'models/iris/1/code'
            code.mkdir(parents=True)
            (code / 'inference.py').write_text(fronts.TWICE)
            words = ('deploy', 'iris', '--model-uri', '1', '--trust', '--no-check', '--python', sys.executable, '--port', str(project.port))
            both = [pool.submit(project.try_to, *words) for _ in range(2)]
            done = [one.result() for one in both]
        self.assertIn(0, [one.returncode for one in done], done)
        for one in done:  # the other was too early, or found all done
            if one.returncode != 0:
                self.assertEqual(one.returncode, 1, one)
                self.assertIn('somebody else deploys to it now', one.stderr)
        self.assertEqual([v['version'] for v in project.show()['status']['versions']], [1])
        self.assertEqual(project.predict(4)[2], {'predictions': [8]})


if __name__ == '__main__':
    unittest.main()
