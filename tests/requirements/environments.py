#!/usr/bin/env python3
"""environments.py ENVIRONMENT... : requirements.txt against what is installed.

For each virtual environment: a notebook that imports every top-level module there (of namespaces every part that is a package of its own),
converted with that environment as its Python; then each module's line is compared with importlib.metadata, run by the environment's own
Python. Prints a table, and what is wrong or missing."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

BINARY = os.environ.get('NB_BINARY', 'notebooked')

# Run by the environment's Python: dotted module -> [distribution, version], told by RECORD. A folder without __init__.py is part of a namespace.
ASK = r'''
import importlib.metadata as m, json, sys
owners = {}
for dist in m.distributions():
    files = [str(f) for f in dist.files or [] if str(f).endswith(('.py', '.so', '.pyd')) and not str(f).startswith('..')]
    folders = {f.rsplit('/', 1)[0] for f in files if f.endswith('/__init__.py')}
    for f in files:
        parts = f.split('/')
        for n in range(1, len(parts) + 1):
            path = '/'.join(parts[:n])
            if n == len(parts):
                if len(parts) > 1 and parts[-1] == '__init__.py':
                    break
                parts[-1] = parts[-1].split('.')[0]
            elif path not in folders:
                continue
            name = '.'.join(parts[:n])
            if all(p.isidentifier() and not p.startswith('_') for p in parts[:n]):
                owners.setdefault(name, set()).add((dist.metadata['Name'], dist.version))
            break
print(json.dumps([sys.version_info[:2], {k: sorted(v) for k, v in owners.items()}]))
'''


def normal(name):
    return re.sub(r'[-_.]+', '-', name).lower()


def installed(environment):
    out = subprocess.run([pathlib.Path(environment, 'bin/python'), '-I', '-c', ASK], capture_output=True, text=True, check=True)
    return json.loads(out.stdout)


def convert(folder, imports, python):
    """Lines of requirements.txt for a notebook with one cell an import: {module: (name, specifier, line)}."""
    cells = [{'cell_type': 'code', 'execution_count': None, 'outputs': [], 'metadata': {'tags': ['train']}, 'source': text} for text in
             [f'import {name}  # keep' for name in imports] + ['class M:\n    def fit(self):\n        return self\nmodel = M().fit()']]
    (folder / 'n.ipynb').write_text(json.dumps({'cells': cells, 'metadata': {}, 'nbformat': 4, 'nbformat_minor': 5}))
    env = {k: v for k, v in os.environ.items() if k not in ('VIRTUAL_ENV', 'CONDA_PREFIX')} | {'MLFLOW_TRACKING_URI': ''}
    out = subprocess.run([BINARY, 'convert', 'n.ipynb', '--python', python, '--format', 'json'], cwd=folder, env=env, capture_output=True,
                         text=True, check=False)
    path = folder / 'generated/n/requirements.txt'
    if not path.exists():
        sys.exit(f'{out.stdout}\n{out.stderr}')
    return [line for line in path.read_text().splitlines() if not line.startswith('mlflow  #')]


def compare(environment, folder):
    """(how many modules, how many distributions, wrong, missing)"""
    _, owners = installed(environment)
    standard = sys.stdlib_module_names
    owners = {name: known for name, known in owners.items() if name.split('.')[0] not in standard}
    lines = convert(folder, sorted(owners), environment)
    have = {}
    for line in lines:
        name, _, rest = line.split('  #')[0].partition('==')
        have[normal(name)] = rest.strip()
    wanted = {normal(name): version for known in owners.values() for name, version in known}
    wrong = [(name, version, wanted.get(name)) for name, version in have.items()
             if name not in wanted or (version and version != wanted[name].split('+')[0])]
    missing = sorted({normal(known[0][0]) for name, known in owners.items() if len(known) == 1} - set(have))
    return len(owners), len(wanted), wrong, missing


def main():
    print('| environment | modules | distributions | wrong | missing |\n|---|---|---|---|---|')
    for environment in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            modules, distributions, wrong, missing = compare(os.path.abspath(environment), pathlib.Path(folder))
        print(f'| {os.path.basename(environment)} | {modules} | {distributions} | {len(wrong)} {wrong or ""} | {len(missing)} {missing or ""} |')


if __name__ == '__main__':
    main()
