"""`check` over many notebooks: order, memory and exit status, whatever the number of threads; a terminal; files that cannot be read; nothing is written."""
import hashlib
import json
import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import tarfile
import tempfile
import unittest

BINARY = os.path.abspath(os.environ.get('NB_BINARY', ''))
ARCHIVE = pathlib.Path(os.environ.get('NB_SHARED', '')) / 'notebooks' / 'bulk.tar.gz'
SANITIZED = 'asan' in os.environ.get('NB_BUILD_DIR', '')


def check(folder, *words, statuses=(0, 1)):
    done = subprocess.run([BINARY, 'check', *map(str, words)], cwd=folder, capture_output=True, timeout=900)
    assert done.returncode in statuses, f'{words}: exit {done.returncode}: {done.stderr.decode(errors="replace")[-2000:]}'
    return done


def notebook(*sources, tags=('train',)):
    cells = [{'cell_type': 'code', 'execution_count': i + 1, 'metadata': {'tags': list(tags)}, 'outputs': [], 'source': source}
             for i, source in enumerate(sources)]
    return json.dumps({'cells': cells, 'metadata': {}, 'nbformat': 4, 'nbformat_minor': 4})


def peak_kb(folder, *words):
    """The largest resident set of the program."""
    code = 'import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); ' \
           'print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)'
    return int(subprocess.run([sys.executable, '-c', code, BINARY, 'check', *map(str, words)], cwd=folder, capture_output=True, check=True).stdout)


class Made(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix='nb check ')))

    def make(self, count, size=1):
        for i in range(count):
            path = self.folder / f'n{i % 7}' / f'{i:04}.ipynb'
            path.parent.mkdir(exist_ok=True)
            path.write_text(notebook(*[f'x{k} = wrong{i}\n%timeit x\n' for k in range(size if i % 5 else 10 * size)]))

    def test_order_does_not_depend_on_threads(self):
        self.make(120)
        for form in ('concise', 'json', 'sarif', 'gitlab', 'junit'):
            outputs = {check(self.folder, '-v', '-j', jobs, '--output-format', form, '.').stdout for jobs in (1, 2, 3, 16, 64)}
            self.assertEqual(len(outputs), 1, form)
        text = check(self.folder, '-j', 16, '--output-format', 'concise', '.').stdout.decode()
        paths = [line.split(':')[0] for line in text.splitlines()]
        self.assertEqual(paths, sorted(paths))
        self.assertEqual(len(set(paths)), 120)

    @unittest.skipIf(SANITIZED, 'the sanitizers need memory of their own')
    def test_memory_does_not_grow_with_their_number(self):
        self.make(40, size=20)
        few = peak_kb(self.folder, '-v', '--output-format', 'json', '.')
        self.make(800, size=20)
        self.assertLess(peak_kb(self.folder, '-v', '--output-format', 'json', '.'), 1.5 * few)

    def test_nothing_is_written(self):
        self.make(10)
        (self.folder / 'config.yaml').write_text('experiments: [{name: a, notebook: n0/0000.ipynb}]\n')

        def state():
            return {p: (p.stat().st_mtime_ns, p.read_bytes() if p.is_file() else None) for p in self.folder.rglob('*')}
        before = state()
        for words in ((), ('a',), ('.',), ('n1/0001.ipynb',)):
            check(self.folder, *words)
        self.assertEqual(state(), before)

    def test_progress_is_for_terminals(self):
        self.make(300, size=20)
        self.assertNotIn(b'\r', check(self.folder, '-j', 1, '.').stderr)
        leader, follower = pty.openpty()
        with subprocess.Popen([BINARY, 'check', '-j', '1', '--select', 'NB008', '.'], cwd=self.folder, stdout=subprocess.PIPE, stderr=follower) as done:
            os.close(follower)
            shown = b''
            while True:
                if not select.select([leader], [], [], 60)[0]:
                    break
                try:
                    shown += os.read(leader, 65536)
                except OSError:
                    break
            done.communicate()
        os.close(leader)
        if b'notebooks checked' in shown: # a fast machine is done before the first one
            self.assertRegex(shown, rb'\r\d+ notebooks checked, \d+ with errors')
            self.assertRegex(shown, rb'\r\x1b\[K300 notebooks in ')

    def test_bad_files_do_not_stop_the_others(self):
        self.make(8)
        bad = {'n0/empty.ipynb': b'', 'n0/html.ipynb': b'<html></html>', 'n1/cut.ipynb': b'{"cells": [{"cell_type": "code", "source": ["x', 'n2/utf.ipynb': b'\xff\xfe{}',
               'n3/deep.ipynb': b'[' * 100000, 'n4/list.ipynb': b'[]', 'n5/number.ipynb': b'{"cells": 7}'}
        for name, content in bad.items():
            (self.folder / name).write_bytes(content)
        (self.folder / 'n6/fifo.ipynb').unlink(missing_ok=True)
        os.mkfifo(self.folder / 'n6/fifo.ipynb')
        (self.folder / 'n6/dangling.ipynb').symlink_to('nowhere')
        findings = json.loads(check(self.folder, '--format', 'json', '.', statuses=(1,)).stdout)
        self.assertEqual({f['path'] for f in findings['findings'] if f['code'] == 'NB009'}, set(bad))
        self.assertEqual(findings['summary']['unreadable'], len(bad))
        self.assertEqual(findings['summary']['notebooks'], 8 + len(bad))
        for name in ('n6/fifo.ipynb', 'n6/dangling.ipynb', 'n6'):
            status = check(self.folder, '--select', 'NB008', name).returncode
            self.assertEqual(status, 0 if name == 'n6' else 1, name)

    def test_exit_status(self):
        clean = notebook('from sklearn.dummy import DummyClassifier\nmodel = DummyClassifier().fit([[0]], [0])\n')
        warning = notebook('from sklearn.dummy import DummyClassifier\n!ls\nmodel = DummyClassifier().fit([[0]], [0])\n')
        for name, text in (('clean', clean), ('warning', warning), ('error', notebook('model = wrong\n')), ('broken', '{')):
            (self.folder / f'{name}.ipynb').write_text(text)
        for words, status in {
                'clean.ipynb': 0, 'warning.ipynb': 0, 'error.ipynb': 1, 'broken.ipynb': 1, '.': 1, 'clean.ipynb warning.ipynb': 0, 'missing.ipynb': 1, 'missing': 1,
                '--fail-on warning clean.ipynb': 0, '--fail-on warning warning.ipynb': 1, '--fail-on never .': 0, '--fail-on never broken.ipynb': 0,
                '--ignore NB302,NB501 error.ipynb': 0, '--select NB008 error.ipynb': 0, '--select NB008 broken.ipynb': 1, '--ignore NB009 broken.ipynb': 1,
                '--ignore NB201 --fail-on warning warning.ipynb': 0, '--select nothing .': 1, '--output-format sarif .': 1, '--output-format github clean.ipynb': 0,
                '--jobs 0 .': 1, '--output-format xml .': 1}.items():
            with self.subTest(words):
                self.assertEqual(check(self.folder, *words.split()).returncode, status)


