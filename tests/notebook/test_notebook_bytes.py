"""The byte-level notebook vectors of the design, when they are at hand ($NB_SHARED/magics/notebook-bytes-vectors.json).
The project's own cases of the same kind: tests/unit/notebook/test_notebook.c."""
import base64
import json
import os
import subprocess
import sys
import tempfile
import unittest

TOOL = os.path.join(os.environ.get('NB_BUILD_DIR', 'build/debug'), 'tool_notebook')
VECTORS = os.path.join(os.environ.get('NB_SHARED', ''), 'magics', 'notebook-bytes-vectors.json')

# What our message says for each kind of error that the vectors name.
WORDS = {
    'not-utf8': 'not UTF-8', 'invalid-utf8': 'not UTF-8', 'unsupported-nbformat': 'not supported', 'not-a-notebook': 'not a notebook',
    'json-syntax': '', 'empty-file': 'it is empty', 'html-page': 'web page', 'git-lfs-pointer': 'LFS pointer', 'not-python': 'not Python',
}
HINTS = {'merge-conflict': 'git', 'html-page': 'raw file', 'git-lfs-pointer': 'git lfs pull', 'trailing-comma': 'remove this comma'}


class Vectors(unittest.TestCase):
    maxDiff = None

    def test_vectors(self):
        with open(VECTORS, encoding='utf-8') as file:
            vectors = json.load(file)
        self.assertEqual(len(vectors), 27)
        for vector in vectors:
            with self.subTest(vector['name']), tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, vector['name'] + '.ipynb')
                with open(path, 'wb') as file:
                    file.write(base64.b64decode(vector['notebook_base64']))
                done = subprocess.run([TOOL, path], capture_output=True, check=True)
                self.check(vector, json.loads(done.stdout))

    def check(self, vector, got):
        self.assertEqual(got['ok'], vector['ok'], got)
        if not vector['ok']:
            self.assertIn(WORDS[vector['error']], got['error']['messages'][-1])
            self.assertIn(HINTS.get(vector['name'], ''), got['error']['hint'] or '')
            if vector['error'] in ('json-syntax', 'invalid-utf8'):
                self.assertGreater(got['error']['line'], 0)
            return
        cells = [{'index': c['number'] - 1, 'type': c['type'], 'tags': c['tags'], 'source': c['source']} for c in got['cells']]
        for cell in vector['cells']:  # headings are text for us
            cell['type'] = 'markdown' if cell['type'] == 'heading' else cell['type']
        self.assertEqual(cells, vector['cells'])
        self.assertEqual(sorted(d['slug'] for d in got['diagnostics']), sorted(vector['diagnostics']))


if __name__ == '__main__':
    if not os.path.exists(VECTORS):
        sys.exit(77)
    unittest.main()
