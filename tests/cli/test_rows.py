"""Help, manual page and completions are printed from the same rows: they must name the same commands and options."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BINARY = os.environ.get('NB_BINARY', 'build/debug/notebooked')
LONG = re.compile(r'--(\[no-\])?([a-z][a-z-]*)')


def run(*args, text=None):
    done = subprocess.run([BINARY, *args], capture_output=True, text=True, input=text, check=True)
    return done.stdout


def section(page, title):
    """The rows below "title:" in a help page, up to the next empty line."""
    found = re.search(rf'^{title}[^\n]*:\n(.*?)(\n\n|\Z)', page, re.M | re.S)
    return found.group(1).split('\n') if found else []


def options_in(lines):
    """All names of the options that rows start with: {'--wait', '-w', '--color', '--no-color'}."""
    names = set()
    for line in lines:
        row = re.match(r'\s+(?:(-\w), )?' + LONG.pattern, line)
        if row:
            letter, switch, name = row.groups()
            names |= {f'--{name}'} | ({f'--no-{name}'} if switch else set()) | ({letter} if letter else set())
    return names


def commands_in(page):
    return [re.match(r'  (\S+(?: \S+)?)(?:  |$)', line).group(1) for line in section(page, 'commands') if re.match(r'  \S', line)]


def top_commands():
    """Those of the overview, whatever heading they stand below."""
    return re.findall(r'^  (\S+)  ', run('help').partition('\noptions')[0], re.M)


def leaves():
    """Every command that runs something, with its help page."""
    for name in top_commands():
        page = run('help', name)
        below = commands_in(page)
        for leaf in below:
            yield leaf, run('help', *leaf.split())
        if not below:
            yield name, page


OVERVIEW = run('help')
GLOBAL = options_in(section(OVERVIEW, 'options'))
PAGES = dict(leaves())


class Help(unittest.TestCase):
    def test_both_spellings_print_the_same_page(self):
        for name, page in PAGES.items():
            self.assertEqual(page, run(*name.split(), '--help'), name)

    def test_pages_fit_a_terminal(self):
        for name, page in PAGES.items():
            for line in page.split('\n'):
                self.assertLessEqual(len(line), 80, f'{name}: {line}')

    def test_there_is_no_option_without_a_description(self):
        self.assertTrue(GLOBAL)
        for name, page in PAGES.items():
            for line in section(page, 'options'):
                self.assertRegex(line, r'\S', name)


class Manual(unittest.TestCase):
    page = run('man').replace('\\-', '-').replace('\\&', '')

    def part(self, title):
        found = re.search(rf'^{re.escape(title)}\n(.*?)(?=^\.S[SH] |\Z)', self.page, re.M | re.S)
        self.assertIsNotNone(found, title)
        return found.group(1)

    def options(self, part):
        return options_in('  ' + line for line in re.findall(r'^\.TP\n\\fB(.*?)\\fR$', part, re.M))

    def test_each_command_has_the_options_of_its_help(self):
        self.assertEqual(self.options(self.part('.SH OPTIONS')), GLOBAL)
        for name, page in PAGES.items():
            usage = re.match('usage: (.*)', page).group(1)
            self.assertEqual(self.options(self.part(f'.SS {usage}')), options_in(section(page, 'options')), name)

    @unittest.skipUnless(shutil.which('mandoc'), 'mandoc is not installed')
    def test_mandoc_has_nothing_to_say(self):
        done = subprocess.run(['mandoc', '-Tlint', '-Wwarning'], input=run('man'), capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ''))


class Completion(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        os.symlink(os.path.abspath(BINARY), f'{self.folder}/notebooked')

    def shell(self, *args, shell):
        env = os.environ | {'PATH': f'{self.folder}:{os.environ["PATH"]}', 'HOME': self.folder}
        done = subprocess.run([shell, *args], capture_output=True, text=True, cwd=self.folder, env=env, check=False)
        self.assertEqual(done.stderr, '')
        return done.stdout

    def bash(self, *words):
        """What bash offers for the last word."""
        script = f'{self.folder}/notebooked.bash'
        with open(script, 'w') as file:
            file.write(run('completion', 'bash'))
        code = f'. {script}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _notebooked; printf "%s\\n" "${{COMPREPLY[@]}}"'
        return set(self.shell('--norc', '-c', code, 'bash', 'notebooked', *words, shell='bash').split())

    def test_bash_offers_each_commands_options(self):
        for name, page in PAGES.items():
            self.assertEqual(self.bash(*name.split(), '-'), options_in(section(page, 'options')) | GLOBAL, name)
            self.assertEqual(self.bash('-q', '--config', 'x', *name.split(), '--config=x', '--vers'), {'--version'}, name)

    def test_bash_offers_commands_and_values(self):
        tops = {name.split()[0] for name in PAGES}
        self.assertEqual(self.bash(''), tops)
        self.assertEqual(self.bash('-q', '-C', '.', ''), tops)
        self.assertEqual(self.bash('help', 'comp'), {'completion'})
        self.assertEqual(self.bash('completion', ''), {'bash', 'zsh', 'fish'})
        self.assertEqual(self.bash('--format', ''), {'text', 'json'})
        self.assertEqual(self.bash('help', '--format', '=', 'j'), {'json'})
        self.assertEqual(self.bash('--config', 'notebooked.b'), {'notebooked.bash'})
        for top in tops:
            below = {name.split()[1] for name in PAGES if name.startswith(f'{top} ')}
            if below:
                self.assertEqual(self.bash(top, ''), below)

    def test_experiments_and_notebooks_are_offered(self):
        for name, text in {'config.yaml': 'experiments:\n  - {name: moons, notebook: a.ipynb}\n', 'moo.ipynb': '{}', 'moo.py': ''}.items():
            with open(f'{self.folder}/{name}', 'w') as file:
                file.write(text)
        self.assertEqual(self.bash('convert', 'm'), {'moons', 'moo.ipynb'})
        self.assertEqual(self.bash('convert', '--out', 'm'), set())

    @unittest.skipUnless(shutil.which('fish'), 'fish is not installed')
    def test_fish_offers_each_commands_options(self):
        script = f'{self.folder}/notebooked.fish'
        with open(script, 'w') as file:
            file.write(run('completion', 'fish'))
        for name, page in PAGES.items():
            want = {o for o in options_in(section(page, 'options')) | GLOBAL if o.startswith('--')}
            text = self.shell('--no-config', '-c', f'source {script}; complete -C "notebooked {name} --"', shell='fish')
            self.assertEqual({line.split('\t')[0].rstrip('=') for line in text.splitlines()}, want, name)

    @unittest.skipUnless(shutil.which('zsh'), 'zsh is not installed')
    def test_zsh_script_is_sound_and_names_the_options(self):
        script = run('completion', 'zsh')
        with open(f'{self.folder}/_notebooked', 'w') as file:
            file.write(script)
        self.shell('-n', f'{self.folder}/_notebooked', shell='zsh')
        for name, page in PAGES.items():
            function = f'_notebooked_{name.replace(" ", "_")}'
            body = re.search(rf'^{re.escape(function)}\(\) {{\n(.*?)^}}', script, re.M | re.S).group(1)
            names = set(re.findall(r"'(?:\*?\([^)]*\)')?\*?\{?(?:-\w\+?,)?(--[a-z-]+)=?\}?'?\[", body))
            self.assertEqual(names, {o for o in options_in(section(page, 'options')) if o.startswith('--')}, name)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