@unittest.skipUnless(ARCHIVE.exists(), 'needs $NB_SHARED with notebooks/bulk.tar.gz')
class Bulk(unittest.TestCase):
    """Hundreds of public notebooks, as they are and with every code cell tagged: each ends with findings that lie inside it."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix='nb bulk ')))
        with tarfile.open(ARCHIVE) as archive:
            archive.extractall(cls.folder)
        cls.sources = {}
        for path in sorted(cls.folder.rglob('*.ipynb')):
            try:
                cells = json.loads(path.read_bytes().decode('utf-8-sig'))['cells']
                cls.sources[path] = [''.join(cell['source']) for cell in cells]
            except (ValueError, KeyError, TypeError, RecursionError):
                continue

    def tag(self, section):
        for path, sources in self.sources.items():
            data = json.loads(path.read_bytes().decode('utf-8-sig'))
            for i, cell in enumerate(data['cells']):
                if cell.get('cell_type') == 'code':
                    tag = section or ('imports', 'preprocess', 'model', 'train', 'inference', 'utils', 'parameters')[
                        hashlib.sha256(f'{path.name}{i}'.encode()).digest()[0] % 7]
                    cell['metadata'] = {**(cell.get('metadata') if isinstance(cell.get('metadata'), dict) else {}), 'tags': [tag]}
            path.write_text(json.dumps(data))

    def look(self):
        answer = json.loads(check(self.folder, '--output-format', 'json', '.').stdout)
        for f in answer['findings']:
            self.assertRegex(f['code'], r'^NB\d{3}$')
            self.assertTrue(f['message'] and f['path'], f)
            source = self.sources.get(self.folder / f['path'])
            if source is None or not f['cell']:
                continue
            self.assertLessEqual(f['cell'], len(source), f)
            lines = re.split(r'\r\n|\r|\n', re.sub('[\ud800-\udfff]', '\ufffd', source[f['cell'] - 1]))
            if f['line']:
                self.assertLessEqual(f['line'], len(lines), f)
                self.assertEqual(lines[f['line'] - 1], f['source'] or '', f)
                self.assertLessEqual(f['column'] or 1, len(lines[f['line'] - 1]) + 1, f)
        return answer

    def test_1_as_they_are(self):
        answer = self.look()
        self.assertGreater(answer['summary']['notebooks'], 300)

    def test_2_tagged_train(self):
        self.tag('train')
        self.look()

    def test_3_tagged_at_random(self):
        self.tag(None)
        self.look()


if __name__ == '__main__':
    if not os.environ.get('NB_BINARY'):
        print('skipped: needs NB_BINARY')
        sys.exit(77)
    unittest.main()
