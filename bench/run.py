#!/usr/bin/env python3
"""Measure what the README promises: CPU time and peak memory of whole processes, beside `jupyter nbconvert --to script` and `nbqa pyflakes`.

    make bench                               everything, with the release build
    make bench BENCH_ARGS="--only convert"   some of it: version, convert, pictures, many, check, size
    make bench BENCH_ARGS="--only serving"   endpoints beside FastAPI and MLflow: bench/serving/run.py, which is not part of everything
    bench/run.py --out figures.json          the figures as data as well

CPU time is user and system time, the best of several runs: what the program needs, whatever else the machine does. Peak
memory is the largest resident set. The notebooks are made below build/bench, the same bytes every time; nbconvert comes from PyPI into
an environment of its own below ~/.cache, as do nbQA and pyflakes. `check` looks at the public notebooks of $NB_SHARED, or ../shared, and is
left out where there are none. Nothing here is a test: machines differ.
"""
import argparse
import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

import notebooks

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / 'build/bench'
CACHE = pathlib.Path(os.environ.get('XDG_CACHE_HOME') or pathlib.Path.home() / '.cache', 'notebooked/bench')
SHARED = pathlib.Path(os.environ.get('NB_SHARED') or ROOT.parent / 'shared')
MB = 10 ** 6
TARGETS = {  # figure: limit, of what the issue of the first release promises
    'version': {'cpu_ms': 2}, 'convert': {'cpu_ms': 5}, 'pictures': {'cpu_ms': 60, 'peak_mib': 8}, 'size': {'mb': 2.5}}
UNWANTED = ('libcurl', 'libmicrohttpd', 'libarchive')
FILES = ('train.py', 'inference.py', 'preprocess.py', 'requirements.txt')


class Failed(Exception):
    """A command that should have been measured did not do its work."""


def note(text):
    print(f'bench: {text}', file=sys.stderr)


# --- one process

class Meter:
    """Runs commands through bench/measure.c, in an environment without the user's settings."""

    def __init__(self, work, scratch):
        self.tool = work / 'measure'
        source = ROOT / 'bench/measure.c'
        if not self.tool.exists() or self.tool.stat().st_mtime < source.stat().st_mtime:
            subprocess.run(['cc', '-O2', '-o', self.tool, source], check=True)
        self.log = scratch / 'output'
        home = scratch / 'home'
        home.mkdir()
        self.env = {'PATH': os.environ['PATH'], 'HOME': str(home), 'LANG': 'C.UTF-8', 'NO_COLOR': '1'}

    def once(self, command, cwd, fine=(0,)):
        out = subprocess.run([self.tool, self.log, *command], cwd=cwd, env=self.env, capture_output=True, text=True, check=True)
        user, system, wall, peak, status = (int(word) for word in out.stdout.split())
        if status not in fine:
            text = self.log.read_text(encoding='utf-8', errors='replace')[-2000:]
            raise Failed(f'{" ".join(map(str, command))}\n  ended with status {status}:\n{text}')
        return {'cpu_ms': (user + system) / 1000, 'wall_ms': wall / 1000, 'peak_mib': peak / 1024}

    def best(self, command, runs, cwd, before=lambda: None, fine=(0,)):
        """The run with the least CPU time, and the largest peak of all."""
        found = []
        for _ in range(runs):
            before()
            found.append(self.once(command, cwd, fine))
        fastest = min(found, key=lambda f: f['cpu_ms'])
        return {**fastest, 'peak_mib': max(f['peak_mib'] for f in found), 'runs': runs}


def peer(folder, program, *packages):
    """A peer's program, in an environment that is made once."""
    program = folder / 'bin' / program
    if not program.exists():
        note(f'installing {" and ".join(packages)} into {folder}')
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, '-m', 'venv', folder], check=True)
        subprocess.run([folder / 'bin/pip', 'install', '--quiet', '--disable-pip-version-check', *packages], check=True)
    return program


def made(path, make):
    """The path, made unless it is there; half-made ones are never left behind."""
    if not path.exists():
        note(f'making {path.relative_to(ROOT)}')
        half = path.with_name(path.name + '.half')
        shutil.rmtree(half, ignore_errors=True)
        make(half)
        half.rename(path)
    return path


# --- what is measured

