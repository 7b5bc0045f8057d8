"""Hundreds of public notebooks, as they are, with every code cell tagged, and with proposed tags: each converts, or is refused with a finding or an error that names a place; no
crash, no hang; what is generated compiles and has no undefined names beyond those that were reported."""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import unittest

SHARED = pathlib.Path(os.environ.get('NB_SHARED', ''))
ARCHIVE = SHARED / 'notebooks' / 'bulk.tar.gz'
BINARY = os.environ.get('NB_BINARY', '')
PYTHON = os.environ.get('NB_SYSTEM_PYTHON', '/usr/bin/python3')

CHECK = r'''
import sys
from pyflakes import api, messages, checker
import ast, json
out = {}
for path in sys.argv[1:]:
    text = open(path, encoding="utf-8").read()
    try:
        tree = compile(text, path, "exec", ast.PyCF_ONLY_AST)
        compile(text, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        out[path] = ["does not compile: %s" % error]
        continue
    found = checker.Checker(tree, path).messages
    names = [m for m in found if isinstance(m, (messages.UndefinedName, messages.UndefinedLocal))]
    out[path] = [str(m) for m in names]
print(json.dumps(out))
'''


def tag_all(source, target):
    """A copy whose code cells are all tagged `train`; False when the notebook cannot be read."""
    try:
        notebook = json.loads(source.read_bytes().decode('utf-8-sig'))
        cells = notebook['cells']
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    for cell in cells if isinstance(cells, list) else []:
        if isinstance(cell, dict) and cell.get('cell_type') == 'code':
            metadata = cell.get('metadata')
            cell['metadata'] = {**metadata, 'tags': ['train']} if isinstance(metadata, dict) else {'tags': ['train']}
    target.write_text(json.dumps(notebook))
    return True


class Bulk(unittest.TestCase):
    def convert(self, notebook, folder, arguments):
        done = subprocess.run([BINARY, '--format', 'json', 'convert', str(notebook), '--out', 'generated', *arguments], cwd=folder,
                              capture_output=True, timeout=60)
        self.assertIn(done.returncode, (0, 1), f'{notebook.name}: exit {done.returncode}: {done.stderr.decode(errors="replace")[-800:]}')
        answer = json.loads(done.stdout)
        if done.returncode:
            errors = [f for f in answer['findings'] if f['severity'] == 'error']
            self.assertTrue(errors or answer['error']['messages'], notebook.name)
        return done.returncode == 0, answer

    def check(self, folder, reported):
        scripts = [str(p) for p in pathlib.Path(folder, 'generated').rglob('*.py')]
        problems = []
        for start in range(0, len(scripts), 60):
            done = subprocess.run([PYTHON, '-W', 'ignore', '-c', CHECK, *scripts[start:start + 60]], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            for path, found in json.loads(done.stdout).items():
                for message in found:
                    name = re.search(r"undefined name '(\w+)'", message)
                    if not name or name[1] not in reported:
                        problems.append(message)
        self.assertEqual(problems, [], '\n'.join(problems))
        return len(scripts)

    def all(self, prepare, *arguments):
        with tempfile.TemporaryDirectory(prefix='bulk ') as folder:
            folder = pathlib.Path(folder)
            with tarfile.open(ARCHIVE) as archive:
                archive.extractall(folder)
            reported, converted, count, codes = set(), 0, 0, collections.Counter()
            for source in sorted(folder.rglob('*.ipynb')):
                if source.name.startswith('tagged-'):
                    continue
                notebook = source
                if prepare:
                    notebook = source.with_name('tagged-' + source.name)
                    if not prepare(source, notebook):
                        continue
                good, answer = self.convert(notebook, folder, arguments)
                count += 1
                converted += good
                codes.update({finding['code'] for finding in answer['findings'] if finding['severity'] == 'error'})
                for finding in answer['findings']:
                    if finding['slug'] in ('star-import', 'missing-name'):
                        reported |= set(re.findall(r"'(\w+)'", finding['message']))
            scripts = self.check(folder, reported)
        print(f'{converted} of {count} notebooks converted, {scripts} scripts checked; notebooks with an error:',
              ', '.join(f'{code} {number}' for code, number in codes.most_common()))
        return converted

    def test_as_they_are(self):
        self.all(None)

    def test_with_every_cell_tagged(self):
        self.assertGreater(self.all(tag_all), 20)

    def test_with_proposed_tags(self):
        self.assertGreater(self.all(None, '--auto-tag'), 30)


if __name__ == '__main__':
    if not ARCHIVE.exists() or not BINARY:
        print('skipped: needs $NB_SHARED with notebooks/bulk.tar.gz, and NB_BINARY')
        sys.exit(77)
    unittest.main()
