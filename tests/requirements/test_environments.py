"""A small real environment: what is installed, what requirements.txt says, and whether it installs again and imports.

environments.py compares larger environments by hand."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(__file__))
import environments  # noqa: E402

environments.BINARY = os.environ['NB_BINARY']
PACKAGES = ['python-dateutil', 'PyYAML', 'attrs', 'beautifulsoup4', 'python-dotenv', 'zope.interface', 'ruamel.yaml']
IMPORTS = ['dateutil', 'yaml', 'attr', 'bs4', 'dotenv', 'zope.interface', 'ruamel.yaml']


def make(folder, *arguments):
    """A virtual environment; None when nothing can be installed here."""
    subprocess.run([sys.executable, '-m', 'venv', folder], check=True, capture_output=True)
    out = subprocess.run([folder / 'bin/python', '-m', 'pip', '--disable-pip-version-check', '-q', 'install', '--retries', '1', *arguments],
                         capture_output=True, text=True, check=False)
    return None if out.returncode else out


class Environments(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        if not make(cls.folder / 'env', *PACKAGES):
            raise unittest.SkipTest('packages cannot be installed here')

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def work(self, name):
        (self.folder / name).mkdir()
        return self.folder / name

    def test_every_module(self):
        _, _, wrong, missing = environments.compare(str(self.folder / 'env'), self.work('all'))
        self.assertEqual((wrong, missing), ([], []))

    def test_round_trip(self):
        """Names and versions are those of the environment; a fresh one made from the file imports the same."""
        work = self.work('round')
        lines = environments.convert(work, IMPORTS, str(self.folder / 'env'))
        self.assertEqual(len(lines), len(IMPORTS))
        freeze = subprocess.run([self.folder / 'env/bin/pip', 'freeze', '--all'], capture_output=True, text=True, check=True).stdout
        freeze = {environments.normal(line.split('==')[0]): line.split('==')[1] for line in freeze.splitlines() if '==' in line}
        for line in lines:
            name, version = line.split('  # ')[0].split('==')
            self.assertEqual(freeze[name], version)
            self.assertIn('; version from the chosen environment', line)
        (work / 'requirements.txt').write_text('\n'.join(lines) + '\n')
        self.assertIsNotNone(make(self.folder / 'fresh', '-r', str(work / 'requirements.txt')))
        subprocess.run([self.folder / 'fresh/bin/python', '-c', 'import ' + ', '.join(IMPORTS)], check=True)

    def test_a_lock_made_of_it(self):
        """pip freeze beside the notebook says the same as the environment itself."""
        work = self.work('lock')
        freeze = subprocess.run([self.folder / 'env/bin/pip', 'freeze'], capture_output=True, text=True, check=True).stdout
        (work / 'requirements.txt').write_text(freeze)
        locked = environments.convert(work, IMPORTS, '/nowhere')
        seen = environments.convert(self.work('seen'), IMPORTS, str(self.folder / 'env'))
        self.assertEqual([line.split('  # ')[0] for line in locked], [line.split('  # ')[0] for line in seen])
        self.assertTrue(all('version from requirements.txt' in line for line in locked))


if __name__ == '__main__':
    unittest.main()