class Bench:
    def __init__(self, args, scratch):
        self.args, self.scratch = args, scratch
        # The folder is named after the generator's text: another generator, other notebooks.
        self.work = WORK / f'{hash_of(ROOT / "bench/notebooks.py")}'
        self.work.mkdir(parents=True, exist_ok=True)
        self.program = scratch / 'notebooked'
        shutil.copy(args.program, self.program)
        subprocess.run(['strip', self.program], check=True)
        self.meter = Meter(WORK, scratch)
        compares = not args.no_peer and set(args.only) != {'serving'}
        self.peer = peer(CACHE, 'jupyter', 'nbconvert') if compares else None

    def convert(self, name, notebook, runs):
        """Ours and nbconvert's figures for one notebook; ours writes all four files each time."""
        out = self.scratch / name
        command = [self.program, 'convert', notebook, '--out', out]
        ours = self.meter.best(command, runs, self.scratch, lambda: shutil.rmtree(out, ignore_errors=True))
        written = {p.name for p in out.rglob('*') if p.is_file()}
        if not written.issuperset(FILES):
            raise Failed(f'{name}: only {sorted(written)} were written')
        theirs = None
        if self.peer:
            command = [self.peer, 'nbconvert', '--to', 'script', '--output-dir', self.scratch / 'peer', notebook]
            theirs = self.meter.best(command, self.args.peer_runs, self.scratch)
        return {'notebook_bytes': notebook.stat().st_size, 'notebooked': ours, 'nbconvert': theirs}

    def run_version(self):
        return {'notebooked': self.meter.best([self.program, '--version'], self.args.runs, self.scratch)}

    def run_convert(self):
        return self.convert('convert', made(self.work / 'cells50.ipynb', notebooks.realistic), self.args.runs)

    def run_pictures(self):
        size = self.args.pictures
        path = made(self.work / f'pictures{size}.ipynb', lambda half: notebooks.pictures(half, size * MB))
        path.read_bytes()  # into the page cache: the disk is not what is measured
        return self.convert('pictures', path, max(3, self.args.runs // 4))

    def run_many(self):
        """convert --all over projects of growing size."""
        rows = []
        for count in (10, 100, 1000):
            project = made(self.work / f'project{count}', lambda half, count=count: notebooks.many(half, count))
            here = self.scratch / f'project{count}'
            shutil.copytree(project, here)
            command = [self.program, 'convert', '--all', '--quiet']
            figures = self.meter.best(command, 3, here, lambda here=here: shutil.rmtree(here / 'generated', ignore_errors=True))
            rows.append({'notebooks': count, 'notebooked': figures, 'cpu_ms_each': figures['cpu_ms'] / count})
        return {'rows': rows}

    def run_check(self):
        """Public notebooks, and ten times as many: what is needed for one must not grow with their number."""
        archive = SHARED / 'notebooks/bulk.tar.gz'
        if not archive.exists():
            raise Failed(f'{archive} is not there')
        rows = []
        for copies in (1, 10):
            folder = self.scratch / f'bulk{copies}'
            for i in range(copies):
                (folder / str(i)).mkdir(parents=True)
                subprocess.run(['tar', '-xzf', archive, '-C', folder / str(i)], check=True)
            count = sum(1 for _ in folder.rglob('*.ipynb'))
            command = [self.program, 'check', '--fail-on', 'never', '--quiet', '--select', 'NB3', folder]
            rows.append({'notebooks': count, 'notebooked': self.meter.best(command, 3, self.scratch), 'nbqa': None})
        if self.peer:
            nbqa = peer(CACHE.with_name('bench-nbqa'), 'nbqa', 'nbqa', 'pyflakes')
            self.meter.env['PATH'] = f'{nbqa.parent}:{os.environ["PATH"]}'
            rows[0]['nbqa'] = self.meter.best([nbqa, 'pyflakes', self.scratch / 'bulk1'], 1, self.scratch, fine=(0, 1, 123))
        return {'rows': rows}

    def run_serving(self):
        """A program of its own: it prints its tables itself."""
        out = self.scratch / 'serving.json'
        ended = subprocess.run([ROOT / 'bench/serving/run.py', '--program', self.args.program, '--out', out])
        if ended.returncode != 0:
            raise Failed('bench/serving/run.py tells why')
        return json.loads(out.read_text(encoding='utf-8'))

    def run_size(self):
        libraries = re.findall(r'^\s*(\S+)', subprocess.run(['ldd', self.program], capture_output=True, text=True,
                                                            check=True).stdout, re.M)
        return {'mb': self.program.stat().st_size / MB, 'libraries': libraries,
                'unwanted': [name for name in libraries if name.startswith(UNWANTED)]}


def hash_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


# --- the table

def verdict(name, figures):
    limits = TARGETS.get(name, {})
    if not limits:
        return ''
    missed = [f'{key} > {limit}' for key, limit in limits.items() if figures[key] > limit]
    return 'missed: ' + ', '.join(missed) if missed else 'within ' + ', '.join(
        f'{limit} {unit(key)}' for key, limit in limits.items())


def unit(key):
    return {'cpu_ms': 'ms', 'peak_mib': 'MiB', 'mb': 'MB'}[key]


def figure(figures, key, digits=1):
    return f'{figures[key]:,.{digits}f}' if figures else '-'


def table(results):
    """Rows of text, the first one the heading."""
    rows = [('', 'CPU ms', 'peak MiB', 'nbconvert ms', 'nbconvert MiB', 'times', 'target')]

    def row(title, name, one):
        ours, theirs = one['notebooked'], one.get('nbconvert')
        times = f'{theirs["cpu_ms"] / ours["cpu_ms"]:,.0f}x' if theirs else '-'
        rows.append((title, figure(ours, 'cpu_ms'), figure(ours, 'peak_mib'), figure(theirs, 'cpu_ms', 0),
                     figure(theirs, 'peak_mib', 0), times, verdict(name, ours)))

    if 'version' in results:
        row('notebooked --version', 'version', results['version'])
    if 'convert' in results:
        row('convert, 50 cells', 'convert', results['convert'])
    if 'pictures' in results:
        row(f'convert, {results["pictures"]["notebook_bytes"] / MB:.0f} MB of pictures', 'pictures', results['pictures'])
    for one in results.get('many', {}).get('rows', []):
        cores = one['notebooked']['cpu_ms'] / one['notebooked']['wall_ms']
        row(f'convert --all, {one["notebooks"]:,} notebooks', '', one)
        rows[-1] = (*rows[-1][:-1], f'{one["cpu_ms_each"]:.2f} ms each, {cores:.1f} cores')
    for one in results.get('check', {}).get('rows', []):
        ours, theirs, count = one['notebooked'], one['nbqa'], one['notebooks']
        times = f'{theirs["cpu_ms"] / ours["cpu_ms"]:,.0f}x' if theirs else '-'
        rows.append((f'check, {count:,} notebooks', figure(ours, 'cpu_ms'), figure(ours, 'peak_mib'), figure(theirs, 'cpu_ms', 0),
                     figure(theirs, 'peak_mib', 0), times + (' (nbqa pyflakes)' if theirs else ''),
                     f'{count / ours["wall_ms"] * 1000:,.0f} a second, {count / ours["cpu_ms"] * 1000:,.0f} for each core'))
    return rows


def print_table(results):
    rows = table(results)
    if len(rows) > 1:
        widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
        for r in rows:
            cells = [text.ljust(w) if i in (0, 6) else text.rjust(w) for i, (text, w) in enumerate(zip(r, widths))]
            print('  '.join(cells).rstrip())
    if 'size' in results:
        size = results['size']
        print(f'stripped program: {size["mb"]:.2f} MB ({verdict("size", size)}), {len(size["libraries"])} libraries: '
              + ' '.join(size['libraries']))
        if size['unwanted']:
            print('not wanted among them: ' + ' '.join(size['unwanted']))


def machine():
    model = re.search(r'^model name\s*:\s*(.*)$', pathlib.Path('/proc/cpuinfo').read_text(encoding='utf-8'), re.M)
    return {'cpu': model.group(1) if model else platform.machine(), 'cores': os.cpu_count(), 'kernel': platform.release(),
            'python': platform.python_version()}


def arguments():
    kinds = [name[4:] for name in vars(Bench) if name.startswith('run_')]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--program', type=pathlib.Path, default=ROOT / 'build/release/notebooked')
    usual = [kind for kind in kinds if kind != 'serving']  # which takes minutes, and peers of some hundred megabytes
    parser.add_argument('--only', nargs='+', choices=kinds, default=usual, metavar='WHAT', help=' '.join(kinds))
    parser.add_argument('--runs', type=int, default=20, help='runs of a short command (20)')
    parser.add_argument('--peer-runs', type=int, default=3, help='runs of nbconvert (3)')
    parser.add_argument('--no-peer', action='store_true', help='leave nbconvert out')
    parser.add_argument('--pictures', type=int, default=100, metavar='MB', help='size of the notebook of pictures (100)')
    parser.add_argument('--out', type=pathlib.Path, help='write the figures as JSON')
    args = parser.parse_args()
    if not args.program.exists():
        parser.error(f'{args.program} is not there; run make build')
    return args


def main():
    args = arguments()
    results, failed = {'machine': machine()}, False
    with tempfile.TemporaryDirectory(prefix='nb-bench-') as scratch:
        bench = Bench(args, pathlib.Path(scratch))
        for name in args.only:
            note(f'measuring {name}')
            try:
                results[name] = getattr(bench, f'run_{name}')()
            except Failed as error:
                failed = True
                note(f'cannot measure {name}: {error}')
    print_table(results)
    if args.out:
        args.out.write_text(json.dumps(results, indent=2) + '\n', encoding='utf-8')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
