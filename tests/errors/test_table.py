"""Every row of table.py: a bad input, and what the user must be told about it.

`test_table.py --show [PART OF A NAME]` prints what the program says instead.
"""
import json
import os
import pathlib
import pwd
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import unittest

import table
from rows import Folder, Link

BINARY = pathlib.Path(os.environ.get('NB_BINARY', 'build/debug/notebooked')).resolve()
SECONDS = 120


def matches(want, got):
    parts = re.split(r'<<(.+?)>>', want)
    return re.fullmatch(''.join(p if i % 2 else re.escape(p) for i, p in enumerate(parts)), got) is not None


# ---- what the program wrote

FINDING = re.compile(r'(?:(?P<at>\S.*?): )?(?P<severity>error|warning|note)\[(?P<code>NB\d{3})\]: (?P<says>.*)')
BROKEN = re.compile(r'AddressSanitizer|LeakSanitizer|runtime error:|Assertion|internal error|\(nil\)|\(null\)')


def read_messages(text):
    """The findings and errors in a text for people, each as a dict of severity, code, says, because, at, hint."""
    messages = []
    for line in text.splitlines():
        found = FINDING.fullmatch(line)
        if found:
            messages.append({**found.groupdict(''), 'because': '', 'hint': ''})
        elif line.startswith('error: '):
            messages.append({'severity': 'error', 'code': '', 'says': line[7:], 'because': '', 'at': '', 'hint': ''})
        for field, label in (('because', '  because: '), ('at', '  at '), ('hint', 'hint: '), ('hint', '  help: ')):
            if messages and line.startswith(label):
                messages[-1][field] = line[len(label):]
    return messages


def problems_of_style(message):
    """Every message reads alike: lower case, no final stop."""
    for field in ('says', 'because', 'hint'):
        text = message[field]
        if re.match(r'[A-Z][a-z]+ ', text) or re.search(r'[^.]\.$', text):
            yield f'{field} begins with a capital or ends with a stop: {text}'


# ---- a fresh folder

def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Link):
        path.symlink_to(content.target)
    elif isinstance(content, Folder):
        path.mkdir()
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def set_modes(work, row):
    for name, content in row.files.items():
        if isinstance(content, Folder):
            (work / name).chmod(content.mode)


def snapshot(folder):
    """Path -> content; None for what is no file, or may not be read."""
    def content(path):
        return path.read_bytes() if path.is_file() and not path.is_symlink() and os.access(path, os.R_OK) else None
    return {path.relative_to(folder).as_posix(): content(path) for path in folder.rglob('*')}


class Place:
    """A temporary folder: work/ with the files of a row, bin/ with the program, home/."""

    def __init__(self, row):
        self.row = row
        self.top = pathlib.Path(tempfile.mkdtemp(prefix='nb errors ')).resolve()
        self.work = self.top / 'work'
        for name in ('work', 'home', 'bin'):
            (self.top / name).mkdir()
        shutil.copy(BINARY, self.top / 'bin/notebooked')  # another user may not see the build folder
        for name, content in row.files.items():
            write(self.work / name, content)
        self.env = {'PATH': f'{self.top}/bin:/usr/bin:/bin', 'HOME': str(self.top / 'home'), 'LC_ALL': 'C.UTF-8', 'TZ': 'UTC',
                    'SYSTEM_PYTHON': os.environ.get('NB_SYSTEM_PYTHON', '/usr/bin/python3'),
                    **{k: v for k, v in os.environ.items() if k.endswith('SAN_OPTIONS')}}

    def __enter__(self):
        if self.row.before:
            subprocess.run(['/bin/sh', '-ec', self.row.before], cwd=self.work, env=self.env, check=True, capture_output=True)
        if self.row.user and os.geteuid() == 0:
            subprocess.run(['chown', '-Rh', self.row.user, str(self.top)], check=True)
        set_modes(self.work, self.row)
        return self

    def __exit__(self, *_):
        subprocess.run(['chmod', '-R', 'u+rwX', str(self.top)], check=False)
        shutil.rmtree(self.top)

    def run(self, *options):
        def prepare():
            if self.row.largest_file:
                resource.setrlimit(resource.RLIMIT_FSIZE, (self.row.largest_file, self.row.largest_file))
            if self.row.user and os.geteuid() == 0:
                user = pwd.getpwnam(self.row.user)
                os.setgroups([])
                os.setgid(user.pw_gid)
                os.setuid(user.pw_uid)
        done = subprocess.run(['/bin/sh', '-c', f'exec notebooked {" ".join(options)} {self.row.command}'], cwd=self.work, env=self.env | self.row.env,
                              preexec_fn=prepare, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False)
        out, err = (t.decode(errors='backslashreplace').replace(str(self.work), '$WORK').replace(str(self.top), '$TOP')
                    for t in (done.stdout, done.stderr))
        return done.returncode, out, err


