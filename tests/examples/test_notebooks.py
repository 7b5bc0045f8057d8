"""The example notebooks hold what they show: their tagged cells, run as plain Python, print and answer what the saved outputs say."""
import ast
import json
import os
import pathlib
import subprocess
import sys
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


class Notebooks(unittest.TestCase):
    def test_saved_outputs(self):
        python = python_with_sklearn()
        if not python:
            self.skipTest('no Python with scikit-learn')
        notebook = json.loads((EXAMPLES / 'iris/notebooks/iris.ipynb').read_text(encoding='utf-8'))
        code = [c for c in notebook['cells'] if c['cell_type'] == 'code']
        tagged = [c for c in code if set(c['metadata'].get('tags', [])) - {'requirements'}]
        question = source(code[-1])
        out = subprocess.run([python, '-c', RUN], input=json.dumps([[source(c) for c in tagged], question]),
                             capture_output=True, text=True, env={**os.environ, 'MPLBACKEND': 'Agg'}, check=False)
        self.assertEqual(out.returncode, 0, out.stderr)
        printed, answer = json.loads(out.stdout)
        for cell, text in zip(tagged, printed):
            self.assertEqual(text.splitlines(), shown(cell)[0], ''.join(cell['source']))
        self.assertEqual(answer, ast.literal_eval(shown(code[-1])[1]))

    def test_sample_asks_what_the_notebook_asks(self):
        notebook = json.loads((EXAMPLES / 'iris/notebooks/iris.ipynb').read_text(encoding='utf-8'))
        sample = json.loads((EXAMPLES / 'iris/sample.json').read_text(encoding='utf-8'))
        self.assertIn(str(sample['instances']), ''.join(notebook['cells'][-1]['source']))

    def test_small(self):
        for path in EXAMPLES.rglob('*.ipynb'):
            if '.venv' not in path.parts:
                self.assertLess(path.stat().st_size, 64 * 1024, path)


if __name__ == '__main__':
    unittest.main()
