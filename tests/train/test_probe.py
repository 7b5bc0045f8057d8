"""probe.py, which asks a Python what it lacks: once with `packaging`, once with the few lines that stand in for it."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROBE = pathlib.Path(os.environ['NB_SOURCE_DIR']) / 'src/provider/local/probe.py'
HIDE = """
import sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        if 'packaging' in name:
            raise ImportError(name)
sys.meta_path.insert(0, Hide())
"""

# Distributions that every case finds installed.
INSTALLED = {'numpy': '1.26.4', 'scikit-learn': '1.3.0', 'Pillow': '10.0.0', 'torch': '2.1.0+cpu', 'ruamel.yaml': '0.17',
             'beta': '2.0.0rc1', 'my_pkg': '3.1.post1'}

# requirements line, satisfied?
CASES = [
    ('numpy', True), ('numpy==1.26.4', True), ('numpy == 1.26.4', True), ('numpy==1.26.*', True), ('numpy==1.26', False),
    ('numpy>=1.20,<2', True), ('numpy>=2', False), ('numpy!=1.26.4', False), ('numpy!=1.2.*', True), ('numpy~=1.20', True),
    ('numpy~=1.26.1', True), ('numpy~=1.25.0', False), ('numpy>1.26.4', False), ('numpy<=1.26.4', True),
    ('numpy===1.26.4', True), ('numpy (>=1.0)', True), ('NumPy', True), ('scikit_learn>=1.3', True), ('scikit.learn', True),
    ('pillow', True), ('torch==2.1.0+cpu', True), ('torch>=2.1', True), ('ruamel-yaml', True), ('my.pkg>=3', True),
    ('beta>=1', True), ('absent', False), ('absent[extra]>=1', False), ('numpy[extra]>=1', True),
    ('absent; python_version < "3"', True), ('absent; python_version >= "3"', False),
    ('absent; sys_platform == "win32"', True), ("absent ; sys_platform == 'linux' and python_version >= '3.5'", False),
    ("absent ; sys_platform == 'win32' or os_name == 'posix'", False), ("absent; platform_system != 'Linux'", True),
    ('absent @ https://example.org/absent.whl', False), ('numpy @ https://example.org/numpy.whl', True),
    ('https://example.org/absent.whl', True), ('git+https://example.org/absent.git', True), ('./absent', True),
    ('-e ./absent', True), ('--index-url https://example.org', True), ('# absent', True), ('', True),
    ('numpy # absent', True), ('numpy>=1 --hash=sha256:00', True), ('absent --hash=sha256:00', False),
    ('numpy>=1, \\\n <2', True), ('numpy>=1, \\\n <1.5', False),
]


class Probe(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        site = self.path / 'site'
        for name, version in INSTALLED.items():
            info = site / f'{name.replace("-", "_")}-{version}.dist-info'
            info.mkdir(parents=True)
            (info / 'METADATA').write_text(f'Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n')

    def answers(self, files, before=''):
        """What it says about each of the files; one process asks for all, which is quicker."""
        driver = before + 'import sys\nfor path in sys.argv[2:]:\n    sys.argv[1] = path\n    exec(sys.argv[0], {})\n'
        driver = driver.replace('sys.argv[0]', repr(PROBE.read_text()))
        env = dict(os.environ, PYTHONPATH=str(self.path / 'site'))
        done = subprocess.run([sys.executable, '-c', driver, '', *map(str, files)], cwd='/', env=env, capture_output=True,
                              text=True, check=True)
        self.assertEqual(done.stderr, '')
        lines = done.stdout.splitlines()
        self.assertTrue(all(line.startswith('notebooked-probe: ') for line in lines), done.stdout)
        return [json.loads(line.split(': ', 1)[1]) for line in lines]

    def ask(self, requirements, **more):
        path = self.path / 'requirements.txt'
        path.write_text(requirements, **more)
        return self.answers([path])[0]

    def check(self, before):
        files = []
        for line, _ in CASES:
            files.append(self.path / f'{len(files)}.txt')
            files[-1].write_text(line + '\n')
        for (line, satisfied), facts in zip(CASES, self.answers(files, before), strict=True):
            with self.subTest(line=line):
                self.assertEqual(facts['missing'] == [], satisfied)

    def test_with_packaging(self):
        self.check('')

    def test_without_packaging(self):
        self.check(HIDE)

    def test_says_what_is_installed_instead(self):
        facts = self.ask('numpy>=99 ; python_version > "3"\nabsent==1\n')
        self.assertEqual(facts['missing'], [{'requirement': 'numpy>=99', 'installed': '1.26.4', 'imported': False},
                                            {'requirement': 'absent==1', 'installed': '', 'imported': False}])
        self.assertEqual(facts['version'], '.'.join(map(str, sys.version_info[:3])))

    def test_says_what_code_imports(self):
        missing = self.ask('a  # import a (cell 2)\nb  # tracking\nc  # requirements (cell 1)\n# import d\ne\n')['missing']
        self.assertEqual([(m['requirement'], m['imported']) for m in missing], [('a', True), ('b', False), ('c', False), ('e', False)])

    def test_included_files_count(self):
        (self.path / 'more').mkdir()
        (self.path / 'more/a.txt').write_text('absent\n-r ../requirements.txt\n-r gone.txt\n')
        missing = self.ask('-r more/a.txt\n--requirement=more/a.txt\n')['missing']
        self.assertEqual([m['requirement'] for m in missing], ['absent'])

    def test_odd_files(self):
        self.assertEqual(self.ask('\ufeffnumpy\r\n', encoding='utf-8')['missing'], [])
        (self.path / 'requirements.txt').unlink()
        done = subprocess.run([sys.executable, PROBE, str(self.path / 'requirements.txt')], capture_output=True, text=True)
        self.assertEqual((done.returncode, json.loads(done.stdout.split(': ', 1)[1])['missing']), (0, []))


if __name__ == '__main__':
    unittest.main()
