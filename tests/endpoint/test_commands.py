#!/usr/bin/env python3
"""`notebooked endpoints` against a front that runs: fake_front.py plays it."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BINARY = os.environ.get('NB_BINARY') or HERE.parent.parent / 'build/debug/notebooked'
STATE = {'version': 1, 'wanted': True, 'settings': {'port': 8080, 'drain_timeout_ms': 1000}, 'history': [],
         'deployments': [{'version': 1, 'experiment': 'iris', 'model': 'models/iris/1', 'sha256': 'aa', 'created_ms': 1, 'weight': 100, 'up': True}]}


class Running(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.endpoint = pathlib.Path(self.folder.name, '.notebooked/endpoints/iris')
        (self.endpoint / 'log').mkdir(parents=True)
        (self.endpoint / 'endpoint.json').write_text(json.dumps(STATE))

    def front(self, mode=''):
        out, into = os.pipe()
        with (self.endpoint / 'log/server.log').open('w') as log:
            started = subprocess.Popen([sys.executable, HERE / 'fake_front.py', '-C', self.folder.name, 'serve', 'iris'], pass_fds=[into],
                                       stdout=log, stderr=log, env=os.environ | {'FAKE_FRONT': mode, 'NOTEBOOKED_STARTED_FD': str(into)})
        os.close(into)
        with os.fdopen(out) as report:
            self.assertEqual(report.read(), 's\n')
        self.addCleanup(lambda: (started.kill(), started.wait()))
        return started

    def run_program(self, *words, status=0):
        done = subprocess.run([BINARY, '-C', self.folder.name, 'endpoints', *words], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout

    def test_a_running_one_is_shown_and_stopped(self):
        front = self.front()
        self.assertIn('iris      ready  http://127.0.0.1:8099  v1=100\n', self.run_program('list'))
        page = self.run_program('show', 'iris')
        self.assertIn(f'process   {front.pid}\n', page)
        self.assertRegex(page, r'v1 +models/iris/1 +100 +ready')
        shown = json.loads(self.run_program('show', 'iris', '--format', 'json'))['endpoint']
        self.assertEqual((shown['state'], shown['pid'], shown['status']['ready']), ('ready', front.pid, True))
        self.run_program('start', 'iris')
        self.run_program('stop', 'iris')
        self.assertEqual(front.wait(), 0)
        self.assertFalse(json.loads((self.endpoint / 'endpoint.json').read_text())['wanted'])
        self.assertIn('asked /admin/stop', self.run_program('logs', 'iris', '-f'))

    def test_one_that_is_not_ready_says_why(self):
        self.front('broken')
        self.assertIn('state     not ready: no version is ready\n', self.run_program('show', 'iris'))

    def test_one_that_does_not_listen_is_ended(self):
        front = self.front('deaf')
        self.run_program('stop', 'iris')
        self.assertEqual(front.wait(), -15)


if __name__ == '__main__':
    unittest.main()
