"""Notebooks whose tags were taken away: `convert --auto-tag` gives scripts that reach the same metrics, and the proposed sections are compared with the tags
that people had set.

Reference are the measured values of each case, or, where this machine's libraries give others, what the tagged notebook's train.py gives here. Prints a table:
cells with exactly the same sections, cells that agree about whether they are exported at all, and whether the metrics were reached.
"""
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'convert'))
from notebooks import cases  # noqa: E402

SHARED = pathlib.Path(os.environ.get('NB_SHARED', ''))
RUNNABLE = SHARED / 'notebooks' / 'runnable'
BINARY = os.environ.get('NB_BINARY', '')
TOOL = pathlib.Path(os.environ.get('NB_BUILD_DIR', '')) / 'tool_propose'
PYTHON = os.environ.get('NB_SYSTEM_PYTHON', '/usr/bin/python3')
OURS = {'imports', 'parameters', 'preprocess', 'model', 'train', 'inference', 'utils', 'requirements', 'skip'}

PROBE = r'''
import json, os, runpy, sys
script, wanted = sys.argv[1], json.loads(sys.argv[2])
sys.argv = [script] + json.loads(sys.argv[3])
space = runpy.run_path(script, run_name="__main__")
values = {}
for name, expression in wanted.items():
    try:
        values[name] = float(eval(expression, space))
    except Exception as error:
        values[name] = f"{type(error).__name__}: {error}"
with open(os.environ["NB_OUT"], "w") as f:
    json.dump(values, f)
'''


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=600, **options)


def has_packages():
    return run([PYTHON, '-c', 'import sklearn, torch, pandas, matplotlib, seaborn, xgboost']).returncode == 0


def strip_tags(path):
    """Takes every tag away; the tags of ours that the cells had, by cell number."""
    notebook = json.loads(path.read_text())
    tags = {}
    for number, cell in enumerate(notebook['cells'], 1):
        if cell['cell_type'] == 'code':
            tags[number] = sorted(OURS.intersection(cell['metadata'].pop('tags', [])) - {'skip'})
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1))
    return tags


def proposals(path):
    done = run([str(TOOL), str(path)])
    return {cell['cell']: cell for cell in json.loads(done.stdout)['cells']}


class Folder:
    """A copy of a case, converted and run."""

    def __init__(self, source, folder, arguments):
        self.expect = json.loads((source / 'expect.json').read_text())
        self.folder = folder
        shutil.copytree(source, folder, dirs_exist_ok=True)
        for path in folder.rglob('*'):
            path.chmod(0o755 if path.is_dir() else 0o644)
        self.notebook = folder / self.expect['notebook']
        self.arguments = arguments

    def train(self):
        """(values of the metrics' expressions, what was printed); raises what went wrong."""
        config = self.folder / 'config.yaml'
        config.write_text(json.dumps({'mlflow': {'tracking_uri': ''}, 'experiments': [{'name': 'case', 'notebook': self.expect['notebook']}]}))
        done = run([BINARY, '--config', str(config), 'convert', 'case', *self.arguments], cwd=self.folder)
        if done.returncode:
            raise AssertionError('convert: ' + done.stderr[-1500:])
        out = self.folder / 'metrics.out'
        env = {**os.environ, 'MPLBACKEND': 'Agg', 'OMP_NUM_THREADS': '1', 'NOTEBOOKED_TRACKING': 'off', 'NB_OUT': str(out)}
        for key, value in self.expect['run'].get('env', {}).items():
            env[key] = str(self.folder / value) if key == 'PYTHONPATH' else value
        wanted = {m['name']: m['expr'] for m in self.expect['metrics']}
        script = self.folder / 'generated' / 'case' / 'train.py'
        model = json.dumps(['--model-dir', str(self.folder / 'model')])
        done = run([PYTHON, '-c', PROBE, str(script), json.dumps(wanted), model], cwd=self.folder / self.expect['run'].get('cwd', '.'), env=env)
        if done.returncode:
            raise AssertionError('train.py: ' + done.stderr[-1500:])
        return json.loads(out.read_text()), done.stdout

    def differences(self, values, printed, measured=None):
        """What is not as expected; `measured`: values of this machine to be reached instead."""
        wrong = []
        for m in self.expect['metrics']:
            value, wanted = values[m['name']], (measured or {}).get(m['name'], m.get('value'))
            if isinstance(value, str) or math.isnan(value):
                wrong.append(f"{m['name']}: {value}")
            elif wanted is not None and m.get('deterministic', True) and 'value' in m:
                if abs(value - wanted) > m.get('abs_tol', 1e-4):
                    wrong.append(f"{m['name']} = {value}, wanted {wanted}")
            elif 'min' in m and not m['min'] - 1e-12 <= value <= m['max'] + 1e-12:
                wrong.append(f"{m['name']} = {value}, wanted {m['min']}..{m['max']}")
        if measured is None:
            wrong += [f'not printed: {line}' for line in self.expect.get('stdout_lines', []) if line not in printed]
            wrong += [f'not printed: /{p}/' for p in self.expect.get('stdout_patterns', []) if not re.search(p, printed)]
        return wrong


