"""The public notebooks of $NB_SHARED/notebooks/bulk.tar.gz, when they are at hand: each is read as Python's json reads it, or refused with
a message; cut off anywhere, each is refused."""
import json
import os
import random
import subprocess
import sys
import tarfile
import tempfile
import unittest

TOOL = os.path.join(os.environ.get('NB_BUILD_DIR', 'build/debug'), 'tool_notebook')
ARCHIVE = os.path.join(os.environ.get('NB_SHARED', ''), 'notebooks', 'bulk.tar.gz')
TYPES = {'heading': 'markdown', 'html': 'raw', 'code': 'code', 'markdown': 'markdown', 'raw': 'raw'}


def tool_says(paths, *options):
    done = subprocess.run([TOOL, *options, *paths], capture_output=True, check=False)
    assert done.returncode == 0, f'tool_notebook ended with {done.returncode}: {done.stderr.decode(errors="replace")[-2000:]}'
    return [json.loads(line) for line in done.stdout.splitlines()]


def text_of(cell):
    """The source as nbformat means it; half a surrogate pair is U+FFFD for us."""
    source = cell['source'] if 'source' in cell else cell.get('input', '')
    text = ''.join(source) if isinstance(source, list) else source or ''
    return ''.join('\ufffd' if '\ud800' <= c <= '\udfff' else c for c in text)


def tags_of(cell):
    tags = (cell.get('metadata') or {}).get('tags', [])
    tags = [tags] if isinstance(tags, str) else tags if isinstance(tags, list) else []
    return [tag for tag in tags if isinstance(tag, str)]


def cells_of(document):
    cells = document.get('cells')
    if cells is None:
        cells = [cell for sheet in document.get('worksheets', []) for cell in sheet.get('cells', [])]
    return [{'type': TYPES.get(cell.get('cell_type'), 'raw'), 'tags': tags_of(cell), 'source': text_of(cell)} for cell in cells]


def python_reads(path):
    try:
        with open(path, encoding='utf-8-sig', newline='') as file:
            return json.load(file)
    except (ValueError, RecursionError) as problem:
        return problem


class Bulk(unittest.TestCase):
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        with tarfile.open(ARCHIVE) as archive:
            for member in archive:
                if member.isfile() and member.name.endswith('.ipynb') and not member.name.startswith(('/', '..')):
                    archive.extract(member, cls.folder.name)
        found = (os.path.join(where, name) for where, _, names in os.walk(cls.folder.name) for name in names)
        cls.paths = sorted(path for path in found if path.endswith('.ipynb'))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_each_is_read_or_refused(self):
        self.assertGreater(len(self.paths), 300)
        read = 0
        for path, got in zip(self.paths, tool_says(self.paths)):
            document = python_reads(path)
            with self.subTest(os.path.basename(path)):
                if not got['ok']:
                    self.check_refusal(got['error'], document)
                    continue
                read += 1
                if isinstance(document, RecursionError):
                    continue
                self.assertIsInstance(document, dict)
                cells = [{'type': c['type'], 'tags': c['tags'], 'source': c['source']} for c in got['cells']]
                self.assertEqual(cells, cells_of(document))
                self.assertEqual(len(got['sha256']), 64)
        self.assertGreater(read, 300)

    def check_refusal(self, error, document):
        self.assertIn(error['code'], ('notebook', 'language'))
        self.assertTrue(all(message.startswith('cannot ') for message in error['messages']))
        if isinstance(document, dict):  # JSON, so the reason must be what it says
            self.assertRegex(error['messages'][-1], r'not Python|not a notebook|not supported|is not a list')
        else:
            self.assertTrue(error['hint'], error)

    def test_a_notebook_that_is_cut_off_is_refused(self):
        chance = random.Random(1)
        with tempfile.TemporaryDirectory() as folder:
            cut = []
            for number, path in enumerate(self.paths):
                with open(path, 'rb') as file:
                    data = file.read()
                if len(data) > 3_000_000 or isinstance(python_reads(path), ValueError):
                    continue
                cut.append(os.path.join(folder, f'{number}.ipynb'))
                with open(cut[-1], 'wb') as file:
                    file.write(data[:chance.randrange(len(data.rstrip()))])
            for got in tool_says(cut, '--brief'):
                self.assertFalse(got['ok'], got['path'])
                self.assertTrue(got['error']['hint'] or 'is not a list' in got['error']['messages'][-1], got)

    def test_reading_twice_gives_the_same(self):
        first, second = tool_says(self.paths, '--brief'), tool_says(self.paths, '--brief')
        self.assertEqual(first, second)


if __name__ == '__main__':
    if not os.path.exists(ARCHIVE):
        sys.exit(77)
    unittest.main()
