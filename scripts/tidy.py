"""tidy.py BUILD...: clang-tidy over every C file of ours in the builds' compile_commands.json; each file once.

A file whose preprocessed text, flags and .clang-tidy were found clean before is not looked at again: the hashes of clean
ones are kept below ~/.cache/notebooked/tidy, for all clones.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get('XDG_CACHE_HOME') or pathlib.Path.home() / '.cache') / 'notebooked/tidy'
TIDY, CLANG = 'clang-tidy-14', 'clang-14'


def ours(entry):
    path = pathlib.Path(entry['file']).resolve()
    return any(path.is_relative_to(ROOT / top) for top in ('src', 'tests'))


def flags_of(entry):
    """The compiler's arguments without input, output and what only gcc knows."""
    words = [w for w in shlex.split(entry['command']) if not w.endswith('ccache')][1:]
    drop = {'-c', words[words.index('-o') + 1], '-o', entry['file']}
    return [w for w in words if w not in drop and not w.startswith('-W')]


def key_of(entry):
    """Names what clang-tidy would see; line markers are left out so that clones at other paths share it."""
    done = subprocess.run([CLANG, '-E', '-P', *flags_of(entry), entry['file']], cwd=entry['directory'],
                          capture_output=True, check=True)
    text = done.stdout + pathlib.Path(entry['file']).read_bytes() + (ROOT / '.clang-tidy').read_bytes() + TIDY.encode()
    return hashlib.sha256(text).hexdigest()


def check(entry, build):
    """What clang-tidy says, or '' when the file is clean."""
    clean = CACHE / key_of(entry)
    if clean.exists():
        return ''
    done = subprocess.run([TIDY, '--quiet', '-p', build, entry['file']], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        clean.touch()
        return ''
    return done.stdout + done.stderr


def entries_of(builds):
    """{file: (its entry, its build)}, the first build that compiles a file counts."""
    entries = {}
    for build in builds:
        for entry in json.loads((pathlib.Path(build) / 'compile_commands.json').read_text()):
            if ours(entry):
                entries.setdefault(entry['file'], (entry, build))
    return entries


def main(builds):
    CACHE.mkdir(parents=True, exist_ok=True)
    entries = entries_of(builds)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        findings = [text for text in pool.map(lambda pair: check(*pair), entries.values()) if text]
    print(*findings, sep='\n')
    print(f'{len(entries)} files, {len(findings)} with findings')
    return bool(findings) or not entries


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
