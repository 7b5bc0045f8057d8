"""The example keeps its word: its tagged cells, run as plain Python, print and answer what the saved outputs say, and so do the scripts
that are made of it."""
import ast
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

EXAMPLES = pathlib.Path(os.environ['NB_SOURCE_DIR'], 'examples')

# Run by a Python that has scikit-learn: cells in, what each printed and the value of an expression out.
RUN = '''
import contextlib, io, json, sys
cells, expression = json.load(sys.stdin)
names, printed = {"__name__": "__main__"}, []
for cell in cells:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(cell, names)
    printed.append(out.getvalue())
json.dump([printed, eval(expression, names)], sys.stdout)
'''


def python_with_sklearn():
    for python in dict.fromkeys(['/usr/bin/python3', sys.executable]):
        probe = subprocess.run([python, '-c', 'import sklearn, pandas, matplotlib'], capture_output=True, check=False)
        if probe.returncode == 0:
            return python
    return None


def source(cell):
    text = ''.join(cell['source'])
    return '\n'.join(line for line in text.split('\n') if not line.startswith('%'))


def shown(cell):
    """What the cell printed, without the times that %%time adds; and the text of its value."""
    text, value = '', None
    for output in cell['outputs']:
        if output['output_type'] == 'stream':
            text += ''.join(output['text'])
        elif output['output_type'] == 'execute_result':
            value = ''.join(output['data']['text/plain'])
    lines = [line for line in text.splitlines() if line and not line.startswith(('CPU times', 'Wall time'))]
    return lines, value


def read(path):
    return json.loads(path.read_text(encoding='utf-8'))


def code_cells():
    """All code cells of the notebook, and the tagged ones that run."""
    code = [c for c in read(EXAMPLES / 'iris/notebooks/iris.ipynb')['cells'] if c['cell_type'] == 'code']
    return code, [c for c in code if set(c['metadata'].get('tags', [])) - {'requirements'}]


class Iris(unittest.TestCase):
    def setUp(self):
        self.python = python_with_sklearn()

    def run_ok(self, *command, **options):
        out = subprocess.run(command, capture_output=True, text=True, check=False,
                             env={**os.environ, 'MPLBACKEND': 'Agg', 'NO_COLOR': '1'}, **options)
        self.assertEqual(out.returncode, 0, f'{command}\n{out.stdout}{out.stderr}')
        return out

    def test_saved_outputs(self):
        if not self.python:
            self.skipTest('no Python with scikit-learn')
        code, tagged = code_cells()
        question = source(code[-1])
        out = self.run_ok(self.python, '-c', RUN, input=json.dumps([[source(c) for c in tagged], question]))
        printed, answer = json.loads(out.stdout)
        for cell, text in zip(tagged, printed):
            self.assertEqual(text.splitlines(), shown(cell)[0], ''.join(cell['source']))
        self.assertEqual(answer, ast.literal_eval(shown(code[-1])[1]))

    def test_scripts_do_what_the_notebook_does(self):
        if not self.python:
            self.skipTest('no Python with scikit-learn')
        code, tagged = code_cells()
        train = next(c for c in tagged if 'train' in c['metadata']['tags'])
        wanted = dict(zip(('accuracy', 'macro_f1'), re.findall(r'\d\.\d+', shown(train)[0][0])))
        with tempfile.TemporaryDirectory() as folder:
            project = pathlib.Path(shutil.copytree(EXAMPLES / 'iris', pathlib.Path(folder, 'iris'),
                                                   ignore=shutil.ignore_patterns('generated', 'models', '.notebooked')))
            scripts, model = project / 'generated/iris', project / 'model'
            told = self.run_ok(os.environ['NB_BINARY'], 'convert', 'iris', cwd=project)
            self.assertNotIn('warning', told.stderr)
            printed = self.run_ok(self.python, scripts / 'train.py', '--model-dir', model, cwd=project / 'notebooks').stdout
            for cell in tagged:
                for line in shown(cell)[0]:
                    self.assertIn(line, printed.splitlines())
            metrics = read(model / 'metrics.json')
            self.assertEqual({name: f'{value:.3f}' for name, value in metrics.items()}, wanted)
            answer = self.run_ok(self.python, scripts / 'inference.py', '--model-dir', model, '--input', project / 'sample.json',
                                 cwd=project).stdout
        self.assertEqual(json.loads(answer)['predictions'], ast.literal_eval(shown(code[-1])[1]))

    def test_requirements_run_the_scripts(self):
        """What `make demo` installs is what the notebook asks for."""
        asked = re.findall(r'"([^"]+)"', ''.join(code_cells()[0][0]['source']))
        lines = (EXAMPLES / 'requirements.txt').read_text(encoding='utf-8').splitlines()
        self.assertEqual(sorted(asked), sorted(line for line in lines if line and not line.startswith('#')))

    def test_sample_asks_what_the_notebook_asks(self):
        self.assertIn(str(read(EXAMPLES / 'iris/sample.json')['instances']), ''.join(code_cells()[0][-1]['source']))

    def test_small(self):
        for path in EXAMPLES.rglob('*.ipynb'):
            if '.venv' not in path.parts:
                self.assertLess(path.stat().st_size, 64 * 1024, path)


if __name__ == '__main__':
    unittest.main()
