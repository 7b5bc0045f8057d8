"""`notebooked tag` on the public notebooks of $NB_SHARED/notebooks/bulk.tar.gz, when they are at hand: each gets its tags or a message; the file has these
tags and is the same otherwise; what cannot be read is left alone; and tagging again finds nothing to do."""
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import unittest

BINARY = os.environ.get('NB_BINARY', 'build/debug/notebooked')
ARCHIVE = os.path.join(os.environ.get('NB_SHARED', ''), 'notebooks', 'bulk.tar.gz')
SECTIONS = {'imports', 'parameters', 'utils', 'preprocess', 'model', 'train', 'inference', 'requirements'}


def tag(folder, *options):
    done = subprocess.run([BINARY, 'tag', '--format', 'json', *options, '.'], cwd=folder, capture_output=True)
    assert done.returncode in (0, 1), done.stderr[-2000:]
    return {n['path']: n for n in json.loads(done.stdout)['notebooks']}


def read(path):
    return json.loads(path.read_bytes().decode('utf-8-sig'))


def cells_of(document):
    cells = document.get('cells')
    return [c for sheet in document.get('worksheets', []) for c in sheet.get('cells', [])] if cells is None else cells


def digests(paths):
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


class Tag(unittest.TestCase):
    maxDiff = 2000

    def test_bulk(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            with tarfile.open(ARCHIVE) as archive:
                for member in archive:
                    if member.isfile() and member.name.endswith('.ipynb') and not member.name.startswith(('/', '..')):
                        archive.extract(member, folder)
            paths = sorted(root.rglob('*.ipynb'))
            before, documents = digests(paths), {}
            for path in paths:
                try:
                    documents[str(path.relative_to(root))] = read(path)
                except (ValueError, RecursionError):
                    pass
            dry = tag(folder)
            self.assertEqual(digests(paths), before)
            written = tag(folder, '--write')
            self.assertEqual(set(written), set(dry))
            self.assertGreater(len(written), 300)
            self.check_files(root, documents, written)
            for path in paths:
                name = str(path.relative_to(root))
                if name not in written or not written[name]['written']:
                    self.assertEqual(digests([path])[str(path)], before[str(path)], name)
            self.assertEqual({n['changes'] for n in tag(folder, '--write').values()}, {0})

    def check_files(self, root, documents, written):
        tagged = 0
        for name, notebook in written.items():
            with self.subTest(name):
                document = documents.get(name)
                if document is None:  # Python gives up on its depth
                    continue
                cells = cells_of(document)
                for row in notebook['cells']:
                    if row['tags'] is None:
                        continue
                    self.assertLessEqual(set(row['sections']), SECTIONS)
                    cell = cells[row['cell'] - 1]
                    cell['metadata'] = {**(cell.get('metadata') or {}), 'tags': row['tags']}
                    tagged += 1
                self.assertEqual(read(root / name), document)
        self.assertGreater(tagged, 1000)


if __name__ == '__main__':
    if not os.path.exists(ARCHIVE):
        sys.exit(77)
    unittest.main()
