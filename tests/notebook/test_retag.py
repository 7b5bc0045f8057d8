"""Tags written into notebook files: Python's json sees the new tags and nothing else different, whatever the layout; where json.dumps() wrote
the file, it would write the result just so; and one change touches one place. On notebooks of our own, and on the public ones of
$NB_SHARED/notebooks/bulk.tar.gz, when they are at hand."""
import copy
import json
import os
import random
import re
import subprocess
import tarfile
import tempfile
import unittest

TOOL = os.path.join(os.environ.get('NB_BUILD_DIR', 'build/debug'), 'tool_retag')
ARCHIVE = os.path.join(os.environ.get('NB_SHARED', ''), 'notebooks', 'bulk.tar.gz')
SECTIONS = ['imports', 'parameters', 'utils', 'preprocess', 'model', 'train', 'inference', 'skip']
LAYOUTS = [{'indent': 1}, {'indent': 2}, {'indent': 4, 'ensure_ascii': True}, {'indent': '\t'}, {}, {'separators': (',', ':')}]


def dump(document, layout):
    return json.dumps(document, **{'sort_keys': True, 'ensure_ascii': False, **layout})


def cells_of(document):
    cells = document.get('cells')
    return [c for sheet in document.get('worksheets', []) for c in sheet.get('cells', [])] if cells is None else cells


def tags_of(cell):
    tags = (cell.get('metadata') or {}).get('tags')
    tags = [tags] if isinstance(tags, str) else tags if isinstance(tags, list) else []
    return [tag for tag in tags if isinstance(tag, str)]


def own_notebook(chance):
    """Cells with all kinds of metadata."""
    def metadata():
        kinds = [{}, {'tags': []}, {'tags': ['train']}, {'tags': ['hide-input', 'café', 'a"b\\']}, {'collapsed': True}, {'zz': {'tags': ['no']}},
                 {'a': 1, 'tags': ['x'], 'z': [1, {'tags': []}]}, {'jupyter': {'source_hidden': True}, 'vscode': {'languageId': 'python'}}]
        return copy.deepcopy(chance.choice(kinds))
    cells = [{'cell_type': chance.choice(['code', 'markdown']), 'metadata': metadata(), 'source': ['x = "[{\\n', '}"'], 'outputs': [{'metadata': {'tags': ['o']}}]}
             for _ in range(chance.randrange(1, 9))]
    for cell in cells:
        if chance.random() < 0.1:
            del cell['metadata']
    return {'cells': cells, 'metadata': {'tags': ['n']}, 'nbformat': 4, 'nbformat_minor': 4}


def choose(chance, document):
    """New tags for some cells: more, fewer, none."""
    changes = []
    for number, cell in enumerate(cells_of(document), 1):
        if chance.random() < 0.6:
            continue
        tags = [t for t in tags_of(cell) if chance.random() < 0.7] + chance.sample(SECTIONS, chance.randrange(3))
        changes.append({'cell': number, 'tags': list(dict.fromkeys(tags))})
    return changes


def changed(document, changes):
    """What the result must be to json. No tags where there were none: nothing is added."""
    document = copy.deepcopy(document)
    cells = cells_of(document)
    for change in changes:
        cell = cells[change['cell'] - 1]
        if change['tags'] != tags_of(cell):
            cell['metadata'] = {**(cell.get('metadata') or {}), 'tags': change['tags']}
    return document


