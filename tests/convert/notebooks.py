"""Small notebooks written as text files: cells begin with `# %% TAG TAG`.

Two kinds of cells are for the tests only and are not part of the notebook: `# %% kernel` holds statements that bring the reference namespace
to what a kernel would hold where plain exec() cannot (IPython syntax, await, hyperparameters from the configuration), and `# %% check` says what to
compare. Header lines: `# config: JSON` (keys of the experiment), `# args: …` (for train.py), `# file: PATH: CONTENT`.
"""
import json
import pathlib
import re


class Case:
    def __init__(self, path):
        self.name = pathlib.Path(path).stem
        self.config, self.args, self.files, self.cells = {}, [], {}, []
        header, *cells = re.split(r'^# %%(.*)\n', pathlib.Path(path).read_text(), flags=re.M)
        for line in header.splitlines():
            if line.startswith('# config: '):
                self.config = json.loads(line[10:])
            elif line.startswith('# args: '):
                self.args = line[8:].split()
            elif line.startswith('# file: '):
                name, content = line[8:].split(': ', 1)
                self.files[name] = content.replace('\\n', '\n')
        for tags, source in zip(cells[::2], cells[1::2]):
            self.cells.append((tags.split(), source.rstrip('\n')))

    def notebook(self):
        cells = [{'cell_type': 'code', 'execution_count': None, 'metadata': {'tags': tags}, 'outputs': [],
                  'source': source.splitlines(keepends=True)}
                 for tags, source in self.cells if not {'kernel', 'check'} & set(tags)]
        return {'cells': cells, 'metadata': {'kernelspec': {'display_name': 'Python 3', 'language': 'python', 'name': 'python3'}},
                'nbformat': 4, 'nbformat_minor': 4}

    def write(self, folder, tracking=''):
        """Write notebook, configuration and files into the folder."""
        folder = pathlib.Path(folder)
        (folder / 'notebook.ipynb').write_text(json.dumps(self.notebook(), indent=1))
        experiment = {'name': 'case', 'notebook': 'notebook.ipynb', **self.config}
        (folder / 'config.yaml').write_text(json.dumps({'mlflow': {'tracking_uri': tracking}, 'experiments': [experiment]}))
        for name, content in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content)

    def source(self, tag):
        return '\n'.join(source for tags, source in self.cells if tag in tags)


def cases(folder):
    return [Case(path) for path in sorted(pathlib.Path(folder).glob('*.cells'))]
