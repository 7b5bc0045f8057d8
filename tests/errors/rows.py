"""What a row of the table is, and the notebooks and files that rows are made of."""
import dataclasses
import json


@dataclasses.dataclass(frozen=True)
class Link:
    target: str


@dataclasses.dataclass(frozen=True)
class Folder:
    mode: int = 0o755


def cell(tags, source, count=None):
    return {'cell_type': 'code', 'execution_count': count, 'metadata': {'tags': tags.split()}, 'outputs': [],
            'source': source.splitlines(keepends=True)}


def markdown(tags, source):
    return {'cell_type': 'markdown', 'metadata': {'tags': tags.split()}, 'source': source.splitlines(keepends=True)}


def notebook(*cells, language='python', **more):
    """A notebook of cells, or of (tags, source) pairs."""
    cells = [cell(*c) if isinstance(c, tuple) else c for c in cells]
    kernel = {'display_name': language, 'language': language, 'name': {'python': 'python3', 'R': 'ir'}.get(language, language)}
    return json.dumps({'cells': cells, 'metadata': {'kernelspec': kernel}, 'nbformat': 4, 'nbformat_minor': 4, **more}, indent=1)


def config(**keys):
    """A configuration with one experiment `a` of the notebook a.ipynb, without tracking, and what `keys` add to it."""
    return json.dumps({'mlflow': {'tracking_uri': ''}, 'experiments': [{'name': 'a', 'notebook': 'a.ipynb', **keys}]})


# A model in a single cell, without packages.
MODEL = 'class Model:\n    def predict(self, data):\n        return data\n\nmodel = Model()\n'
GOOD = notebook(('train', MODEL))


def project(*cells, **keys):
    """The files of a project with one experiment `a`; a good notebook when no cells are given."""
    return {'config.yaml': config(**keys), 'a.ipynb': notebook(*cells) if cells else GOOD}


def lone(*cells):
    """A notebook alone, without a configuration."""
    return {'a.ipynb': notebook(*cells)}


@dataclasses.dataclass(frozen=True)
class Row:
    """One bad input. `says` and `hint` are texts in which <<REGEX>> stands for what matches, `at` is the place as it is printed."""
    name: str
    files: dict
    command: str  # after `notebooked`; a shell reads it
    exit: int
    says: str
    at: str = ''
    hint: str = ''
    code: str = ''  # NB301: the message is a finding, or the error has its code; else it is an error that ends the command
    severity: str = 'error'
    because: str = ''
    before: str = ''  # shell lines that must succeed first
    env: dict = dataclasses.field(default_factory=dict)
    user: str = ''  # run as this user; as root one can write everywhere
    largest_file: int = 0  # bytes: what a full disk, or a quota, allows a file
    writes: tuple = ()  # what may exist afterwards that did not before; folders without what is in them
    prints: str = ''  # what must also be among the lines of standard error
