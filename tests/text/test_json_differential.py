"""The JSON reader against Python's json: thousands of random and mutated documents must be accepted or refused alike
and mean the same. NB_SEED and NB_ROUNDS choose others than the usual ones."""
import json
import os
import random
import re
import subprocess
import sys
import unittest

TOOL = os.path.join(os.environ.get('NB_BUILD_DIR', 'build/debug'), 'tool_json')
SEED = int(os.environ.get('NB_SEED', '20240214'))
ROUNDS = int(os.environ.get('NB_ROUNDS', '6000'))
LONE = re.compile('[\ud800-\udfff]')


def hexed(text):
    """As the tool writes a string; half a surrogate pair is U+FFFD there."""
    return '"' + LONE.sub('\ufffd', text).encode().hex() + '"'


class Word(str):
    """A number or constant, as written."""


def canonical(value):
    """The tool's form of what Python read."""
    if value is None:
        return 'null'
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, Word):
        return str(value)
    if isinstance(value, str):
        return hexed(value)
    if isinstance(value, tuple):  # members of an object
        return '{' + ''.join(f'{hexed(k)}:{canonical(v)},' for k, v in value) + '}'
    return '[' + ''.join(canonical(v) + ',' for v in value) + ']'


def refuse(word):
    raise ValueError(word)


def python_says(document, notebook):
    """The line that the tool should print."""
    try:
        text = document.decode('utf-8-sig' if notebook else 'utf-8')
        if text.startswith('\ufeff'):
            raise ValueError('byte-order mark')
        value = json.loads(text, parse_int=Word, parse_float=Word, parse_constant=Word if notebook else refuse,
                           object_pairs_hook=tuple)
        return 'ok ' + canonical(value)
    except (ValueError, RecursionError):
        return 'no'


def has_lone_surrogate(document):
    """Python always accepts one; our strict dialect does not."""
    try:
        text = json.dumps(json.loads(document.decode('utf-8'), object_pairs_hook=tuple), ensure_ascii=False)
    except (ValueError, RecursionError):
        return False
    return bool(LONE.search(text))


class Maker:
    """Documents, most of them well-formed, in every spelling that JSON allows."""

    def __init__(self, seed):
        self.r = random.Random(seed)

    def space(self):
        return self.r.choice(['', '', '', ' ', '\n', '\t', '\r\n', '  \n '])

    def number(self):
        r = self.r
        if r.random() < 0.1:
            return r.choice(['NaN', 'Infinity', '-Infinity', '-0', '0', '1e999', '-1E-999', '0e0', '1' * 400,
                             '-' + '9' * 60, '0.' + '0' * 50 + '1', '123456789012345678901234567890'])
        text = r.choice(['', '-']) + r.choice(['0', str(r.randint(1, 10 ** r.randint(1, 25)))])
        if r.random() < 0.4:
            text += '.' + ''.join(r.choice('0123456789') for _ in range(r.randint(1, 8)))
        if r.random() < 0.3:
            text += r.choice('eE') + r.choice(['', '+', '-']) + str(r.randint(0, 400))
        return text

    def character(self):
        r = self.r
        kind = r.random()
        if kind < 0.5:
            c = chr(r.randint(0x20, 0x7e))
        elif kind < 0.6:
            return r.choice([r'\n', r'\t', r'\"', r'\\', r'\/', r'\b', r'\f', r'\r'])
        elif kind < 0.7:
            return r'\u%04x' % r.randint(0, 0xffff) if r.random() < 0.5 else r'\u%04X' % r.randint(0, 0xffff)
        elif kind < 0.75:
            pair = r'\ud83d', r'\ude42'
            return r.choice([pair[0] + pair[1], pair[0], pair[1], pair[1] + pair[0], pair[0] + '\\\\' + pair[1]])
        elif kind < 0.9:
            c = chr(r.choice([0x7f, 0x80, 0xe9, 0x3b1, 0x2028, 0x20ac, 0xfeff, 0xffff, 0x1f642, 0x10ffff]))
        else:
            c = r.choice('{}[],:<=>/#\'')
        return '\\' + c if c in '"\\' else c

    def string(self):
        return '"' + ''.join(self.character() for _ in range(self.r.choice([0, 1, 2, 3, 5, 8, 30]))) + '"'

    def key(self):
        return self.r.choice(['"a"', '"b"', '""', r'"\u0061"']) if self.r.random() < 0.5 else self.string()

    def value(self, depth=0):
        r, s = self.r, self.space
        kind = r.random() * (1 if depth < 6 else 0.6)
        if kind < 0.25:
            return self.number()
        if kind < 0.45:
            return self.string()
        if kind < 0.6:
            return r.choice(['null', 'true', 'false'])
        count = r.choice([0, 1, 1, 2, 3, 6])
        if kind < 0.8:
            items = [s() + self.value(depth + 1) + s() for _ in range(count)]
            return '[' + (','.join(items) or s()) + ']'
        members = [s() + self.key() + s() + ':' + s() + self.value(depth + 1) + s() for _ in range(count)]
        return '{' + (','.join(members) or s()) + '}'

    def document(self):
        return (self.space() + self.value() + self.space()).encode('utf-8', 'surrogatepass')

    def mutated(self, document):
        r, data = self.r, bytearray(document)
        for _ in range(r.choice([1, 1, 1, 2, 4])):
            at = r.randint(0, len(data))
            what = r.randint(0, 5)
            if what == 0:
                data[at:at + 1] = b''
            elif what == 1:
                data[at:at] = bytes([r.choice(b'{}[],:"\\/0123456789-+.eEtfnNI \n\t\x00\x1f\x7f\x80\xc3\xe2\xed\xf0\xff\'#x')])
            elif what == 2:
                data[at:at + 1] = bytes([r.randint(0, 255)])
            elif what == 3:
                del data[at:]
            elif what == 4:
                end = min(len(data), at + r.randint(1, 12))
                data[at:at] = data[at:end]
            else:
                data[at:at] = r.choice([b'NaN', b'-Infinity', b'true', b'null', b'\xef\xbb\xbf', b'\\u', b'\\ud800', b'00', b'1.', b'e+',
                                        b'"a":1', b',', b'//', b'\xed\xa0\x80', b'\xf4\x90\x80\x80', b'\r'])
        return bytes(data)


