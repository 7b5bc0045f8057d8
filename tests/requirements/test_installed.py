"""What is read from the files of site-packages against what importlib.metadata says, in every Python at hand."""
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

TOOL = pathlib.Path(os.environ['NB_BUILD_DIR'], 'tool_requirements')

# Run by the Python under test: its folders, and for every importable top-level name the distributions that list it.
ASK = '''
import importlib.metadata as m, json, sys
owners = {}
for name, dists in m.packages_distributions().items():
    if name.isidentifier():
        owners[name] = sorted({(d, m.version(d)) for d in dists})
print(json.dumps([sys.version_info[:2], sys.prefix, owners]))
'''


def normal(name):
    return re.sub(r'[-_.]+', '-', name).lower()


def pythons():
    """This one and Debian's, as far as they are new enough to tell."""
    for path in dict.fromkeys([sys.executable, '/usr/bin/python3']):
        out = subprocess.run([path, '-I', '-c', ASK], capture_output=True, text=True, check=False)
        if out.returncode == 0:
            yield path, *json.loads(out.stdout)


def ask(python, modules):
    out = subprocess.run([TOOL, python], input='\n'.join(modules) + '\n', capture_output=True, text=True,
                         check=True)
    return {m: (name, version) for m, name, version in
            (line.split('\t') for line in out.stdout.splitlines())}, out.stderr


class Installed(unittest.TestCase):
    def test_owners(self):
        for python, version, prefix, owners in pythons():
            answers, folders = ask(python, sorted(owners))
            self.assertIn(f'3.{version[1]} ', folders, python)
            right, wrong = 0, []
            for module, known in owners.items():
                name, number = answers[module]
                same = [v for d, v in known if normal(d) == name]
                if same and (not number or same[0].split('+')[0] == number):
                    right += 1
                elif name:  # one that owns it by another name, or another version: never
                    wrong.append((module, (name, number), known))
            with self.subTest(python=python):
                self.assertEqual(wrong, [])
                # Not found: modules of folders that only this Python adds, and namespaces.
                self.assertGreaterEqual(right, len(owners) * 0.6, f'{right} of {len(owners)}')


if __name__ == '__main__':
    unittest.main()
