"""A project in a temporary folder, with scripts written by hand instead of a converted notebook, and ways to train it."""
import hashlib
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

BINARY = os.environ['NB_BINARY']
PATIENCE = 60  # seconds that something may take which takes none on an idle machine

# A training with flags, metrics and whatever BODY says; `gate(NAME)` waits until the test makes that file.
SCRIPT = '''\
import argparse, json, os, pathlib, signal, sys, time
parser = argparse.ArgumentParser()
parser.add_argument('--model-dir')
parser.add_argument('--data-path', default='')
parser.add_argument('--epochs', type=int, default=5)
parser.add_argument('--learning-rate', '--learning_rate', type=float, default=0.1)
args = parser.parse_args()

def gate(name):
    path = os.path.join({folder!r}, name)
    while not os.path.exists(path):
        time.sleep(0.02)

def save(**metrics):
    for name, value in (('metrics', metrics), ('params', {{'epochs': args.epochs, 'learning_rate': args.learning_rate}})):
        pathlib.Path(args.model_dir, name + '.json').write_text(json.dumps(value))

{body}
'''
MANIFEST = {'version': 1, 'data_path': True, 'hyperparameters': [
    {'name': 'epochs', 'flag': 'epochs', 'type': 'int', 'default': '5'},
    {'name': 'learning_rate', 'flag': 'learning-rate', 'type': 'float', 'default': '0.1'}]}


def until(condition, what='it'):
    """The first true value of condition()."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f'{what} did not happen')


def state_of(pid):
    """The letter that ps shows; X when there is no such process."""
    try:
        return pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return 'X'


def is_running(pid):
    """Whether the process runs; one that ended and was not waited for does not."""
    return state_of(pid) not in 'ZX'


class ProjectCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='nb train ')
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name).resolve() / 'the project'
        self.home = self.path.parent / 'home'
        self.home.mkdir()
        (self.path / 'nb').mkdir(parents=True)
        (self.path / 'nb/toy.ipynb').write_text('{}')
        self.config()
        self.env = {'PATH': '/usr/bin:/bin', 'HOME': str(self.home), 'TZ': 'UTC', 'LC_ALL': 'C.UTF-8',
                    **{k: v for k, v in os.environ.items() if k.endswith('SAN_OPTIONS')}}
        self.children = []
        self.addCleanup(self.end_children)

    def end_children(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.communicate()

    def config(self, more=''):
        (self.path / 'config.yaml').write_text('mlflow: {tracking_uri: ""}\nexperiments:\n'
                                               f'  - {{name: toy, notebook: nb/toy.ipynb, python: "{sys.executable}"{more}}}\n')

    def script(self, body, name='toy', requirements='', lines=None):
        """Writes generated/NAME with a train.py whose code is `body`; `lines`: [line of body, cell, cell line]."""
        code = self.path / 'generated' / name
        code.mkdir(parents=True, exist_ok=True)
        text = SCRIPT.format(folder=str(self.path), body=body)
        (code / 'train.py').write_text(text)
        (code / 'notebooked.json').write_text(json.dumps(MANIFEST))
        (code / 'requirements.txt').write_text(requirements)
        if lines:
            first = text[:text.index(body)].count('\n')
            ranges = [[first + line, 1, cell, cell_line] for line, cell, cell_line in lines]
            digest = hashlib.sha256(text.encode()).hexdigest()
            (code / '.notebooked-map.json').write_text(json.dumps(
                {'version': 1, 'notebook': 'nb/toy.ipynb', 'files': {'train.py': {'sha256': digest, 'lines': ranges}}}))
        return first + 1 if lines else None

    def open(self, name):
        (self.path / name).touch()

    def run_it(self, *words, **more):
        more = {'cwd': self.path, 'env': self.env, 'capture_output': True, 'text': True, 'timeout': PATIENCE * 3, **more}
        return subprocess.run([BINARY, *map(str, words)], **more)

    def start(self, *words, **more):
        more = {'cwd': self.path, 'env': self.env, 'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, 'text': True,
                'start_new_session': True, **more}
        child = subprocess.Popen([BINARY, *map(str, words)], **more)
        self.children.append(child)
        return child

    def train(self, *words, **more):
        return self.run_it('train', 'toy', '--no-convert', *words, **more)

    def start_training(self, *words, **more):
        return self.start('train', 'toy', '--no-convert', *words, **more)

    def read_line(self, stream, wanted):
        """Reads lines until one is `wanted`; they come while the child runs, or this hangs."""
        for line in stream:
            if line.rstrip('\n') == wanted:
                return
        raise AssertionError(f'no line {wanted!r}')

    def row(self, job='toy-1'):
        db = sqlite3.connect(f'file:{self.path}/.notebooked/state.db?mode=ro', uri=True)
        db.row_factory = sqlite3.Row
        try:
            return dict(db.execute('SELECT * FROM jobs WHERE id = ?', (job,)).fetchone())
        finally:
            db.close()

    def change_row(self, job='toy-1', **values):
        db = sqlite3.connect(self.path / '.notebooked/state.db')
        with db:
            for name, value in values.items():
                db.execute(f'UPDATE jobs SET {name} = ? WHERE id = ?', (value, job))
        db.close()

    def json(self, *words, **more):
        return json.loads(self.run_it(*words, '--format', 'json', **more).stdout)

    def wait_running(self, job='toy-1'):
        def running():
            try:
                row = self.row(job)
            except (sqlite3.OperationalError, TypeError):
                return None
            return row if row['state'] == 'running' else None
        return until(running, 'the start of the job')

    def assert_end(self, done, status, stdout=None, stderr=()):
        self.assertEqual(done.returncode, status, f'stdout: {done.stdout}\nstderr: {done.stderr}')
        if stdout is not None:
            self.assertEqual(done.stdout, stdout)
        for text in [stderr] if isinstance(stderr, str) else stderr:
            self.assertIn(text, done.stderr)


__all__ = ['BINARY', 'PATIENCE', 'ProjectCase', 'until', 'is_running', 'state_of', 'signal', 'subprocess', 'json', 'os', 'pathlib', 'sys']
