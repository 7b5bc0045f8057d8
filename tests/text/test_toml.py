"""The TOML reader against the published toml-test suite and against Python's tomllib: random, mutated and real documents must be accepted
or refused alike and mean the same. NB_SEED and NB_ROUNDS choose others than the usual ones.

The suite is not part of this repository: it comes with the Go module of a TOML library, from Go's module cache or proxy."""
import datetime
import fnmatch
import json
import math
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tomllib
import unittest

TOOL = os.path.join(os.environ.get('NB_BUILD_DIR', 'build/debug'), 'tool_toml')
SEED = int(os.environ.get('NB_SEED', '20261125'))
ROUNDS = int(os.environ.get('NB_ROUNDS', '4000'))
MODULE, VERSION = 'github.com/BurntSushi/toml', 'v1.6.0'


def ask(documents):
    """Per document None and the message, or the value as the tool types it."""
    frames = b''.join(b'%d\n%s' % (len(d), d) for d in documents)
    out = subprocess.run([TOOL], input=frames, capture_output=True, check=True).stdout.decode()
    answers = []
    for line in out.splitlines():
        verdict, rest = line.split(' ', 1)
        answers.append((None, rest) if verdict == 'no' else (json.loads(rest), ''))
    return answers


def is_scalar(value):
    return set(value) == {'type', 'value'} and isinstance(value['value'], str)


def moment(text):
    """A date or time, comparable: TOML lets a blank stand for the T, and any number of digits follow the second."""
    text = text.upper().replace(' ', 'T').replace('Z', '+00:00')
    if '.' in text:
        head, tail = text.split('.', 1)
        digits = len(tail) - len(tail.lstrip('0123456789'))
        text = head + '.' + tail[:digits][:6].ljust(6, '0') + tail[digits:]
    for read in (datetime.date.fromisoformat, datetime.time.fromisoformat, datetime.datetime.fromisoformat):
        try:
            return read(text)
        except ValueError:
            pass
    return text  # the year 0, which Python does not have


def plain(value):
    """The tool's value, or the suite's, as tomllib would have it."""
    if isinstance(value, list):
        return [plain(v) for v in value]
    if not is_scalar(value):
        return {k: plain(v) for k, v in value.items()}
    kind, text = value['type'], value['value']
    if kind == 'integer':
        return int(text, 0)
    if kind == 'float':
        return float(text)
    if kind == 'bool':
        return text == 'true'
    return text if kind == 'string' else moment(text)


