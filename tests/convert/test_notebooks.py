"""Our own notebooks: convert, run train.py, compare with what the cells reach in a kernel, load the model in a new process and compare predictions."""
import json
import math
import os
import pathlib
import py_compile
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from notebooks import cases  # noqa: E402

BINARY = os.environ.get('NB_BINARY', '')
PYTHON = os.environ.get('NB_SYSTEM_PYTHON', '/usr/bin/python3')

PROBE = r'''
import json, os, runpy, sys
script, names = sys.argv[1], json.loads(sys.argv[2])
sys.argv = [script] + json.loads(sys.argv[3])
space = runpy.run_path(script, run_name="__main__")
plain = lambda v: v.tolist() if hasattr(v, "tolist") else v
with open(os.environ["NB_OUT"], "w") as f:
    json.dump({n: plain(space[n]) for n in names}, f)
'''


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=300, **options)


def has_packages():
    return run([PYTHON, '-c', 'import sklearn, torch, pandas, matplotlib']).returncode == 0


class Notebooks(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='nb case '))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.env = {**os.environ, 'MPLBACKEND': 'Agg', 'OMP_NUM_THREADS': '1', 'NOTEBOOKED_TRACKING': 'off', 'NB_TEST_FLAG': '',
                    'NB_OUT': str(self.folder / 'out.json')}

    def convert(self, case):
        case.write(self.folder)
        done = run([BINARY, 'convert', 'case'], cwd=self.folder, env=self.env)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.scripts = self.folder / 'generated' / 'case'
        for script in self.scripts.glob('*.py'):
            py_compile.compile(str(script), doraise=True, cfile=str(self.folder / 'x.pyc'))
            flakes = run([PYTHON, '-m', 'pyflakes', str(script)])
            complaints = [line for line in flakes.stdout.splitlines() if 'import *' not in line and 'from star imports' not in line and ".*' imported" not in line]
            if 'exec(' in script.read_text():  # what exec() reads cannot be known: its imports are all kept
                complaints = [line for line in complaints if 'imported but unused' not in line]
            self.assertEqual(complaints, [], script.read_text())

    def train(self, case, want):
        names = list(want['values'])
        args = ['--model-dir', str(self.folder / 'model'), *case.args]
        done = run([PYTHON, '-c', PROBE, str(self.scripts / 'train.py'), json.dumps(names), json.dumps(args)], cwd=self.folder, env=self.env)
        self.assertEqual(done.returncode, 0, done.stderr)
        got = json.loads((self.folder / 'out.json').read_text())
        for name in names:
            same = math.isclose(got[name], want['values'][name], rel_tol=1e-6) if isinstance(got[name], float) else got[name] == want['values'][name]
            self.assertTrue(same, f'{name}: {got[name]} instead of {want["values"][name]}')
        for line in want['stdout']:
            self.assertIn(line, done.stdout.splitlines())
        if want['once']:
            self.assertEqual(done.stdout.count(want['once']), 1, done.stdout)
        return done

    def infer(self, want):
        """inference.py in a new process and an empty folder: the notebook's own predictions."""
        empty = self.folder / 'empty'
        empty.mkdir()
        (empty / 'input.json').write_text(json.dumps({'instances': want['sample']}))
        code = self.folder / 'model' / 'code'  # serves by itself; beside the scripts only where no module of the notebook's is needed
        scripts = code if want['local_modules'] else self.scripts
        done = run([PYTHON, str(scripts / 'inference.py'), '--model-dir', str(self.folder / 'model'), '--input', 'input.json',
                    '--output', 'output.json'], cwd=empty, env=self.env)
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = json.loads((empty / 'output.json').read_text())
        self.assertEqual(answer['predictions'], want['predictions'])
        program = ('import sys; sys.path.insert(0, sys.argv[1]); import inference; m = inference.model_fn(sys.argv[2]); '
                   'import json; body, kind = inference.output_fn(inference.predict_fn(inference.input_fn(open("input.json").read(), '
                   '"application/json; charset=utf-8"), m), "application/json"); print(body if isinstance(body, str) else body.decode())')
        again = run([PYTHON, '-c', program, str(code), str(self.folder / 'model')], cwd=empty, env=self.env)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(json.loads(again.stdout)['predictions'], want['predictions'])

    def play(self, case):
        reference = run([PYTHON, str(HERE / 'kernel.py'), str(HERE / 'cases' / f'{case.name}.cells')], cwd=self.prepare(case), env=self.env)
        self.assertEqual(reference.returncode, 0, reference.stderr)
        want = json.loads(reference.stdout)
        want['local_modules'] = any(name.endswith('.py') for name in case.files)
        self.convert(case)
        self.train(case, want)
        metrics = json.loads((self.folder / 'model' / 'metrics.json').read_text())
        for name in want['metrics']:
            self.assertAlmostEqual(metrics[name], want['values'][name], places=6)
        for name in want['saved']:
            self.assertTrue((self.folder / 'model' / name).exists(), f'{name} is not in the model directory')
        self.infer(want)

    def prepare(self, case):
        """A folder for the kernel, with the case's files."""
        folder = self.folder / 'kernel'
        for name, content in case.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content)
        folder.mkdir(exist_ok=True)
        return folder


def add(case):
    def test(self):
        self.play(case)
    test.__doc__ = case.name
    setattr(Notebooks, 'test_' + case.name, test)


for one in cases(HERE / 'cases'):
    add(one)

if __name__ == '__main__':
    if not BINARY or not has_packages():
        print('skipped: needs NB_BINARY and a Python with scikit-learn, torch, pandas and matplotlib')
        sys.exit(77)
    unittest.main()
