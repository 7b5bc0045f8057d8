"""convert that writes nothing: --stdout, '-' and --dump, over the notebooks of the repository; what docs/dump.md says is what comes out."""
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
IRIS = SOURCE / 'examples/iris'
FILES = {'train': 'train.py', 'inference': 'inference.py', 'preprocess': 'preprocess.py', 'requirements': 'requirements.txt'}
DUMPS = ('cells', 'extraction', 'graph', 'plan')


class Print(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='nb-print-'))
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copy(IRIS / 'config.yaml', self.folder)
        shutil.copytree(IRIS / 'notebooks', self.folder / 'notebooks')
        self.notebook = self.folder / 'notebooks/iris.ipynb'

    def run_it(self, *words, stdin=None, status=0):
        done = subprocess.run([BINARY, 'convert', *words], cwd=self.folder, input=stdin, capture_output=True)
        self.assertEqual(done.returncode, status, done.stderr.decode())
        return done.stdout

    def dump(self, kind, *words, **how):
        return json.loads(self.run_it(*words, '--dump', kind, **how))

    def test_printed_files_are_those_that_are_written(self):
        before = sorted(self.folder.rglob('*'))
        printed = {word: self.run_it('iris', '--stdout', word) for word in FILES}
        text = self.notebook.read_bytes()
        for word in FILES:
            from_stdin = self.run_it('-', '--stdout', word, '--stdin-filename', 'notebooks/iris.ipynb', stdin=text)
            self.assertEqual(from_stdin, printed[word], word)
            document = json.loads(self.run_it('iris', '--stdout', word, '--format', 'json'))
            self.assertEqual((document['file'], document['text'].encode()), (FILES[word], printed[word]))
        self.assertEqual(sorted(self.folder.rglob('*')), before, 'nothing is written')
        self.run_it('iris')
        for word, name in FILES.items():
            self.assertEqual((self.folder / 'generated/iris' / name).read_bytes(), printed[word])
            self.assertEqual(self.run_it('iris', '--stdout', word), printed[word], 'also when it is up to date')

    def test_the_text_on_stdin_counts_and_not_the_file(self):
        changed = self.notebook.read_text().replace('predicted', 'foreseen').encode()
        self.notebook.unlink()
        script = self.run_it('-', '--stdout', 'train', '--stdin-filename', 'notebooks/iris.ipynb', stdin=changed)
        self.assertIn(b'foreseen', script)
        self.assertIn(b"experiment 'iris'", script)

    def test_dumps_agree_with_one_another(self):
        source = json.loads(self.notebook.read_text())
        cells = self.dump('cells', 'iris')['cells']
        self.assertEqual([c['id'] for c in cells], [c['id'] for c in source['cells']])
        python = {c['number']: c for c in cells if 'python' in c}
        statements = self.dump('extraction', 'iris')['statements']
        for number, s in enumerate(statements):
            self.assertEqual(s['index'], number)
            text = python[s['cell']]['python'].encode()
            self.assertEqual(text[s['span'][0]:s['span'][1]].decode(), s['text'])
            self.assertEqual(s['sections'], python[s['cell']]['sections'])
        graph = self.dump('graph', 'iris')
        self.assertEqual([(s['cell'], s['line'], s['role']) for s in graph['statements']],
                         [(s['cell'], s['line'], s['role']) for s in statements])
        for name in graph['names']:
            for at in name['readers']:
                uses = graph['statements'][at]
                self.assertIn(name['name'], uses['reads'] + uses['reads_later'] + uses['deletes'] + uses['binds'])

    def test_plan_tells_states(self):
        states = lambda: {pathlib.Path(f['path']).name: f['state'] for f in self.dump('plan', 'iris')['files']}
        self.assertEqual(set(states().values()), {'new'})
        self.run_it('iris')
        self.assertEqual(set(states().values()), {'same'})
        with open(self.folder / 'generated/iris/train.py', 'a') as script:
            script.write('# by hand\n')
        self.assertEqual(states()['train.py'], 'edited')

    def test_members_of_commands_documents(self):
        for kind in DUMPS:
            document = json.loads(self.run_it('iris', '--dump', kind, '--format', 'json'))
            alone = self.dump(kind, 'iris')
            self.assertEqual({k: document[k] for k in alone}, alone)
            self.assertIsNone(document['error'])

    def test_every_member_is_documented(self):
        page = (SOURCE / 'docs/dump.md').read_text()
        def keys(value):
            if isinstance(value, dict):
                for key, inside in value.items():
                    yield key
                    yield from keys(inside)
            elif isinstance(value, list):
                for inside in value:
                    yield from keys(inside)
        for kind in DUMPS:
            for key in set(keys(self.dump(kind, 'iris'))):
                self.assertRegex(page, rf'`{re.escape(key)}`', f'docs/dump.md does not tell {kind}.{key}')

    def test_what_is_known_is_dumped_in_spite_of_errors(self):
        broken = json.loads(self.notebook.read_text())
        broken['cells'][13]['source'] = ['model = = 1\n']
        text = json.dumps(broken).encode()
        for kind in DUMPS:
            got = self.dump(kind, '-', stdin=text, status=1)
            self.assertEqual(got['dump'], kind)
            self.assertTrue(got.get('cells') or got.get('statements') or kind == 'plan')
        for text in (b'', b'{', b'[]', b'{"cells": []}'):
            for kind in DUMPS:
                self.assertEqual(self.dump(kind, '-', stdin=text, status=1)['dump_version'], 1)


if __name__ == '__main__':
    unittest.main()