def same(a, b):
    """Equal, and of one type; nan is nan."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float):
        return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    return a == b


def by_tomllib(document):
    try:
        return tomllib.loads(document.decode())
    except (ValueError, RecursionError):
        return None


def sorted_keys(value):
    if isinstance(value, dict):
        return {k: sorted_keys(value[k]) for k in sorted(value)}
    return [sorted_keys(v) for v in value] if isinstance(value, list) else value


def suite():
    """The folder of the suite, or None."""
    go = shutil.which('go')
    if not go:
        return None
    out = subprocess.run([go, 'mod', 'download', '-json', f'{MODULE}@{VERSION}'], capture_output=True, text=True,
                         check=False, timeout=300, cwd='/')
    folder = json.loads(out.stdout or '{}').get('Dir')
    folder = pathlib.Path(folder or '/nowhere', 'internal/toml-test')
    return folder if (folder / 'tests').is_dir() else None


def documents_of(folder):
    """Those of version 1.0: the suite lists, in its own source, what is not."""
    others = re.findall(r'"((?:in)?valid/[^"]*)"', (folder / 'version.go').read_text().split('"1.0.0"', 1)[1])
    for path in sorted((folder / 'tests').glob('*/**/*.toml')):
        name = str(path.relative_to(folder / 'tests'))
        if not any(fnmatch.fnmatch(name.removesuffix('.toml'), other) for other in others):
            yield path, name.startswith('valid/')


class Published(unittest.TestCase):
    def test_suite(self):
        folder = suite()
        if not folder:
            self.skipTest('the toml-test suite cannot be had')
        documents = list(documents_of(folder))
        wrong = []
        for (path, valid), (value, message) in zip(documents, ask([p.read_bytes() for p, _ in documents]), strict=True):
            if not valid or value is None:
                if valid != (value is not None):
                    wrong.append((path, message or 'accepted'))
                continue
            wanted = plain(json.loads(path.with_suffix('.json').read_text()))
            if not same(sorted_keys(plain(value)), sorted_keys(wanted)):
                wrong.append((path, 'another value'))
        self.assertGreater(len(documents), 500)
        self.assertEqual(wrong, [])
        print(f'toml-test: {len(documents)} documents', file=sys.stderr)


# --- random documents --------------------------------------------------------------------------------------------------

KEYS = ['a', 'b', 'c', 'name', 'x-1', '"q k"', "'l'", '1', '""']
SCALARS = ['1', '-0', '+7', '0x1F', '0o17', '0b101', '1_000', '1e5', '-1.5', '6.0_1', 'inf', '-nan', 'true', 'false', '""', '"a\\tb"',
           '"\\u00e9\\U0001F600"', "'raw\\n'", '"""x\ny"""', "'''\nx'''", '"""a\\\n   b"""', '1979-05-27', '07:32:00', '1979-05-27T07:32:00Z',
           '1979-05-27 07:32:00.123456789-07:00', '12345678901234567890123', '"""""""', "''''''''"]
BROKEN = ['01', '1__0', '_1', '1.', '.5', '1e', '0x', '+0x1', 'tru', '"', "'x", '"\\q"', '1979-13-01', '1979-02-30', '25:00:00', '"\x01"', '1979-05-27T', '']
NOISE = ['\n', ' ', '\t', '#c\n', '=', '.', ',', '[', ']', '{', '}', '"', "'", '\\', '\r\n', '\r', '\x00', '\u00e9', '0', '_', '[[', ']]', 'a']


class Writer:
    def __init__(self, rng):
        self.rng = rng

    def key(self):
        return '.'.join(self.rng.choice(KEYS) for _ in range(self.rng.choice([1, 1, 1, 2, 3])))

    def value(self, depth=0):
        kind = self.rng.random()
        if depth > 3 or kind < 0.7:
            return self.rng.choice(SCALARS if self.rng.random() < 0.97 else BROKEN)
        if kind < 0.85:
            space = self.rng.choice(['', ' ', '\n', ' # c\n'])
            return '[' + (',' + space).join(self.value(depth + 1) for _ in range(self.rng.randrange(4))) + space + ']'
        return '{' + ', '.join(f'{self.key()} = {self.value(depth + 1)}' for _ in range(self.rng.randrange(3))) + '}'

    def line(self):
        kind = self.rng.random()
        if kind < 0.2:
            return f'[{self.key()}]'
        if kind < 0.35:
            return f'[[{self.key()}]]'
        return f'{self.key()} = {self.value()}'

    def document(self):
        end = self.rng.choice(['\n', '\n', '\r\n'])
        return end.join(self.line() for _ in range(self.rng.randrange(1, 7)))


def mutated(rng, text):
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(text) + 1)
        cut = rng.choice([0, 0, 1, 2])
        text = text[:at] + rng.choice(NOISE + ['']) + text[at + cut:]
    return text


def real_files():
    """TOML files of the packages around here."""
    here = [pathlib.Path(p) for p in sys.path if p and os.path.isdir(p)] + [pathlib.Path('/usr/lib/python3/dist-packages')]
    for folder in here:
        yield from list(folder.glob('*/*.toml'))[:50]


class Tomllib(unittest.TestCase):
    def compare(self, documents):
        accepted = 0
        for document, (value, message) in zip(documents, ask(documents), strict=True):
            wanted = by_tomllib(document)
            if wanted is None:
                self.assertIsNone(value, document)
            else:
                accepted += 1
                self.assertIsNotNone(value, (document, message))
                self.assertTrue(same(plain(value), wanted), (document, value))
        return accepted

    def test_random(self):
        rng = random.Random(SEED)
        documents = [Writer(rng).document() for _ in range(ROUNDS)]
        self.assertGreater(self.compare([d.encode() for d in documents]), ROUNDS // 5)

    def test_mutated(self):
        rng = random.Random(SEED + 1)
        documents = [mutated(rng, Writer(rng).document()) for _ in range(ROUNDS)]
        self.assertGreater(self.compare([d.encode() for d in documents]), ROUNDS // 20)

    def test_real_files(self):
        self.compare([p.read_bytes() for p in real_files()])

    def test_large(self):
        rows = ''.join(f'[[package]]\nname = "p{i}"\nversion = "1.{i}"\n' for i in range(20000))
        keys = ''.join(f'k{i} = {i}\n' for i in range(20000))
        self.assertEqual(self.compare([rows.encode(), keys.encode()]), 2)

    def test_limits(self):
        deep = b'a = ' + b'[' * 500 + b']' * 500
        dots = b'.'.join([b'a'] * 500) + b' = 1'
        for value, message in ask([deep, dots]):
            self.assertIsNone(value)
            self.assertIn('deeper than 200 levels', message)


class Messages(unittest.TestCase):
    CASES = [
        (b'a = 1\nb = foo\n', '2:5 this is no value'),
        (b'a = 1\na = 2\n', "2:1 'a' is given twice, in line 1 already"),
        (b'[t]\nx = 1\n[t]\n', "3:2 't' is given twice, in line 1 already"),
        (b'a = {x = 1}\n[a.b]\n', "2:2 nothing can be added to 'a' of line 1: it is complete"),
        (b'a = [1, 2\n', "1:5 this '[' is never closed"),
        (b'a = "x\n', '1:5 a string that is never closed'),
        (b'a 1\n', "1:3 '=' is expected after the key"),
        (b'= 1\n', '1:1 a key is expected here'),
        (b'a = 2020-02-30\n', '1:5 this is no number and no date'),
        (b'a = 1 b = 2\n', '1:7 the line is to end here'),
        (b'\xff', '1:1 a byte that is not UTF-8'),
        ('é = 1\n'.encode(), '1:1 a key is expected here'),
        ('a = "é" x\n'.encode(), '1:9 the line is to end here'),
    ]

    def test_messages(self):
        for (document, wanted), (value, message) in zip(self.CASES, ask([d for d, _ in self.CASES]), strict=True):
            self.assertIsNone(value)
            self.assertEqual(message, wanted)

    def test_byte_order_mark(self):
        self.assertEqual(plain(ask([b'\xef\xbb\xbfa = 1\n'])[0][0]), {'a': 1})


if __name__ == '__main__':
    unittest.main()
