"""The pages docs/findings/NBxxx.md as data, and the table of codes they belong to.

A page's code blocks say what a block is by their fence: ```python is a notebook whose cells begin with `# %% TAG TAG [N]` (N is the execution count),
```json cells of a notebook as they stand in the file, ```console a command that takes the place of the usual one, and ```text what the program says.
Below a line that is nothing but a name in backticks and a colon, a block is that file of the project.
"""
import os
import pathlib
import re

SOURCE = pathlib.Path(os.environ.get('NB_SOURCE_DIR') or pathlib.Path(__file__).resolve().parents[2])
FOLDER = SOURCE / 'docs/findings'
KINDS = {'ERROR': 'Error', 'WARNING': 'Warning', 'INFO': 'Note'}
TITLES = ['', 'Why it matters', 'Before', 'After', 'Silencing']
BLOCK = re.compile(r'(?:^`(\S+)`:\n\n)?^```(\w+)\n(.*?)^```$', re.M | re.S)


def codes():
    """(code, slug, kind, summary) of each row of src/base/codes.def."""
    rows = re.findall(r'^NB_DIAG_ROW\(\w+, "(NB\d+)", "([\w-]+)", (\w+), "(.*)"\)$', (SOURCE / 'src/base/codes.def').read_text(), re.M)
    return [(code, slug, KINDS[severity], summary) for code, slug, severity, summary in rows]


def plain(text):
    """The text without the backslashes that Markdown wants."""
    return re.sub(r'\\([\\<_|*\[\]])', r'\1', text)


class Page:
    def __init__(self, path):
        self.path = path
        self.text = path.read_text()
        head, *parts = re.split(r'^## (.*)\n', self.text, flags=re.M)
        self.title = head.split('\n', 1)[0]
        labels = dict(re.findall(r'^\*\*(\w+):\*\* (.*)$', head, re.M))
        self.remedy = labels.pop('Remedy', '')
        self.kind, self.summary = next(iter(labels.items()), ('', ''))
        self.about = head.split('**Remedy:** ' + self.remedy, 1)[-1].strip()
        self.sections = {title: text.strip() for title, text in zip(parts[::2], parts[1::2])}

    def blocks(self, title):
        """(name, kind, content) of each code block below a heading."""
        return BLOCK.findall(self.sections[title] + '\n')


def pages():
    return {path.stem: Page(path) for path in sorted(FOLDER.glob('NB*.md'))}


# ---- The index docs/findings.md: one line a page.

INDEX = SOURCE / 'docs/findings.md'
GROUPS = {'0': 'The notebook file', '1': 'Tags and sections', '2': 'IPython syntax', '3': 'Names, order and Python', '4': 'Hyperparameters, data and paths',
          '5': 'Model and inference', '6': 'Requirements', '7': 'Generated files', '8': 'Configuration'}


def index():
    """The text below the introduction, as it should be."""
    text, all_pages = '', pages()
    for group, title in GROUPS.items():
        text += f'## {title}\n\n| code | name | kind | what it says | what to do |\n|---|---|---|---|---|\n'
        for code, slug, _, _ in codes():
            if code[2] == group:
                page = all_pages[code]
                text += f'| [{code}](findings/{code}.md) | {slug} | {page.kind.lower()} | {page.summary} | {page.remedy} |\n'
        text += '\n'
    return text.rstrip('\n') + '\n'


def write_index():
    INDEX.write_text(INDEX.read_text().split('\n## ')[0] + '\n' + index())