def tool_says(documents, *args):
    frames = b''.join(b'%d\n%s' % (len(d), d) for d in documents)
    done = subprocess.run([TOOL, *args], input=frames, capture_output=True, check=False)
    assert done.returncode == 0, f'tool_json ended with {done.returncode} after {done.stdout.count(10)} frames: {done.stderr!r}'
    return done.stdout.decode().split('\n')[:-1]


class Differential(unittest.TestCase):
    maxDiff = None

    def compare(self, documents, notebook):
        got = tool_says(documents, *(['notebook'] if notebook else []))
        self.assertEqual(len(got), len(documents))
        accepted = 0
        for document, line in zip(documents, got):
            want = python_says(document, notebook)
            if not notebook and has_lone_surrogate(document):
                want = 'no'
            self.assertEqual(line, want, f'document {document!r}')
            accepted += want != 'no'
        return accepted

    def test_random_documents(self):
        maker = Maker(SEED)
        documents = [maker.document() for _ in range(ROUNDS)]
        self.assertEqual(self.compare(documents, True), ROUNDS)  # the maker makes nothing else
        self.assertGreater(self.compare(documents, False), ROUNDS // 3)

    def test_mutated_documents(self):
        maker = Maker(SEED + 1)
        documents = [maker.mutated(maker.document()) for _ in range(ROUNDS)]
        accepted = self.compare(documents, True)
        self.assertGreater(accepted, ROUNDS // 20)
        self.assertLess(accepted, ROUNDS * 9 // 10)
        self.compare(documents, False)

    def test_mutated_byte_soup(self):
        maker = Maker(SEED + 2)
        soup = [b'[]', b'{"a":1}', b'"\\u00e9"', b'-1.5e+10', b'\xef\xbb\xbf{}', b'[NaN]', b'"\xc3\xa9"']
        documents = [maker.mutated(maker.r.choice(soup)) for _ in range(ROUNDS)]
        self.compare(documents, True)
        self.compare(documents, False)

    def test_depth(self):
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(20000)
        try:
            self.compare([b'[' * n + b']' * n for n in (1, 10, 500)], True)
            self.compare([b'{"a":' * n + b'1' + b'}' * n for n in (1, 10, 500)], False)
        finally:
            sys.setrecursionlimit(limit)
        deep = [b'[' * n + b']' * n for n in (10000, 10001)]
        self.assertEqual([line[:2] for line in tool_says(deep)], ['ok', 'no'])


if __name__ == '__main__':
    unittest.main()
