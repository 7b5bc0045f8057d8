#!/usr/bin/env python3
"""Golden tests of the command line: run.py [--update] [CASE...]

A case is a folder below tests/cli/cases:
  cmd      shell lines; `notebooked` is the program under test
  in/      what the fresh working folder holds before
  stdout, stderr, exit   what must come out (nothing, nothing, 0 when missing)
  out/     files that must exist afterwards with this content
  files    every path that exists afterwards and was not in in/, one a line, sorted (checked when present)

In expectations <<REGEX>> stands for any text that matches; the working folder's path reads $WORK. Where `cmd` is one
command with --format json, stdout must be one JSON document. --update rewrites what does not match.
The program is $NB_BINARY, or build/debug/notebooked.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CASES = HERE / 'cases'
BINARY = pathlib.Path(os.environ.get('NB_BINARY') or HERE.parent.parent / 'build/debug/notebooked').resolve()
SECONDS = 60


def matches(want, got):
    parts = re.split(r'<<(.+?)>>', want, flags=re.S)
    pattern = ''.join(p if i % 2 else re.escape(p) for i, p in enumerate(parts))
    return re.fullmatch(pattern, got, re.S) is not None


def environment(tmp):
    """Nothing of the caller's but what sanitizers need; the program first on PATH."""
    bins = tmp / 'bin'
    bins.mkdir()
    (bins / 'notebooked').symlink_to(BINARY)
    env = {'PATH': f'{bins}:/usr/bin:/bin', 'HOME': str(tmp / 'home'), 'LC_ALL': 'C.UTF-8', 'TZ': 'UTC', 'TERM': 'dumb'}
    (tmp / 'home').mkdir()
    return env | {k: v for k, v in os.environ.items() if k.endswith('SAN_OPTIONS')}


def paths_below(folder):
    return {p.relative_to(folder).as_posix() for p in folder.rglob('*')}


class Case:
    def __init__(self, folder, update):
        self.folder, self.update, self.problems = folder, update, []

    def expect(self, name, got, default=''):
        path = self.folder / name
        want = path.read_text() if path.exists() else default
        if matches(want, got):
            return
        if self.update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(got)
            if got == default:
                path.unlink()
        else:
            self.problems.append(f'{name}:\n--- wanted\n{want}--- got\n{got}---')

    def check_files(self, work, before):
        for path in sorted((self.folder / 'out').rglob('*')):
            if path.is_file():
                name = path.relative_to(self.folder / 'out')
                made = work / name
                self.expect(f'out/{name}', made.read_text() if made.is_file() else '(missing)\n')
        if (self.folder / 'files').exists():
            self.expect('files', ''.join(f'{p}\n' for p in sorted(paths_below(work) - before)))

    def check_json(self, cmd, stdout):
        if re.fullmatch(r'notebooked [^|;&\n]*--format[ =]json[^|;&\n]*\n?', cmd):
            try:
                json.loads(stdout)
            except ValueError as problem:
                self.problems.append(f'stdout is not one JSON document: {problem}')

    def run(self):
        cmd = (self.folder / 'cmd').read_text()
        with tempfile.TemporaryDirectory() as name:
            tmp = pathlib.Path(name).resolve()
            work = tmp / 'work'
            if (self.folder / 'in').exists():
                shutil.copytree(self.folder / 'in', work, symlinks=True)
            else:
                work.mkdir()
            before = paths_below(work)
            done = subprocess.run(['sh', '-c', cmd], cwd=work, env=environment(tmp), stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=SECONDS, check=False)
            out, err = (t.decode(errors='backslashreplace').replace(str(work), '$WORK') for t in (done.stdout, done.stderr))
            self.expect('stdout', out)
            self.expect('stderr', err)
            self.expect('exit', f'{done.returncode}\n', '0\n')
            self.check_json(cmd, out)
            self.check_files(work, before)
            subprocess.run(['chmod', '-R', 'u+rwX', str(tmp)], check=False)
        return self


def select(names):
    return sorted(p.parent for p in CASES.glob('*/cmd') if not names or p.parent.name in names)


def main(argv):
    update = '--update' in argv
    folders = select([a for a in argv if a != '--update'])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        cases = list(pool.map(lambda folder: Case(folder, update).run(), folders))
    failed = [case for case in cases if case.problems]
    for case in failed:
        print(f'FAIL {case.folder.name}', *case.problems, sep='\n')
    print(f'{len(cases) - len(failed)} passed, {len(failed)} failed')
    return 1 if failed or not cases else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
