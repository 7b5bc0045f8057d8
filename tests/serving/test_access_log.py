"""log/access.log: what stands there of a request, of one that was refused, of a share of the good ones; and logs that have grown."""
import json
import re
import resource
import stat
import unittest

from watched import Watched

TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
FIELDS = {'ts', 'request_id', 'endpoint', 'version', 'protocol', 'method', 'path', 'status', 'bytes_in', 'bytes_out', 'rows', 'batch',
          'queue_ms', 'predict_ms', 'total_ms', 'worker', 'peer', 'user_agent'}


class AccessLogTest(unittest.TestCase):
    def test_fields(self):
        with Watched() as front:
            front.run()
            status, headers, _ = front.ask('POST', '/invocations?token=SECRET', '{"instances": [[1], [2]]}', {
                'X-Request-Id': 'mine', 'User-Agent': 'me/1 "x"', 'traceparent': TRACE, 'Authorization': 'Bearer SECRET'})
            self.assertEqual((status, headers['X-Request-Id'], headers['traceparent']), (200, 'mine', TRACE))
            line, = front.access()
            self.assertEqual(set(line), FIELDS | {'traceparent'})
            self.assertRegex(line['ts'], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$')
            self.assertRegex(line['peer'], r'^127\.0\.0\.1:\d+$')
            self.assertLess(0, line['total_ms'])
            known = {name: line[name] for name in FIELDS - {'ts', 'peer', 'queue_ms', 'predict_ms', 'total_ms'}}
            self.assertEqual(known, {
                'request_id': 'mine', 'endpoint': 'iris', 'version': 1, 'protocol': 'sagemaker', 'method': 'POST', 'path': '/invocations',
                'status': 200, 'bytes_in': 25, 'bytes_out': len('{"predictions": [2, 4]}'), 'rows': 2, 'batch': 1, 'worker': 1, 'user_agent': 'me/1 "x"'})
            self.assertNotIn('SECRET', (front.endpoint / 'log/access.log').read_text())
            self.assertEqual(stat.S_IMODE((front.endpoint / 'log/access.log').stat().st_mode), 0o600)

    def test_refused_requests(self):
        with Watched() as front:
            tokens = front.root / 'tokens'
            tokens.write_text('token-0123456789abcdef\n')
            tokens.chmod(0o600)
            front.run(f'token_file={tokens}', 'max_body=100')
            host, token = b'Host: localhost\r\n', b'X-API-Key: token-0123456789abcdef\r\n'
            cases = [
                (400, 'bad', '', b'nonsense\r\n\r\n'),
                (400, 'bad', '', b'GET /x HTTP/1.1\r\n\r\n'),
                (431, 'head', '', b'GET /x HTTP/1.1\r\n' + host + b'A: ' + b'x' * 40000 + b'\r\n\r\n'),
                (413, 'body', '/invocations', b'POST /invocations?key=SECRET HTTP/1.1\r\n' + host + token + b'Content-Length: 101\r\n\r\n'),
                (401, 'auth', '/invocations', b'POST /invocations HTTP/1.1\r\n' + host + b'Authorization: Bearer SECRET-0123456789\r\nConnection: close\r\n\r\n'),
                (403, 'host', '/ping', b'GET /ping HTTP/1.1\r\nHost: evil.example\r\nX-Request-Id: r1\r\nConnection: close\r\n\r\n'),
                (404, 'path', '/a"\n b', b'GET /a%22%0A%20b HTTP/1.1\r\n' + host + token + b'Connection: close\r\n\r\n'),
                (405, 'method', '/invocations', b'GET /invocations HTTP/1.1\r\n' + host + token + b'Connection: close\r\n\r\n'),
            ]
            for status, _, _, request in cases:
                self.assertIn(f' {status} '.encode(), front.raw(request))
            lines = front.access()
            self.assertEqual([(line['status'], line['error'], line.get('path', '')) for line in lines], [case[:3] for case in cases])
            self.assertEqual(lines[5]['request_id'], 'r1')
            for line in lines:
                self.assertLessEqual(FIELDS - {'method', 'path', 'peer', 'user_agent'}, set(line))
            self.assertNotIn('SECRET', (front.endpoint / 'log/access.log').read_text())

    def test_a_flood_of_refusals_is_counted(self):
        one, count = b'GET /nothing HTTP/1.1\r\nHost: localhost\r\n', 2000
        for settings in ((), ('log_format=text',)):
            with self.subTest(settings), Watched() as front:
                front.run(*settings)
                answers = front.raw((one + b'\r\n') * (count - 1) + one + b'Connection: close\r\n\r\n')
                self.assertEqual(answers.count(b'HTTP/1.1 404 '), count)
                self.assertEqual(front.rows([[1]])[0], 200)
                self.assertEqual(front.figure('notebooked_rejected_total{endpoint="iris",reason="path"}'), count)
                front.stop()  # tells what is still to be told
                text = (front.endpoint / 'log/access.log').read_text()
                told = map(int, re.findall(r' left out: (\d+) more of \'path\'$' if settings else r'"left_out": ?(\d+)}$', text, re.M))
                lines = text.count(' 404 ') if settings else len(re.findall(r'"status": ?404', text))
                self.assertEqual(lines + sum(told), count, text[-500:])
                self.assertLess(lines, count)
                self.assertIn('"/invocations"', text)  # the good one is there

    def test_text(self):
        with Watched() as front:
            front.run('log_format=text')
            front.ask('POST', '/invocations', '{"instances": [[1]]}', {'X-Request-Id': 'mine', 'User-Agent': 'a "quoted" one'})
            front.ask('GET', '/no%0Athing')
            front.turn()
            one, two = (front.endpoint / 'log/access.log').read_text().splitlines()
            self.assertRegex(one, r'^\S+Z 200 127\.0\.0\.1:\d+ POST "/invocations" sagemaker v1 worker=1 rows=1 batch=1 in=20 out=20 '
                                  r'queue=\d+\.\d+ms predict=\d+\.\d+ms total=\d+\.\d+ms id=mine "a \\"quoted\\" one"$')
            self.assertRegex(two, r'^\S+Z 404 \S+ GET "/no\\nthing" none v0 .* id=- .* "path"$')

    def test_sampling(self):
        with Watched() as front:
            front.run('log_sample=10%')
            for _ in range(200):
                self.assertEqual(front.rows([[1]])[0], 200)
            for _ in range(5):
                self.assertEqual(front.ask('GET', '/nothing')[0], 404)
            statuses = [line['status'] for line in front.access()]
            self.assertEqual(statuses.count(404), 5)
            self.assertTrue(5 <= statuses.count(200) <= 40, statuses.count(200))

    def test_large_logs_are_moved_aside(self):
        with Watched('def model_fn(d):\n    return 1\ndef input_fn(b, c):\n    print("x" * 500)\n    return b\n'
                     'def predict_fn(d, m):\n    return 1\ndef output_fn(p, a):\n    return "1"\n') as front:
            front.run('log_max=4k')
            for _ in range(100):
                self.assertEqual(front.ask('POST', '/invocations', '[]')[0], 200)
            front.turn()
            for name in ('access.log', 'server.log'):
                files = sorted(path.name for path in (front.endpoint / 'log').glob(name + '*'))
                self.assertEqual(files, [name] + [f'{name}.{i}' for i in range(1, 5)])
                for file in files:
                    path = front.endpoint / 'log' / file
                    self.assertLessEqual(path.stat().st_size, 4096)
                    self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
            order = [json.loads(line)['request_id'] for i in (2, 1) for line in (front.endpoint / f'log/access.log.{i}').read_text().splitlines()]
            numbers = [int(each.partition('-')[2], 16) for each in order]
            self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))

    def test_full_disk(self):
        with Watched() as front:
            front.run()
            front.rows([[1]])
            front.turn()
            log = front.endpoint / 'log/access.log'
            limit = log.stat().st_size + 700  # in the middle of a line
            resource.prlimit(front.process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            for _ in range(20):
                self.assertEqual(front.rows([[1]])[0], 200)
            resource.prlimit(front.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            self.assertEqual(front.rows([[1]], {'X-Request-Id': 'after'})[0], 200)
            front.turn()
            lines = log.read_text().splitlines()
            self.assertEqual(json.loads(lines[-1])['request_id'], 'after')
            broken = [line for line in lines if not line.endswith('}')]
            self.assertLessEqual(len(broken), 1)


class RateTest(unittest.TestCase):
    def test_each_address(self):
        with Watched() as front:
            front.run('rate=2/min')
            self.assertEqual(front.rows([[1]])[0], 200)
            status, headers, body = front.ask('POST', '/invocations', '{"instances": [[1]]}')
            self.assertEqual(status, 429)
            self.assertTrue(25 <= int(headers['Retry-After']) <= 30, headers['Retry-After'])
            self.assertIn('--rate', json.loads(body)['error'])
            self.assertEqual(front.ask('GET', '/ping')[0], 200)
            self.assertEqual(front.admin('POST', '/invocations', {'instances': [[1]]})[0], 200)  # its owner
            self.assertEqual(front.figure('notebooked_rejected_total{endpoint="iris",reason="rate"}'), 1)
            self.assertEqual([(line['status'], line.get('error')) for line in front.access()], [(200, None), (429, 'rate'), (200, None)])

    def test_each_token(self):
        with Watched() as front:
            tokens = front.root / 'tokens'
            tokens.write_text('first-token-0123456789\nsecond-token-0123456789\n')
            tokens.chmod(0o600)
            front.run(f'token_file={tokens}', 'rate=1/min')
            for name, want in (('first', 200), ('second', 200), ('first', 429), ('second', 429), ('wrong', 401)):
                self.assertEqual(front.rows([[1]], {'Authorization': f'Bearer {name}-token-0123456789'})[0], want, name)

    def test_off_by_default(self):
        with Watched() as front:
            front.run()
            for _ in range(50):
                self.assertEqual(front.rows([[1]])[0], 200)


if __name__ == '__main__':
    unittest.main()
