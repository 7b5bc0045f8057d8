"""The module tables against the interpreter that runs this, and against the reference tables where they are at hand."""
import os
import pathlib
import subprocess
import sys
import unittest

TOOL = pathlib.Path(os.environ['NB_BUILD_DIR'], 'tool_modules')
REFERENCE = pathlib.Path(os.environ.get('NB_SHARED', '/nonexistent'), 'reference/imports')

# Where we know better than the reference: scripts run without a screen; notebooks mean the project for language models.
OURS = {'cv2': 'opencv-python-headless', 'haystack': 'haystack-ai'}


def ask(questions):
    """(minor, dotted name) pairs in, (standard, distribution, platform) triples out."""
    text = ''.join(f'{minor} {name}\n' for minor, name in questions)
    out = subprocess.run([TOOL], input=text, capture_output=True, text=True, check=True).stdout
    return [tuple(line.split('\t')) for line in out.splitlines()]


def rows(name):
    lines = (REFERENCE / name).read_text(encoding='utf-8').splitlines()
    return [line.split('\t') for line in lines[1:]]


class Interpreter(unittest.TestCase):
    def test_standard_library(self):
        minor = sys.version_info.minor
        if not 8 <= minor <= 13:
            self.skipTest(f'the tables end before Python 3.{minor}')
        names = sorted(sys.stdlib_module_names)
        wrong = [n for n, a in zip(names, ask([(minor, n) for n in names])) if a[0] != 'standard']
        self.assertEqual(wrong, [])


@unittest.skipUnless(REFERENCE.is_dir(), 'the reference tables are not here')
class Reference(unittest.TestCase):
    def test_standard_library(self):
        for i, minor in enumerate(range(8, 14), start=1):
            table = rows('stdlib-modules.tsv')
            answers = ask([(minor, r[0]) for r in table])
            wrong = [r[0] for r, a in zip(table, answers) if (r[i] == '1') != (a[0] == 'standard')]
            self.assertEqual(wrong, [], f'Python 3.{minor}')

    def test_distributions(self):
        table = rows('import-to-dist.tsv')
        answers = ask([(11, r[0]) for r in table])
        wrong = [(r[0], a[1]) for r, a in zip(table, answers) if a[1] != OURS.get(r[0], r[1])]
        self.assertEqual(wrong, [])

    def test_alternatives(self):
        """A default that can be installed from PyPI is also ours; what only a repository has stays unresolved."""
        ours = {**OURS, 'pandas_profiling': 'pandas-profiling', 'fbprophet': 'fbprophet',
                'en_core_web_sm': '-', 'clip': '-', 'detectron2': '-'}
        table = rows('import-alternatives.tsv')
        answers = ask([(11, r[0]) for r in table])
        wrong = [(r[0], a[1]) for r, a in zip(table, answers) if a[1] != ours.get(r[0], r[1])]
        self.assertEqual(wrong, [])

    def test_platforms(self):
        modules = [r for r in rows('platform-modules.tsv') if r[1] == 'module']
        answers = ask([(11, r[0]) for r in modules])
        self.assertEqual([r[0] for r, a in zip(modules, answers) if a[2] == '-'], [])

    def test_namespaces_are_no_projects(self):
        names = ['google', 'google.cloud', 'azure', 'databricks', 'snowflake', 'nvidia', 'zope']
        self.assertEqual([a[1] for a in ask([(11, n) for n in names])], ['-'] * len(names))


if __name__ == '__main__':
    unittest.main()