class Quality(unittest.TestCase):
    def reach(self, source, folder):
        """What keeps the untagged notebook's script from the tagged one's metrics; and the tags and proposals of its cells."""
        untagged = Folder(source, folder / 'untagged', ['--auto-tag'])
        tags, got = strip_tags(untagged.notebook), proposals(untagged.notebook)
        try:
            values, printed = untagged.train()
            wrong = untagged.differences(values, printed)
            if wrong:
                measured, _ = Folder(source, folder / 'tagged', []).train()
                wrong = untagged.differences(values, printed, measured)
        except AssertionError as error:
            wrong = [str(error)]
        return wrong, tags, got

    def test_runnable_notebooks(self):
        if not RUNNABLE.is_dir():
            self.skipTest('no $NB_SHARED/notebooks/runnable')
        rows, failed = [], []
        sums = [0, 0, 0]
        for source in sorted(RUNNABLE.glob('s*/')):
            with tempfile.TemporaryDirectory(prefix='nb untagged ') as folder:
                wrong, tags, got = self.reach(source, pathlib.Path(folder))
            same = sum(sorted(got[n]['sections']) == tags[n] for n in tags)
            exported = sum(bool(got[n]['sections']) == bool(tags[n]) for n in tags)
            rows.append((source.name, len(tags), same, exported, 'yes' if not wrong else 'NO: ' + '; '.join(wrong)))
            sums = [a + b for a, b in zip(sums, (len(tags), same, exported))]
            if wrong:
                failed.append(source.name)
        for row in [('notebook', 'cells', 'same sections', 'same export', 'same metrics'), *rows, ('all', *sums, f'{len(rows) - len(failed)} of {len(rows)}')]:
            print(f'{row[0]:26} {row[1]:>5} {row[2]:>13} {row[3]:>11}  {row[4]}')
        self.assertEqual(failed, [])
        self.assertGreater(sums[1], 0.9 * sums[0])


class Own(unittest.TestCase):
    """Our own notebooks, written with tags, do without them."""

    def metrics(self, case, folder, arguments):
        folder.mkdir()
        case.write(folder)
        tags = strip_tags(folder / 'notebook.ipynb') if arguments else {}
        del tags
        env = {**os.environ, 'MPLBACKEND': 'Agg', 'OMP_NUM_THREADS': '1', 'NOTEBOOKED_TRACKING': 'off', 'NB_TEST_FLAG': ''}
        done = run([BINARY, 'convert', 'case', *arguments], cwd=folder, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = run([PYTHON, str(folder / 'generated/case/train.py'), '--model-dir', str(folder / 'model'), *case.args], cwd=folder, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads((folder / 'model' / 'metrics.json').read_text())


def add(case):
    def test(self):
        with tempfile.TemporaryDirectory(prefix='nb own ') as folder:
            tagged = self.metrics(case, pathlib.Path(folder) / 'tagged', [])
            untagged = self.metrics(case, pathlib.Path(folder) / 'untagged', ['--auto-tag'])
        self.assertEqual({k: untagged.get(k) for k in tagged}, tagged)
    test.__doc__ = case.name
    setattr(Own, 'test_' + case.name, test)


for one in cases(HERE.parent / 'convert' / 'cases'):
    add(one)

if __name__ == '__main__':
    if not BINARY or not has_packages():
        print('skipped: needs NB_BINARY and a Python with scikit-learn, torch, pandas, matplotlib, seaborn and xgboost')
        sys.exit(77)
    unittest.main()
