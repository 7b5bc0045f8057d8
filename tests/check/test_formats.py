"""The forms that other programs read: SARIF against its published schema, JSON, GitLab's and JUnit's reports, GitHub's commands; and the places in
them, which must be those of the text in the .ipynb file."""
import fcntl
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
import xml.etree.ElementTree

BINARY = os.path.abspath(os.environ.get('NB_BINARY', ''))
SHARED = pathlib.Path(os.environ.get('NB_SHARED', ''))
ARCHIVE = SHARED / 'notebooks' / 'bulk.tar.gz'
CACHE = pathlib.Path(os.environ.get('XDG_CACHE_HOME') or pathlib.Path.home() / '.cache', 'notebooked/sarif')
# The schema is not ours to copy: it comes from the package registry, with Microsoft's tests for SARIF.
PACKAGE, SCHEMA, VALIDATOR = '@microsoft/jest-sarif@1.0.0-beta.0', 'package/lib/schemas/sarif-2.1.0-rtm.5.json', 'jsonschema==4.26.0'

VALIDATE = '''
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
for path in sys.argv[2:]:
    for error in list(jsonschema.Draft4Validator(schema).iter_errors(json.load(open(path))))[:5]:
        print(path, list(error.path), error.message[:300])
'''


def run(folder, *words):
    done = subprocess.run([BINARY, 'check', *map(str, words)], cwd=folder, capture_output=True, timeout=600)
    assert done.returncode in (0, 1), done.stderr.decode(errors='replace')
    return done.stdout.decode()


