"""alarms.py NOTEBOOKED FOLDER: what to read to know how many findings are wrong.

False alarms are bugs, and only a reader can tell them. This prints every error of 40 clean notebooks and a sample of warnings of all, each
with its cell; who reads counts. The same notebooks give the same list in the same order:

  clean     every code cell parses, those that have a count were run in the order in which they stand, and some cell trains, by its tag or as
            proposed; the first 40 by the SHA-256 of the file
  sample    warnings of the 40, then of all others, by the SHA-256 of path, place and code: as many as --warnings asks for
"""
import argparse
import hashlib
import json
import pathlib
import subprocess
import sys

CLEAN = 40
UNCLEAN = {'NB001', 'NB002', 'NB009', 'NB010', 'NB102', 'NB221', 'NB222', 'NB301', 'NB304'}  # does not parse, or does not train


def cells_of(path):
    notebook = json.loads(path.read_text(encoding='utf-8-sig'))
    cells = notebook.get('cells') or [c for sheet in notebook.get('worksheets', []) for c in sheet.get('cells', [])]
    return [(c, ''.join(c.get('source', c.get('input', '')))) for c in cells]


def ran_in_order(path):
    try:
        counts = [c.get('execution_count', c.get('prompt_number')) for c, _ in cells_of(path) if c.get('cell_type') == 'code']
    except (ValueError, UnicodeDecodeError, AttributeError):
        return False
    counts = [count for count in counts if isinstance(count, int)]
    return counts == sorted(set(counts))


def key_of(finding):
    place = (pathlib.PurePath(finding['path']).name, finding['cell'], finding['line'], finding['column'], finding['code'])
    return hashlib.sha256(repr(place).encode()).hexdigest()


def check(program, folder):
    command = [program, 'check', '--output-format', 'json', '--fail-on', 'never', str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    by_path = {path: [] for path in folder.rglob('*.ipynb')}
    for finding in json.loads(done.stdout)['findings']:
        by_path.setdefault(pathlib.Path(finding['path'] or ''), []).append(finding)
    return by_path


def show(number, finding, context):
    print(f"[{number}] {finding['path']}: cell {finding['cell']}, line {finding['line']}: {finding['severity']}[{finding['code']}]")
    print(f"    {finding['message']}\n    help: {finding['help']}")
    if not finding['cell']:
        return
    source = cells_of(pathlib.Path(finding['path']))[finding['cell'] - 1][1].splitlines()
    line = finding['line'] or 1
    for at in range(max(1, line - context), min(len(source), line + context) + 1):
        print(f"    {'>' if at == line else ' '} {at:4} | {source[at - 1][:160]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('notebooked')
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('--warnings', type=int, default=150)
    parser.add_argument('--context', type=int, default=4, help='lines around the finding')
    arguments = parser.parse_args()
    by_path = check(arguments.notebooked, arguments.folder)
    clean = [path for path, findings in by_path.items()
             if not any(f['code'] in UNCLEAN for f in findings) and path.is_file() and ran_in_order(path)]
    clean = set(sorted(clean, key=lambda path: hashlib.sha256(path.read_bytes()).hexdigest())[:CLEAN])

    errors = [f for path in sorted(clean) for f in by_path[path] if f['severity'] == 'error']
    warnings = [(path not in clean, key_of(f), f) for path, findings in by_path.items() for f in findings if f['severity'] == 'warning']
    warnings.sort(key=lambda row: row[:2])
    of_clean = sum(not other for other, _, _ in warnings)
    print(f'{len(by_path)} notebooks, {len(clean)} clean ones with {len(errors)} errors and {of_clean} warnings;'
          f' {len(warnings)} warnings in all\n')
    shown = errors + [finding for _, _, finding in warnings[:max(arguments.warnings, of_clean)]]
    for number, finding in enumerate(shown, 1):
        show(number, finding, arguments.context)


if __name__ == '__main__':
    main()