class Retag(unittest.TestCase):
    maxDiff = 2000

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.chance = random.Random(7)
        self.jobs = []

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def plan(self, data, changes):
        name = self.path(str(len(self.jobs)))
        with open(name, 'wb') as file:
            file.write(data)
        self.jobs.append({'path': name, 'out': name + '.out', 'changes': changes})

    def run_jobs(self):
        """Each result as bytes, or the error."""
        lines = '\n'.join(map(json.dumps, self.jobs)) + '\n'
        done = subprocess.run([TOOL], input=lines, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(answers), len(self.jobs))
        for job, answer in zip(self.jobs, answers):
            if not answer['ok']:
                yield answer
                continue
            with open(job['out'], 'rb') as file:
                yield file.read()

    def test_json_would_write_the_same(self):
        wants = []
        for _ in range(300):
            document, layout = own_notebook(self.chance), self.chance.choice(LAYOUTS)
            changes = choose(self.chance, document)
            end = self.chance.choice(['', '\n'])
            self.plan((dump(document, layout) + end).encode(), changes)
            wants.append(dump(changed(document, changes), layout) + end)
        for job, got, want in zip(self.jobs, self.run_jobs(), wants):
            self.assertEqual(got.decode(), want, job)

    def test_carriage_returns_stay(self):
        for _ in range(50):
            document = own_notebook(self.chance)
            self.plan(dump(document, {'indent': 1}).replace('\n', '\r\n').encode(), [{'cell': 1, 'tags': ['train', 'model']}])
        for got in self.run_jobs():
            self.assertEqual(got.count(b'\n'), got.count(b'\r\n'))

    def bulk(self):
        if not os.path.exists(ARCHIVE):
            self.skipTest('no public notebooks at hand')
        with tarfile.open(ARCHIVE) as archive:
            for member in archive:
                if member.isfile() and member.name.endswith('.ipynb'):
                    data = archive.extractfile(member).read()
                    try:
                        document = json.loads(data.decode('utf-8-sig'))
                    except (ValueError, RecursionError):
                        continue
                    if isinstance(document, dict) and len(data) < 5_000_000:
                        yield data, document

    def test_public_notebooks_have_the_tags_and_no_other_change(self):
        documents, done = [], 0
        for data, document in self.bulk():
            documents.append(document)
            self.plan(data, choose(self.chance, document))
        for job, got, document in zip(self.jobs, self.run_jobs(), documents):
            if isinstance(got, dict):
                self.assertIn(got['code'], ('notebook', 'language'), got)
                self.assertRegex(got['message'], 'not Python|cannot read')
                continue
            done += 1
            with self.subTest(job['path']):
                self.assertEqual(json.loads(got.decode('utf-8-sig')), changed(document, job['changes']))
        self.assertGreater(done, 300)

    def test_one_change_in_a_public_notebook_is_one_place(self):
        before, had = [], []
        for data, document in self.bulk():
            cells = cells_of(document)
            if not cells:
                continue
            number = self.chance.randrange(len(cells)) + 1
            had.append(tags_of(cells[number - 1]))
            before.append(data)
            self.plan(data, [{'cell': number, 'tags': ['train']}])
        for old, got, tags in zip(before, self.run_jobs(), had):
            if isinstance(got, dict):
                continue
            front = len(os.path.commonprefix([old, got]))
            back = len(os.path.commonprefix([old[front:][::-1], got[front:][::-1]]))
            gone, new = old[front:len(old) - back], got[front:len(got) - back]
            if not tags:
                self.assertEqual(gone.strip(b' \t\r\n'), b'')
            self.assertLess(len(new), 200)
            self.assertLessEqual(len(gone), len(json.dumps(tags or []) * 3))
            self.assertNotRegex(new, re.compile(rb'source|outputs'))

    def test_public_notebooks_are_laid_out_as_json_would(self):
        wants = []
        for _, document in self.bulk():
            layout, changes = self.chance.choice(LAYOUTS), choose(self.chance, document)
            text = dump(document, layout)
            try:
                data = text.encode()
            except UnicodeEncodeError:  # half a surrogate pair
                continue
            self.plan(data, changes)
            wants.append(dump(changed(document, changes), layout))
        for got, want in zip(self.run_jobs(), wants):
            if not isinstance(got, dict):
                self.assertEqual(got.decode(), want)


if __name__ == '__main__':
    unittest.main()
