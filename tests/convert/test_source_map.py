"""The source map is exact: over real conversions, every line that it names is that line of the cell, and `where` leads there and back."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ['NB_SOURCE_DIR'])
BINARY = os.environ['NB_BINARY']
SHARED = pathlib.Path(os.environ.get('NB_SHARED') or '/nowhere')


def run(*words, cwd, status=0):
    done = subprocess.run([BINARY, *words], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    return done.stdout


def words(text):
    return set(re.findall(r'[A-Za-z_]\w*|\d+', text))


class SourceMap(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='nb-map-'))
        self.addCleanup(shutil.rmtree, self.folder)

    def lines(self, code, notebook):
        """(file, line, text, cell, cell line, text there or None) of every mapped line."""
        cells = [''.join(c['source']).split('\n') for c in json.loads(notebook.read_text())['cells']]
        for name, entry in json.loads((code / '.notebooked-map.json').read_text())['files'].items():
            script = (code / name).read_text().split('\n')
            for first, count, cell, cell_line in entry['lines']:
                for i in range(count):
                    source = cells[cell - 1]
                    there = source[cell_line - 1 + i] if cell_line + i <= len(source) else None
                    yield name, first + i, script[first - 1 + i], cell, cell_line + i, there

    def check(self, code, notebook):
        same = all_lines = 0
        for name, line, text, cell, cell_line, there in self.lines(code, notebook):
            where = f'{notebook.name}: {name}:{line} is cell {cell}, line {cell_line}'
            self.assertIsNotNone(there, where)
            all_lines += 1
            same += text.strip() == there.strip()
            if text.strip() != there.strip() and not text.strip() == 'pass':
                self.assertTrue(words(text) & words(there), f'{where}: {text!r}, {there!r}')
        self.assertGreater(all_lines, 0)
        self.assertGreaterEqual(same / all_lines, 0.7, f'{notebook.name}: most lines stay as they are')

    def test_example(self):
        shutil.copy(SOURCE / 'examples/iris/config.yaml', self.folder)
        shutil.copytree(SOURCE / 'examples/iris/notebooks', self.folder / 'notebooks')
        run('convert', 'iris', cwd=self.folder)
        notebook, code = self.folder / 'notebooks/iris.ipynb', self.folder / 'generated/iris'
        self.check(code, notebook)
        for name, line, _, cell, cell_line, _ in self.lines(code, notebook):
            there = json.loads(run('where', '--format', 'json', f'generated/iris/{name}:{line}', cwd=self.folder))
            self.assertEqual((there['cell'], there['cell_line'], there['changed']), (cell, cell_line, False))
            back = json.loads(run('where', '--format', 'json', f'iris.ipynb:{cell}:{cell_line}', cwd=self.folder))
            self.assertIn((f'generated/iris/{name}', line), [(b['path'], b['line']) for b in back['lines']])

    def test_copied_modules_lead_to_the_original(self):
        (self.folder / 'nb').mkdir()
        cell = {'cell_type': 'code', 'id': 'a', 'execution_count': None, 'metadata': {'tags': ['train']}, 'outputs': [],
                'source': ['import helper\n', 'model = helper.twice(1)']}
        (self.folder / 'nb/one.ipynb').write_text(json.dumps({'cells': [cell], 'metadata': {}, 'nbformat': 4, 'nbformat_minor': 5}))
        (self.folder / 'nb/helper.py').write_text('"""Doubles."""\n\n\ndef twice(x):\n    return 2 * x\n')
        (self.folder / 'config.yaml').write_text('experiments:\n  - name: one\n    notebook: nb/one.ipynb\n    model_variable: model\n')
        run('convert', cwd=self.folder)
        self.assertEqual(run('where', 'generated/one/helper.py:5', cwd=self.folder), 'nb/helper.py:5\n    return 2 * x\n')
        log = '  File "/opt/ml/code/helper.py", line 5, in twice\n    return 2 * x\n'
        done = subprocess.run([BINARY, 'trace'], cwd=self.folder, input=log, capture_output=True, text=True)
        self.assertEqual(done.stdout, '  File "nb/helper.py", line 5, in twice (helper.py:5)\n    return 2 * x\n')

    def test_runnable_notebooks(self):
        notebooks = sorted((SHARED / 'notebooks/runnable').rglob('*.ipynb'))
        if not notebooks:
            self.skipTest('no shared notebooks here')
        checked = 0
        for number, notebook in enumerate(notebooks):
            out = self.folder / str(number)
            subprocess.run([BINARY, 'convert', '-q', str(notebook), '--out', str(out)], cwd=self.folder, capture_output=True)
            for code in out.glob('*/'):
                self.check(code, notebook)
                checked += 1
        self.assertGreater(checked, 0)


if __name__ == '__main__':
    unittest.main()
