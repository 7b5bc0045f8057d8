"""The documentation must say what is there: findings, commands and options, links, files of the source."""
import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'findings'))
from pages import INDEX, TITLES, codes, index, pages, plain  # noqa: E402

SOURCE = pathlib.Path(os.environ['NB_SOURCE_DIR'])
BINARY = os.environ['NB_BINARY']
PAGES = sorted(p for p in [*SOURCE.glob('*.md'), *SOURCE.glob('docs/**/*.md'), *SOURCE.glob('examples/*.md')])


def commands(text):
    """Command lines in code: whole lines of blocks, `inline` ones. What follows two blanks or a # explains."""
    blocks = re.findall(r'^```\w*\n(.*?)^```', text, re.M | re.S) + re.findall(r'^ {4}.*\n', text, re.M)
    for line in '\n'.join(blocks).split('\n'):
        found = re.match(r'\s*(?:\$ )?(notebooked [a-z-].*)', line)
        if found:
            yield re.split(r'  |#', found.group(1))[0]
    yield from re.findall(r"[`'](notebooked [a-z-][^`']*)[`']", re.sub(r'^```.*?^```', '', text, flags=re.M | re.S))


class Findings(unittest.TestCase):
    def test_pages_agree_with_the_table(self):
        all_pages = pages()
        self.assertEqual(list(all_pages), [row[0] for row in codes()])
        for code, slug, kind, summary in codes():
            page = all_pages[code]
            with self.subTest(code=code):
                self.assertEqual((page.title, page.kind, plain(page.summary)), (f'# {code} {slug}', kind, summary))
                self.assertTrue(page.about and page.remedy)
                self.assertEqual(['', *page.sections], TITLES)
                self.assertTrue(page.blocks('Before') and page.blocks('After'))
                sentences = re.split(r'(?<=\.) ', page.sections['Silencing'])
                self.assertEqual(len(sentences), len(set(sentences)), 'said twice')

    def test_index_is_made_from_the_pages(self):
        self.assertEqual(INDEX.read_text().split('\n## ', 1)[1], index().removeprefix('## '), 'run tests/findings/test_findings.py --update')

    def test_codes_in_pages_exist(self):
        known = {row[0] for row in codes()}
        for page in PAGES:
            with self.subTest(page=page.name):
                self.assertLessEqual(set(re.findall(r'\bNB\d{3}\b', page.read_text())), known)


class Templates(unittest.TestCase):
    def test_page_tells_every_variable(self):
        page = set(re.findall(r'[\w.]+', (SOURCE / 'docs/templates.md').read_text()))
        for template in (SOURCE / 'src/gen/templates').glob('*.tmpl'):
            for name in re.findall(r'<%[#^&]?\s*([a-z_]\w*)[|\w]*\s*%>', template.read_text()):
                told = name in page or re.sub('^has_', '', name) in page
                self.assertTrue(told, f'{template.name}: {name}')


class Commands(unittest.TestCase):
    helps = {}

    def help(self, *words):
        if words not in self.helps:
            done = subprocess.run([BINARY, 'help', *words], capture_output=True, text=True)
            self.helps[words] = done.stdout if done.returncode == 0 else ''
        return self.helps[words]

    def check(self, line):
        words = [w for w in line.split() if w not in ('|', '>', '...')]
        common = self.help()
        names = [w for w in words[1:3] if re.fullmatch(r'[a-z]+(-[a-z]+)*', w)]
        while names and not self.help(*names):
            names.pop()
        if len(words) > 1 and not words[1].startswith('-'):
            self.assertTrue(names, f'no such command: {line}')
        for word in words[1:]:
            option = re.match(r'\[?(--[a-z][a-z-]*)', word)
            if option:
                name = re.sub('^--(no-)?', '', option.group(1))
                self.assertRegex(self.help(*names) + common, rf'--(\[no-\]|no-)?{name}\b', f'no such option: {line}')

    def test_commands_in_pages_exist(self):
        seen = 0
        for page in PAGES:
            for line in commands(page.read_text()):
                with self.subTest(page=page.name, line=line):
                    self.check(line)
                    seen += 1
        self.assertGreater(seen, 30)


class Links(unittest.TestCase):
    def test_linked_files_exist(self):
        for page in PAGES:
            for target in re.findall(r'\]\(([^)#]+)', page.read_text()):
                if '://' not in target:
                    self.assertTrue((page.parent / target).exists(), f'{page.name}: {target}')

    def test_sources_named_in_pages_exist(self):
        for page in (p for p in PAGES if p.parent.name != 'findings'):  # those speak of the user's files
            for path in re.findall(r'`((?:src|tests|scripts|cmake|bench)/[\w/.-]+)`', re.sub(r'\w*(NAME|ROOM|FOLDER|X)\w*', '*', page.read_text())):
                self.assertTrue((SOURCE / path).exists(), f'{page.name}: {path}')

    def test_generation_page_names_every_header(self):
        page = (SOURCE / 'docs/design/generation.md').read_text()
        named = set(re.findall(r'`(\w+)\.[ch]`', page))
        for header in [*(SOURCE / 'src/gen').glob('*.h'), *(SOURCE / 'src/graph').glob('*.h')]:
            self.assertIn(header.stem, named, f'{header.name} is told nowhere')


if __name__ == '__main__':
    unittest.main()
