"""Versions, specifiers and markers against Python's packaging."""
import itertools
import os
import pathlib
import random
import subprocess
import sys
import unittest

try:
    import packaging
    from packaging.markers import Marker
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version
except ImportError:
    sys.exit(77)
if int(packaging.__version__.split('.')[0]) < 26:  # older ones differ at the edges of '<', '>' and '~='
    sys.exit(77)

TOOL = pathlib.Path(os.environ.get('NB_BUILD_DIR', 'build/debug'), 'tool_version')
SEED = int(os.environ.get('NB_SEED', '20261125'))

RELEASES = ['0', '1', '1.0', '1.0.0', '1.1', '1.10', '1.4.2', '2', '2023.12.1', '1!0.5', '0!1.0', 'v1.0']
ENDS = ['', 'a1', '.beta.2', '-rc3', 'c1', 'rc', '.post1', '-2', 'r4', '.dev0', 'a1.dev2', 'a1.post2.dev3', '.post1.dev4', '+cu118', '+1', '+1.abc', '+abc-2',
        'RC1', 'pre1']
BROKEN = ['', 'x', '1.', '.1', '1..2', '1+', '1+a+b', '1-', '1a1b2', 'dev', '1.0.dev1.post1', '1 0', '1+a..b']
VERSIONS = [r + e for r in RELEASES for e in ENDS] + BROKEN
OPERATORS = ['==', '!=', '<', '<=', '>', '>=', '~=', '===']
MARKERS = ['python_version >= "3.9"', "python_version < '3.10'", "'3.11' == python_version", "sys_platform == 'win32'", 'os_name == "posix"',
           "platform_system != 'Linux'", 'python_version in "3.8 3.9"', "python_version not in '3.12'", "implementation_name == 'cpython'",
           "platform_python_implementation == 'PyPy'", "python_version ~= '3.9'", "python_version == '3.1*'", "python_version > '3'",
           "python_version != '3.11'"]

def ask(lines):
    out = subprocess.run([TOOL], input='\n'.join(lines) + '\n', capture_output=True, text=True, check=True).stdout
    return [int(n) for n in out.split()]


def order(a, b):
    try:
        a, b = Version(a), Version(b)
    except InvalidVersion:
        return -9
    return (a > b) - (a < b)


class Versions(unittest.TestCase):
    def check(self, questions, wanted):
        wrong = [(q, got, w) for q, got, w in zip(questions, ask(questions), wanted, strict=True) if got != w]
        self.assertEqual(wrong[:20], [])

    def test_order(self):
        pairs = list(itertools.product(VERSIONS, VERSIONS))
        self.check([f'cmp\t{a}\t{b}' for a, b in pairs], [order(a, b) for a, b in pairs])

    def test_specifiers(self):
        good = [v for v in VERSIONS if order(v, v) == 0]
        questions, wanted = [], []
        for op, asked, version in itertools.product(OPERATORS, good + ['1.*', '1.4.*', '2.0.*', '1!0.*'], good):
            try:
                spec = SpecifierSet(op + asked, prereleases=True)
            except InvalidSpecifier:
                continue
            questions.append(f'allows\t{op}{asked}\t{version}')
            wanted.append(int(spec.contains(version)))
        self.assertGreater(len(questions), 100000)
        self.check(questions, wanted)

    def test_sets(self):
        rng = random.Random(SEED)
        good = [v for v in VERSIONS if order(v, v) == 0 and '+' not in v]
        questions, wanted = [], []
        for _ in range(3000):
            text = rng.choice([',', ', ']).join(rng.choice(OPERATORS[:6]) + rng.choice(good) for _ in range(rng.randrange(4)))
            version = rng.choice(good)
            questions.append(f'allows\t{text}\t{version}')
            wanted.append(int(SpecifierSet(text, prereleases=True).contains(version)))
        self.check(questions, wanted)

    def test_markers(self):
        rng = random.Random(SEED)
        questions, wanted = [], []
        for _ in range(3000):
            text = rng.choice(MARKERS)
            for _ in range(rng.randrange(4)):
                other = rng.choice(MARKERS)
                text = rng.choice([f'{text} and {other}', f'{text} or {other}', f'({text}) and {other}', f'{other} and ({text})'])
            minor = rng.randrange(8, 15)
            there = {'python_version': f'3.{minor}', 'python_full_version': f'3.{minor}.0', 'os_name': 'posix', 'sys_platform': 'linux',
                     'platform_system': 'Linux', 'implementation_name': 'cpython', 'platform_python_implementation': 'CPython'}
            questions.append(f'marker\t{minor}\t{text}')
            wanted.append(int(Marker(text).evaluate(there)))
        self.check(questions, wanted)

    def test_unknown_markers_count(self):
        for text in ['extra == "all"', "'gpu' in extras", 'platform_machine == "arm64"', 'nonsense', 'python_version', '(' * 100, "python_version < '3", '']:
            self.assertEqual(ask([f'marker\t11\t{text}']), [1], text)


if __name__ == '__main__':
    unittest.main()
