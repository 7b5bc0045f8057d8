"""The example project, trained with a real scikit-learn, and the program that serves its models. Each test has a project of its own."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'serving'))

import fronts  # noqa: E402

BINARY = os.environ['NB_BINARY']
PYTHON = os.environ.get('NB_SYSTEM_PYTHON', '/usr/bin/python3')
EXAMPLE = pathlib.Path(os.environ['NB_SOURCE_DIR'], 'examples/iris')
PATIENCE = 180  # seconds for what takes a few on an idle machine
NAMES = ['sepal length (cm)', 'sepal width (cm)', 'petal length (cm)', 'petal width (cm)']
FLOWERS = [[5.1, 3.5, 1.4, 0.2], [6.5, 3.0, 5.8, 2.2]]

if subprocess.run([PYTHON, '-c', 'import sklearn, pandas, matplotlib'], capture_output=True, check=False).returncode != 0:
    print(f'{PYTHON} has no scikit-learn')
    sys.exit(77)


def environment(home):
    return {'PATH': '/usr/bin:/bin', 'HOME': str(home), 'TZ': 'UTC', 'LC_ALL': 'C.UTF-8', 'VIRTUAL_ENV': '/usr',
            **{k: v for k, v in os.environ.items() if k.endswith('SAN_OPTIONS')}}


def until(condition, what='it'):
    value = fronts.within(PATIENCE, condition)
    if not value:
        raise AssertionError(f'{what} did not happen')
    return value


def post(url, body, content_type='application/json', headers=None):
    """Returns status, body and headers, of refusals as well."""
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {'Content-Type': content_type, **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


class TrainedCase(unittest.TestCase):
    """Models 1 and 2 are good; 3 is of a notebook whose inference fails in cell 18."""
    maxDiff = None
    models = 1

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix='nb deploy ')
        cls.addClassCleanup(folder.cleanup)
        cls.trained = pathlib.Path(folder.name).resolve() / 'trained'
        shutil.copytree(EXAMPLE, cls.trained, ignore=shutil.ignore_patterns('generated', 'models', '.notebooked'))
        for number in range(1, cls.models + 1):
            if number == 3:
                notebook = cls.trained / 'notebooks/iris.ipynb'
                notebook.write_text(notebook.read_text().replace('chances.argmax()', 'chances.no_such()'))
            done = subprocess.run([BINARY, 'train', 'iris', '--python', PYTHON, '--set', f'regularisation={number}'], cwd=cls.trained,
                                  env=environment(folder.name), capture_output=True, text=True, timeout=PATIENCE, check=False)
            if done.returncode != 0:
                raise AssertionError(done.stderr)

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='nb deploy ')
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name).resolve() / 'the project'
        self.env = environment(self.path.parent)
        shutil.copytree(self.trained, self.path)
        self.children = []
        self.addCleanup(self.end_all)

    def end_all(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.communicate()
        for folder in (self.path / '.notebooked/endpoints').glob('*/endpoint.json'):
            self.run_it('endpoints', 'stop', folder.parent.name)

    def run_it(self, *words, **more):
        more = {'cwd': self.path, 'env': self.env, 'capture_output': True, 'text': True, 'timeout': PATIENCE, **more}
        return subprocess.run([BINARY, *map(str, words)], check=False, **more)

    def start(self, *words, **more):
        more = {'cwd': self.path, 'env': self.env, 'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, 'text': True, **more}
        child = subprocess.Popen([BINARY, *map(str, words)], **more)
        self.children.append(child)
        return child

    def deploy(self, *words, **more):
        return self.run_it('deploy', 'iris', '--python', PYTHON, *words, **more)

    def deployed(self, *words):
        """Deploys; returns the JSON document."""
        done = self.deploy(*words, '--format', 'json')
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def show(self, name='iris'):
        return json.loads(self.run_it('endpoints', 'show', name, '--format', 'json').stdout)

    def on_disk(self, name='iris'):
        return json.loads((self.path / f'.notebooked/endpoints/{name}/endpoint.json').read_text())

    def folder(self, name='iris'):
        return self.path / f'.notebooked/endpoints/{name}'

    def model_with(self, code, name='broken'):
        """A copy of model 1 whose inference.py ends in `code`: of unknown origin."""
        folder = self.path / name
        shutil.copytree(self.path / 'models/iris/1', folder, ignore=shutil.ignore_patterns('manifest.json'))
        script = folder / 'code/inference.py'
        script.write_text(script.read_text().replace('\nif __name__', f'\n{code}\n\n\nif __name__'))
        return folder

    def assert_end(self, done, status, *stderr):
        self.assertEqual(done.returncode, status, f'stdout: {done.stdout}\nstderr: {done.stderr}')
        for text in stderr:
            self.assertIn(text, done.stderr)

    def assert_predicts(self, url, status=200):
        got, body, _ = post(url + '/predict', {'instances': FLOWERS})
        self.assertEqual((got, [row['species'] for row in json.loads(body)['predictions']]), (status, ['setosa', 'virginica']))


__all__ = ['BINARY', 'EXAMPLE', 'FLOWERS', 'NAMES', 'PATIENCE', 'PYTHON', 'TrainedCase', 'fronts', 'json', 'os', 'pathlib', 'post',
           'shutil', 'signal', 'socket', 'subprocess', 'time', 'unittest', 'until']