def new_or_changed(before, after, allowed):
    inside = tuple(f'{name}/' for name in allowed)
    return sorted(name for name in before.keys() | after.keys()
                  if before.get(name, 0) != after.get(name, 0) and name not in allowed and not name.startswith(inside))


# ---- the tests

class Table(unittest.TestCase):
    maxDiff = None

    def check_message(self, row, text):
        wanted = {'severity': row.severity, 'code': row.code, 'says': row.says, 'because': row.because, 'at': row.at, 'hint': row.hint}
        messages = read_messages(text)
        for message in messages:
            self.assertEqual(list(problems_of_style(message)), [])
        same = [m for m in messages if m['code'] == row.code]
        if not any(all(matches(text, m[field]) for field, text in wanted.items()) for m in same):
            self.assertEqual([wanted], same, text)

    def check(self, row):
        with Place(row) as place:
            before = snapshot(place.work)
            status, _, text = place.run()
            after = snapshot(place.work)
        self.assertEqual(status, row.exit, text)
        self.assertNotRegex(text, BROKEN)
        self.check_message(row, text)
        if row.prints:
            self.assertTrue(any(matches(row.prints, line) for line in text.splitlines()), text)
        self.assertEqual(new_or_changed(before, after, row.writes), [], 'what the command left behind')

    def check_json(self, row):
        """The document says the same as the text."""
        with Place(row) as place:
            status, out, _ = place.run('--format', 'json')
        document = json.loads(out)
        error = document['error']
        self.assertEqual((status, error['exit'] if error else 0), (row.exit, row.exit))
        said = error['messages'] if error and error['finding'] == (row.code or None) else []
        if row.code:
            said += [f['message'] for f in document['findings'] if (f['code'], f['severity']) == (row.code, row.severity)]
        self.assertTrue(any(matches(row.says, text) for text in said), said)

    def test_names_are_unique(self):
        names = [row.name for row in table.ROWS]
        self.assertEqual(sorted(names), sorted(set(names)))


def add_row(row):
    name = re.sub(r'\W+', '_', row.name)
    setattr(Table, f'test_{name}', lambda self: self.check(row))
    if '/dev/full' not in row.command and '--format' not in row.command:
        setattr(Table, f'test_json_{name}', lambda self: self.check_json(row))


def show(part):
    for row in table.ROWS:
        if part in row.name:
            with Place(row) as place:
                before = snapshot(place.work)
                status, stdout, text = place.run()
                left = new_or_changed(before, snapshot(place.work), ())
            print(f'=== {row.name}: exit {status} (wanted {row.exit}){" left " + ", ".join(left) if left else ""}')
            print(stdout[:300] + text)


for each in table.ROWS:
    add_row(each)

if __name__ == '__main__':
    if '--show' in sys.argv:
        show(sys.argv[-1] if sys.argv[-1] != '--show' else '')
    else:
        unittest.main()
