"""The page of each code is a golden case: what stands under "Before" gives the finding word for word, what stands under "After" does not.

`test_findings.py --update [CODE...]` writes what the program says into the pages, and the index docs/findings.md; read what it wrote.
"""
import contextlib
import pathlib
import sys
import tempfile
import unittest

import special
from pages import codes, pages, write_index
from project import Project, findings

PAGES = pages()


@contextlib.contextmanager
def made(page, title, directive=''):
    """The project of a part of the page, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix='nb findings ') as name:
        project = Project(pathlib.Path(name).resolve(), page.blocks(title), directive)
        project.write()
        special.before_run(page.path.stem, title, project)
        yield project


def play(page, title, directive=''):
    """What the program says about a part of the page, the findings in it, and what the page says."""
    with made(page, title, directive) as project:
        text = project.run()
        return text, findings(text), project.told


def others(code, found):
    """What has another cause than the page is about; notes there are always."""
    return ''.join(text for severity, c, text in found if c != code and severity != 'note' and c not in special.ALSO.get(code, ()))


class Golden(unittest.TestCase):
    maxDiff = None

    def check(self, page):
        code = page.path.stem
        text, found, told = play(page, 'Before')
        self.assertEqual(''.join(text for _, c, text in found if c == code), told, 'Before')
        self.assertTrue(told, 'the page does not show what the program says')
        self.assertEqual(others(code, found), '', 'Before says more than the page is about')
        if not any(severity == 'error' for severity, _, _ in found):
            self.assertNotRegex(text, r'(?m)^error: ', 'Before')
        text, found, _ = play(page, 'After')
        self.assertEqual(''.join(text for severity, c, text in found if c == code or severity != 'note'), '', 'After')
        self.assertNotRegex(text, r'(?m)^error: ', 'After')

    def check_silencing(self, page):
        """A comment silences the finding where the page says so, and nowhere else."""
        code = page.path.stem
        directive = f'# notebooked: ignore[{code}]'
        if any(kind == 'python' and not name for name, kind, _ in page.blocks('Before')):
            _, found, _ = play(page, 'Before', directive)
            self.assertEqual(code not in [c for _, c, _ in found], f'`{directive}`' in page.sections['Silencing'])

    def check_ignoring(self, page):
        """--ignore and the configuration keep `check` from telling it, where the page says so."""
        code = page.path.stem
        with made(page, 'Before') as project:
            command = project.command if project.command.startswith('check') else 'check'
            told = code in [c for _, c, _ in findings(project.run(command))]
            still = code in [c for _, c, _ in findings(project.run(f'{command} --ignore {code}'))]
            self.assertEqual(told and not still, f'`--ignore {code}`' in page.sections['Silencing'])
            project.ignore(code)
            still = code in [c for _, c, _ in findings(project.run(command))]
            self.assertEqual(told and not still, f'`check: {{ignore: [{code}]}}`' in page.sections['Silencing'])

    def test_every_code_has_a_page(self):
        self.assertEqual(list(PAGES), [row[0] for row in codes()])


def add(page):
    setattr(Golden, f'test_{page.path.stem}', lambda self: self.check(page))
    setattr(Golden, f'test_{page.path.stem}_silenced', lambda self: self.check_silencing(page))
    setattr(Golden, f'test_{page.path.stem}_ignored', lambda self: self.check_ignoring(page))


for each in PAGES.values():
    add(each)


def update(wanted):
    for code, page in PAGES.items():
        if wanted and code not in wanted:
            continue
        text, found, told = play(page, 'Before')
        says = ''.join(text for _, c, text in found if c == code)
        if not says:
            print(f'=== {code} says nothing', text, sep='\n')
        if says and says != told:
            section = page.sections['Before'] + '\n'
            new = section.replace(told, says) if told else f'{section}\n```text\n{says}```\n'
            page.path.write_text(page.text.replace(section, new, 1))


if __name__ == '__main__':
    if '--update' in sys.argv:
        update(sys.argv[sys.argv.index('--update') + 1:])
        write_index()
    else:
        unittest.main()
