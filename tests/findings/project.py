"""Makes a project of a page's code blocks and runs the program in it."""
import json
import os
import pathlib
import re
import shlex
import subprocess

BINARY = pathlib.Path(os.environ.get('NB_BINARY') or pathlib.Path(__file__).resolve().parents[2] / 'build/debug/notebooked').resolve()

# What trains when a page shows something else.
TRAIN = '''# %% train
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

X, y = load_iris(return_X_y=True)
model = LogisticRegression().fit(X, y)
'''
# Distributions of the project's .venv, so that what is said does not depend on the machine.
INSTALLED = {'scikit-learn': ('1.4.2', 'sklearn'), 'numpy': ('1.26.4', 'numpy'), 'pandas': ('2.2.2', 'pandas'), 'torch': ('2.2.2', 'torch'),
             'joblib': ('1.4.0', 'joblib'), 'mlflow': ('2.12.1', 'mlflow'), 'requests': ('2.31.0', 'requests'),
             'matplotlib': ('3.8.4', 'matplotlib'), 'ipython': ('8.24.0', 'IPython'), 'transformers': ('4.40.1', 'transformers')}


def cells_of(text):
    """Code cells of the percent format: `# %% train preprocess [3]`; `# %% [markdown] train` is a cell of text."""
    head, *parts = re.split(r'^# %%(.*)\n', text, flags=re.M)
    assert not head.strip(), head
    for words, source in zip(parts[::2], parts[1::2]):
        count = re.search(r'\[(\d+)\]', words)
        tags = re.sub(r'\[\w+\]', '', words).split()
        cell = {'cell_type': 'code', 'execution_count': int(count.group(1)) if count else None, 'metadata': {'tags': tags} if tags else {},
                'outputs': [], 'source': source.strip('\n').splitlines(keepends=True)}
        if '[markdown]' in words:
            cell = {'cell_type': 'markdown', 'metadata': {'tags': tags}, 'source': cell['source']}
        yield json.dumps(cell, indent=1)


def notebook(cells):
    """The file as text, so that cells may be what no JSON writer would write."""
    if not any('"train"' in cell or '.fit(' in cell for cell in cells):
        cells = [*cells, *cells_of(TRAIN)]
    kernel = json.dumps({'kernelspec': {'display_name': 'Python 3', 'language': 'python', 'name': 'python3'}})
    return '{"cells": [\n' + ',\n'.join(cells) + f'\n], "metadata": {kernel}, "nbformat": 4, "nbformat_minor": 4}}\n'


def configuration(text):
    if not re.search(r'^experiments:', text, re.M):
        text += 'experiments:\n  - name: model\n    notebook: model.ipynb\n'
    return text


def install(work):
    """A virtual environment as files; nothing runs it."""
    site = work / '.venv/lib/python3.11/site-packages'
    site.mkdir(parents=True)
    (work / '.venv/bin').mkdir()
    (work / '.venv/bin/python3').write_text('#!/bin/sh\nexit 1\n')
    (work / '.venv/bin/python3').chmod(0o755)
    (work / '.venv/pyvenv.cfg').write_text('home = /usr/bin\nversion = 3.11.2\n')
    for name, (version, module) in INSTALLED.items():
        info = site / f'{name.replace("-", "_")}-{version}.dist-info'
        info.mkdir()
        (site / module).mkdir()
        (site / module / '__init__.py').write_text('')
        (info / 'METADATA').write_text(f'Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n')
        (info / 'RECORD').write_text(f'{module}/__init__.py,,\n{info.name}/METADATA,,\n')


class Project:
    """A folder with what the blocks say. `command` is what a reader would type."""

    def __init__(self, work, blocks, directive=''):
        """`directive` is a comment to begin each cell with that a page shows as Python."""
        self.work, self.files, self.told = work, {}, ''
        cells, self.command = [], ''
        for name, kind, content in blocks:
            if name == 'config.yaml':
                self.files[name] = configuration(content)
            elif name:
                self.files[name] = content
            elif kind == 'python':
                cells += cells_of(re.sub(r'^(# %%.*\n)', rf'\1{directive}\n', content, flags=re.M) if directive else content)
            elif kind == 'json':
                cells.append(content)
            elif kind == 'console':
                self.command = content.removeprefix('$ notebooked ').rstrip('\n')
            elif kind == 'text':
                self.told += content
        self.files['model.ipynb'] = notebook(cells)
        self.command = self.command or ('check model' if 'config.yaml' in self.files else 'check model.ipynb')

    def write(self):
        install(self.work)
        for name, content in self.files.items():
            path = self.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode(errors='surrogatepass'))

    def ignore(self, code):
        """Says in the configuration that the code is not to be told."""
        path = self.work / 'config.yaml'
        text = path.read_text() if path.exists() else configuration('')
        path.write_text(f'check: {{ignore: [{code}]}}\n' + text)

    def run(self, command='', options='-v'):
        env = {'PATH': '/usr/bin:/bin', 'HOME': str(self.work / 'home'), 'LC_ALL': 'C.UTF-8', 'TZ': 'UTC', 'TERM': 'dumb',
               **{k: v for k, v in os.environ.items() if k.endswith('SAN_OPTIONS')}}
        done = subprocess.run(['/bin/sh', '-c', f'exec {shlex.quote(str(BINARY))} {options} {command or self.command}'], cwd=self.work, env=env,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        return (done.stdout + done.stderr).decode(errors='backslashreplace').replace(str(self.work), '$WORK')


HEAD = re.compile(r'(?:.*?: )?(error|warning|note)\[(NB\d{3})\]: ')


def findings(text):
    """(severity, code, whole text) of each finding that was printed."""
    found = []
    for line in text.splitlines(keepends=True):
        head = HEAD.match(line)
        if head:
            found.append([head.group(1), head.group(2), line])
        elif found and re.match(r' *\d* \||  (help|at|because)\b| {8}|hint: ', line):
            found[-1][2] += line
    return [tuple(f) for f in found]
