"""Which notebooks a walk finds: the same as git lists, over random trees and random .gitignore files; and what is left out anyway."""
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

TOOL = os.path.abspath(os.environ.get('NB_BUILD_DIR', '') + '/tool_walk')
GIT = {**os.environ, 'GIT_CONFIG_GLOBAL': '/dev/null', 'GIT_CONFIG_SYSTEM': '/dev/null', 'HOME': '/nonexistent', 'XDG_CONFIG_HOME': '/nonexistent'}
ROUNDS = 60


def walk(folder, start='.', **options):
    done = subprocess.run([TOOL, str(start)], cwd=folder, capture_output=True, text=True, timeout=60, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout.split('\0')[:-1], done.stderr


def git_lists(folder):
    """What git would add: notebooks only, as the walk sees them."""
    done = subprocess.run(['git', 'ls-files', '-z', '--others', '--exclude-standard'], cwd=folder, env=GIT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return sorted((p for p in done.stdout.split('\0') if p.endswith('.ipynb')), key=os.fsencode)


def touch(*paths):
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('')


class Names:
    """Few letters, so that patterns hit."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def name(self):
        return ''.join(self.random.choice('ab-c!#x [1]') for _ in range(self.random.randint(1, 3))).strip() or 'a'

    def piece(self):
        r = self.random
        parts = ['*', '**', '***', '?', 'a', 'b', 'c', 'x', '-', '[ab]', '[!a]', '[^b-x]', '[a-', '[]a]', '[[:alpha:]]', '[[:digit:]x]', '[a-c-]',
                 '[[:wrong:]a]', '\\a', '\\*', '\\!', '\\#', '\\ ', '.ipynb', '*.ipynb', '#', '!', ' ', '[b-a]', '[\\]]', '[--b]', '1', '[[]']
        return ''.join(r.choice(parts) for _ in range(r.randint(1, 3)))

    def pattern(self):
        r = self.random
        text = '/'.join(self.piece() for _ in range(r.choice((1, 1, 1, 2, 2, 3))))
        text = r.choice(('', '', '', '!', '/', '!/', '**/', '#')) + text + r.choice(('', '', '', '/', '/**', '/*', ' ', '\\', '  ', '\\ '))
        return text

    def tree(self, folder, depth=0):
        r = self.random
        for _ in range(r.randint(1, 4)):
            touch(folder / (self.name() + '.ipynb'))
        if depth < 3:
            for _ in range(r.randint(0, 3)):
                below = folder / self.name()
                if not below.is_file():
                    below.mkdir(exist_ok=True)
                    self.tree(below, depth + 1)
        if r.random() < (1 if depth == 0 else 0.4):
            end = r.choice(('\n', '\n', '\r\n'))
            text = end.join(self.pattern() for _ in range(r.randint(1, 5))) + r.choice(('', end))
            (folder / '.gitignore').write_bytes((r.choice(('', '', '\ufeff')) + text).encode())


class LikeGit(unittest.TestCase):
    def test_random_trees(self):
        left_out = 0
        for seed in range(ROUNDS):
            with self.subTest(seed=seed), tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                subprocess.run(['git', 'init', '-q'], cwd=folder, env=GIT, check=True)
                names = Names(seed)
                names.tree(folder)
                (folder / '.git/info/exclude').write_text(''.join(names.pattern() + '\n' for _ in range(names.random.randint(0, 2))))
                want, (got, _) = git_lists(folder), walk(folder)
                left_out += len(list(folder.rglob('*.ipynb'))) - len(want)
                told = {str(p.relative_to(folder)): p.read_text() for p in [*folder.rglob('.gitignore'), folder / '.git/info/exclude']}
                self.assertEqual(want, got, f'left out wrongly: {set(want) - set(got)}, not left out: {set(got) - set(want)}, rules: {told}')
        self.assertGreater(left_out, ROUNDS)

    def test_from_a_folder_inside(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            subprocess.run(['git', 'init', '-q'], cwd=folder, env=GIT, check=True)
            touch(*(folder / p for p in ('a/b/x.ipynb', 'a/b/y.ipynb', 'a/b/z.ipynb', 'a/b/c/x.ipynb', 'x.ipynb')))
            (folder / '.gitignore').write_text('/a/b/x.ipynb\n')
            (folder / 'a/.gitignore').write_text('y*\n')
            self.assertEqual(walk(folder)[0], ['a/b/c/x.ipynb', 'a/b/z.ipynb', 'x.ipynb'])
            self.assertEqual(walk(folder, 'a/b')[0], ['a/b/c/x.ipynb', 'a/b/z.ipynb'])
            self.assertEqual(walk(folder / 'a/b')[0], ['c/x.ipynb', 'z.ipynb'])
            self.assertEqual(walk(folder / 'a/b/c', '../../b')[0], ['../../b/c/x.ipynb', '../../b/z.ipynb'])

    def test_worktree_has_the_excludes_of_its_repository(self):
        with tempfile.TemporaryDirectory() as name:
            main, other = pathlib.Path(name, 'main'), pathlib.Path(name, 'other')
            for command in (['init', '-q', main], ['-C', main, '-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-q',
                            '--allow-empty', '-m', 'a'], ['-C', main, 'worktree', 'add', '-q', other]):
                subprocess.run(['git', *map(str, command)], env=GIT, check=True, capture_output=True)
            (main / '.git/info/exclude').write_text('secret*\n')
            touch(other / 'secret.ipynb', other / 'open.ipynb')
            self.assertEqual(walk(other)[0], ['open.ipynb'])

    def test_repository_inside_has_its_own_rules(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            for repository in (folder, folder / 'inner'):
                subprocess.run(['git', 'init', '-q', str(repository)], env=GIT, check=True)
            (folder / '.gitignore').write_text('x.ipynb\n')
            (folder / 'inner/.gitignore').write_text('y.ipynb\n')
            touch(*(folder / p for p in ('x.ipynb', 'y.ipynb', 'inner/x.ipynb', 'inner/y.ipynb')))
            self.assertEqual(walk(folder)[0], ['inner/x.ipynb', 'y.ipynb'])

    def test_without_a_repository_rules_count_from_the_folder_on(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            touch(*(folder / p for p in ('a/x.ipynb', 'a/y.ipynb')))
            (folder / '.gitignore').write_text('x.ipynb\n')
            self.assertEqual(walk(folder)[0], ['a/y.ipynb'])
            self.assertEqual(walk(folder, 'a')[0], ['a/x.ipynb', 'a/y.ipynb'])


class LeftOut(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_folders_that_hold_no_work(self):
        touch(*(self.folder / p / 'x.ipynb' for p in ('.ipynb_checkpoints', '.venv', '.hidden', 'node_modules', 'lib/site-packages', '__pycache__', 'env/lib',
                                                      'conda/share', 'kept')))
        touch(self.folder / 'env/pyvenv.cfg', self.folder / 'conda/conda-meta/history', self.folder / '.x.ipynb', self.folder / 'x.txt')
        self.assertEqual(walk(self.folder)[0], ['kept/x.ipynb'])
        self.assertEqual(walk(self.folder, 'env')[0], ['env/lib/x.ipynb'])

    def test_links_are_not_followed(self):
        touch(self.folder / 'a/x.ipynb')
        (self.folder / 'a/loop').symlink_to('..')
        (self.folder / 'b').symlink_to('a')
        (self.folder / 'y.ipynb').symlink_to('a/x.ipynb')
        self.assertEqual(walk(self.folder)[0], ['a/x.ipynb'])
        self.assertEqual(walk(self.folder, 'b')[0], ['b/x.ipynb'])

    def test_order_is_that_of_paths(self):
        paths = ['a!.ipynb', 'a.ipynb', 'a/z.ipynb', 'a0.ipynb', 'b/a/a.ipynb', 'b/a.ipynb', '\u00e4.ipynb']
        touch(*(self.folder / p for p in paths))
        (self.folder / 'c.ipynb').mkdir()
        touch(self.folder / 'c.ipynb/x.ipynb')
        self.assertEqual(walk(self.folder)[0], sorted([*paths, 'c.ipynb/x.ipynb'], key=os.fsencode))

    def test_unreadable_folder_is_told_and_the_others_follow(self):
        touch(*(self.folder / p / 'x.ipynb' for p in 'abc'))
        (self.folder / 'b').chmod(0)
        if os.geteuid() == 0:
            runner = shutil.which('setpriv')
            if not runner:
                self.skipTest('root reads everything')
            self.folder.chmod(0o755)
            done = subprocess.run([runner, '--reuid=65534', '--clear-groups', TOOL, '.'], cwd=self.folder, capture_output=True, text=True)
            found, told = done.stdout.split('\0')[:-1], done.stderr
            if done.returncode:
                self.skipTest(told)
        else:
            found, told = walk(self.folder)
        (self.folder / 'b').chmod(0o755)
        self.assertEqual(found, ['a/x.ipynb', 'c/x.ipynb'])
        self.assertIn("cannot list 'b': Permission denied", told)

    def test_missing_folder_is_told(self):
        self.assertIn("cannot list 'nowhere': No such file", walk(self.folder, 'nowhere')[1])

    def test_depth_has_a_limit(self):
        here = os.open(self.folder, os.O_RDONLY)
        for _ in range(300):
            os.mkdir('d', dir_fd=here)
            below = os.open('d', os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        os.close(here)
        touch(self.folder / 'z.ipynb')
        found, told = walk(self.folder)
        self.assertEqual(found, ['z.ipynb'])
        self.assertIn('folders deep', told)


if __name__ == '__main__':
    if not os.path.exists(TOOL) or not shutil.which('git'):
        print('skipped: needs NB_BUILD_DIR and git')
        sys.exit(77)
    unittest.main()