def validator():
    """A Python with jsonschema, and the schema; made once. None when they cannot be had."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / 'lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        python, schema = CACHE / 'venv/bin/python', CACHE / SCHEMA
        try:
            if not schema.exists():
                subprocess.run(['npm', 'pack', '--silent', '--pack-destination', CACHE, PACKAGE], check=True, capture_output=True, timeout=120)
                with tarfile.open(next(CACHE.glob('*.tgz'))) as archive:
                    archive.extract(SCHEMA, CACHE)
            if not (CACHE / 'done').exists():
                shutil.rmtree(CACHE / 'venv', ignore_errors=True)
                subprocess.run([sys.executable, '-m', 'venv', CACHE / 'venv'], check=True)
                subprocess.run([python, '-m', 'pip', 'install', '--quiet', VALIDATOR], check=True, capture_output=True, timeout=300)
                (CACHE / 'done').touch()
        except (OSError, subprocess.SubprocessError, StopIteration):
            return None
        return python, schema


def code(source, *tags, id='c'):
    return {'cell_type': 'code', 'id': id, 'execution_count': 3, 'metadata': {'tags': list(tags)}, 'outputs': [], 'source': source}


HARD = ['x = "ä\\t\\"q\\"😀" + wrong1\n', 'y = wrong2 + "\u2028" + wrong3\n', '!ls <&> "100%"']
NOTEBOOK = {'cells': [{'cell_type': 'markdown', 'id': 'm', 'metadata': {}, 'source': ['# T\n', 'x']}, code(HARD, 'preprocess', id='hard'),
                      code(''.join(HARD).replace('wrong', 'bad'), 'preprocess', id='one'), code('model = fit(x)', 'train', id='t')],
            'metadata': {}, 'nbformat': 4, 'nbformat_minor': 5}
# How the same notebook may be written.
LAYOUTS = {'indented.ipynb': {'indent': 1}, 'ascii.ipynb': {'indent': 2, 'ensure_ascii': True}, 'one line.ipynb': {}, 'a,b:c%.ipynb': {'indent': 1}}


class Formats(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix='nb formats ')))
        for name, layout in LAYOUTS.items():
            (self.folder / name).write_text(json.dumps(NOTEBOOK, **{'ensure_ascii': False, **layout}), newline='\n')
        (self.folder / 'broken.ipynb').write_text('{"cells": [')

    def names_at(self, path, line, column, end):
        """The text at a place of the file."""
        text = (self.folder / path).read_text().split('\n')[line - 1]
        return text[column - 1:end - 1]

    def sarif(self, *words):
        return json.loads(run(self.folder, '--output-format', 'sarif', *words))['runs'][0]

    def test_places_are_in_the_file(self):
        seen = 0
        for result in self.sarif('--select', 'NB302', '.')['results']:
            if result['ruleId'] == 'NB009':
                continue
            name = re.search(r"'(\w+)'", result['message']['text'])[1]
            place = result['locations'][0]['physicalLocation']
            path = re.sub(r'%(..)', lambda m: chr(int(m[1], 16)), place['artifactLocation']['uri'])
            region = place['region']
            self.assertEqual(self.names_at(path, region['startLine'], region['startColumn'], region['endColumn']), name)
            seen += 1
        self.assertEqual(seen, 7 * len(LAYOUTS))

    def test_github_and_gitlab_name_the_same_lines(self):
        sarif = [(r['ruleId'], r['locations'][0]['physicalLocation']['region']['startLine']) for r in self.sarif('-v', '.')['results']]
        gitlab = json.loads(run(self.folder, '-v', '--output-format', 'gitlab', '.'))
        self.assertEqual([(f['check_name'], f['location']['lines']['begin']) for f in gitlab], sarif)
        github = run(self.folder, '-v', '--output-format', 'github', '.').splitlines()
        pattern = r'::(error|warning|notice) file=([^,:]+),line=(\d+)(?:,col=\d+,endColumn=\d+)?,title=(NB\d{3})::\S.*'
        found = [re.fullmatch(pattern, line) for line in github]
        self.assertTrue(all(found), [line for line, match in zip(github, found) if not match])
        self.assertEqual([(m[4], int(m[3])) for m in found], sarif)

    def test_gitlab_has_what_it_asks_for(self):
        findings = json.loads(run(self.folder, '-v', '--output-format', 'gitlab', '.'))
        self.assertGreater(len(findings), 20)
        for f in findings:
            self.assertEqual(set(f), {'description', 'check_name', 'fingerprint', 'severity', 'location'})
            self.assertIn(f['severity'], {'info', 'minor', 'major', 'critical', 'blocker'})
            self.assertTrue((self.folder / f['location']['path']).exists())
        self.assertEqual(len({f['fingerprint'] for f in findings}), len(findings))

    def test_fingerprints_stay_when_cells_move(self):
        def prints():
            return sorted(r['partialFingerprints']['notebooked/v1'] for r in self.sarif('--select', 'NB302,NB201', 'indented.ipynb')['results'])
        before = prints()
        moved = {**NOTEBOOK, 'cells': [code('a = 1\n', 'preprocess', id='new'), *NOTEBOOK['cells']]}
        (self.folder / 'indented.ipynb').write_text(json.dumps(moved, indent=4))
        self.assertEqual(prints(), before)
        self.assertEqual(len(set(before)), len(before))

    def test_junit_counts_what_it_holds(self):
        root = xml.etree.ElementTree.fromstring(run(self.folder, '-v', '--output-format', 'junit', '.'))
        self.assertEqual(sorted(suite.get('name') for suite in root), sorted([*LAYOUTS, 'broken.ipynb']))
        for suite in root:
            self.assertEqual(int(suite.get('tests')), len(suite))
            self.assertEqual(int(suite.get('failures')), len(suite.findall('testcase/failure')))
        never = xml.etree.ElementTree.fromstring(run(self.folder, '--fail-on', 'never', '--output-format', 'junit', '.'))
        self.assertEqual(never.findall('.//failure'), [])

    def test_json_lines_are_the_findings_of_json(self):
        whole = json.loads(run(self.folder, '--output-format', 'json', '.'))
        lines = [json.loads(line) for line in run(self.folder, '--output-format', 'json-lines', '.').strip('\n').split('\n')]
        self.assertEqual(whole['findings'], lines)
        self.assertEqual(sum(whole['summary']['codes'].values()), len(lines))
        self.assertEqual(whole['summary']['notebooks'], len(LAYOUTS) + 1)

    def test_sarif_fits_the_published_schema(self):
        tools = validator()
        if not tools:
            self.skipTest('the schema cannot be had')
        reports = {'all.sarif': ['.'], 'none.sarif': ['--select', 'NB008', 'indented.ipynb']}
        (self.folder / 'sub').mkdir()
        for name, words in reports.items():
            (self.folder / name).write_text(run(self.folder, '--output-format', 'sarif', *words))
        (self.folder / 'up.sarif').write_text(run(self.folder / 'sub', '--output-format', 'sarif', '..'))
        reports['up.sarif'] = None
        if ARCHIVE.exists():
            with tarfile.open(ARCHIVE) as archive:
                archive.extractall(self.folder / 'bulk')
            (self.folder / 'bulk.sarif').write_text(run(self.folder, '-v', '--output-format', 'sarif', 'bulk'))
            reports['bulk.sarif'] = None
        done = subprocess.run([tools[0], '-c', VALIDATE, tools[1], *reports], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.stdout + done.stderr, '')
        for result in (r for name in reports for r in json.loads((self.folder / name).read_text())['runs'][0]['results']):
            self.assertRegex(result['locations'][0]['physicalLocation']['artifactLocation']['uri'], r'^([\w.~/-]|%[0-9A-F]{2})+$')


if __name__ == '__main__':
    if not os.environ.get('NB_BINARY'):
        print('skipped: needs NB_BINARY')
        sys.exit(77)
    unittest.main()
