"""convert --watch with real files: every way an editor saves, errors and repairs, folders that go and come, signals. No test asserts a time."""
import json
import os
import pathlib
import pty
import queue
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

BINARY = os.environ['NB_BINARY']
PATIENCE = 60  # seconds that something may take which takes none on an idle machine
LINE = re.compile(r"^\d\d:\d\d:\d\d '([\w-]+)': (.*)$")


def notebook(marker='first', code=None):
    lines = code or f'import csv\nmodel = max(1, 2)\nprint("{marker}", model)\n'
    return json.dumps({'cells': [{'cell_type': 'code', 'id': 'a', 'execution_count': None, 'metadata': {'tags': ['train']}, 'outputs': [],
                                  'source': lines.splitlines(True)}], 'metadata': {}, 'nbformat': 4, 'nbformat_minor': 5}, indent=1)


def config(*names):
    return 'experiments:\n' + ''.join(f'  - name: {n}\n    notebook: nb/{n}.ipynb\n    model_variable: model\n' for n in names)


class Watch(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='nb-watch-'))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.nb = self.folder / 'nb'
        self.nb.mkdir()
        self.path = self.nb / 'one.ipynb'
        self.path.write_text(notebook())
        (self.folder / 'config.yaml').write_text(config('one'))

    def start(self, *words):
        self.process = subprocess.Popen([BINARY, 'convert', '--watch', '-v', *words], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.lines, self.seen = queue.Queue(), []
        def read():
            for line in self.process.stderr:
                self.lines.put(line.rstrip('\n'))
            self.lines.put(None)
        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()
        self.addCleanup(self.stop)
        self.wait_line('watching ')

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join(PATIENCE)
        self.process.stderr.close()
        self.process.stdout.close()

    def wait_line(self, text):
        """Up to the line that has the text; gives all lines since the last one that was waited for."""
        lines = []
        while True:
            line = self.lines.get(timeout=PATIENCE)
            self.assertIsNotNone(line, f'the program ended; waited for {text!r}, got {lines}')
            lines.append(line)
            self.seen.append(line)
            if text in line:
                return lines

    def wait_script(self, text, name='one'):
        script = self.folder / 'generated' / name / 'train.py'
        for _ in range(PATIENCE * 20):
            try:
                if text in script.read_text():
                    return
            except FileNotFoundError:
                pass
            time.sleep(0.05)
        self.fail(f'{script} has no {text!r}; said: {list(self.lines.queue)}')

    def told(self, lines):
        return [m.groups() for m in map(LINE.match, lines) if m]

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        self.assertEqual(self.process.wait(PATIENCE), 0)
        self.assertEqual(self.process.stdout.read(), '', 'stdout has results only')

    def save(self, text, path=None):
        """As Jupyter does: a new file takes the old one's name."""
        path = path or self.path
        beside = path.with_name('.~' + path.name)
        beside.write_text(text)
        os.replace(beside, path)

    # --- ways to save ---

    def test_a_new_file_takes_the_name(self):
        self.start()
        self.wait_script('first')
        for marker in ('second', 'third'):
            self.save(notebook(marker))
            self.wait_line("'one': 1 file written")
            self.wait_script(marker)
        self.end()

    def test_written_in_place_in_pieces(self):
        self.start()
        text = notebook('pieces')
        with open(self.path, 'w') as file:
            for at in range(0, len(text), 60):
                file.write(text[at:at + 60])
                file.flush()
                time.sleep(0.05)
        lines = self.wait_line("'one': 1 file written")
        self.wait_script('pieces')
        self.assertNotIn('not converted', '\n'.join(lines), 'a half-written file is no error')
        self.end()

    def test_many_saves_in_a_row(self):
        self.start()
        for number in range(30):
            self.save(notebook(f'save {number} '))
        self.save(notebook('the last save'))
        self.wait_script('the last save')
        self.end()
        self.assertLess(len(self.told(list(filter(None, self.lines.queue)))), 31)

    def test_a_link_is_turned_and_its_file_written(self):
        kept = self.folder / 'kept'
        kept.mkdir()
        for name in ('a', 'b'):
            (kept / f'{name}.ipynb').write_text(notebook(name * 5))
        self.path.unlink()
        self.path.symlink_to(kept / 'a.ipynb')
        self.start()
        self.wait_script('aaaaa')
        self.save(notebook('changed behind the link'), kept / 'a.ipynb')
        self.wait_script('changed behind the link')
        beside = self.nb / 'link'
        beside.symlink_to(kept / 'b.ipynb')
        os.replace(beside, self.path)
        self.wait_script('bbbbb')
        self.end()

    # --- what is wrong, and right again ---

    def test_errors_are_told_and_watching_goes_on(self):
        self.start()
        self.save(notebook(code='model = = 1\n'))
        lines = self.wait_line('error: cannot convert')
        self.assertIn(('one', 'not converted'), self.told(lines))
        self.assertIn('error[NB301]', '\n'.join(lines))
        self.save('{"cells": [')
        lines = self.wait_line('  because: ')
        self.assertIn(('one', 'not converted'), self.told(lines))
        self.save(notebook('repaired'))
        self.wait_line("'one': 1 file written")
        self.wait_script('repaired')
        self.end()

    def test_a_folder_goes_and_comes(self):
        self.start()
        shutil.rmtree(self.nb)
        self.wait_line('No such file or directory')
        self.nb.mkdir()
        self.path.write_text(notebook('anew'))
        self.wait_script('anew')
        os.rename(self.nb, self.folder / 'elsewhere')
        self.wait_line('No such file or directory')
        os.rename(self.folder / 'elsewhere', self.nb)
        self.save(notebook('back again'))
        self.wait_script('back again')
        self.end()

    def test_a_broken_configuration(self):
        self.start()
        (self.folder / 'config.yaml').write_text('experiments: [\n')
        self.wait_line('nothing is converted')
        self.save(notebook('when it is right again'))
        (self.folder / 'config.yaml').write_text(config('one'))
        self.wait_script('when it is right again')
        self.end()

    def test_the_first_configuration_must_be_right(self):
        (self.folder / 'config.yaml').write_text('experiments: [\n')
        done = subprocess.run([BINARY, 'convert', '--watch'], cwd=self.folder, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 1, done.stderr)

    # --- what is watched ---

    def test_the_configuration_gets_an_experiment(self):
        self.start('--all')
        self.save(notebook('of two'), self.nb / 'two.ipynb')
        self.save(config('one', 'two'), self.folder / 'config.yaml')
        self.wait_script('of two', 'two')
        self.save(notebook('of two, later'), self.nb / 'two.ipynb')
        self.wait_script('of two, later', 'two')
        self.end()

    def test_only_what_changed_is_converted(self):
        names = [f'n{i}' for i in range(6)]
        for name in names:
            (self.folder / name).mkdir()
            (self.folder / name / f'{name}.ipynb').write_text(notebook(name))
        text = 'experiments:\n' + ''.join(f'  - name: {n}\n    notebook: {n}/{n}.ipynb\n    model_variable: model\n' for n in names)
        (self.folder / 'config.yaml').write_text(text)
        self.start('--all')
        for name in ('n3', 'n5'):
            self.save(notebook(f'new in {name}'), self.folder / name / f'{name}.ipynb')
            lines = self.wait_line(': 1 file written')
            self.assertEqual({who for who, _ in self.told(lines)}, {name})
            self.wait_script(f'new in {name}', name)
        self.end()

    def test_modules_that_travel(self):
        (self.nb / 'helper.py').write_text('def twice(x):\n    return 2 * x\n')
        self.path.write_text(notebook(code='import helper\nmodel = helper.twice(1)\n'))
        self.start()
        copy = self.folder / 'generated/one/helper.py'
        self.assertTrue(copy.exists())
        self.save('def twice(x):\n    return x + x\n', self.nb / 'helper.py')
        self.wait_line("'one': 1 file written")
        self.assertIn('x + x', copy.read_text())
        self.end()

    def test_a_notebook_without_configuration(self):
        (self.folder / 'config.yaml').unlink()
        self.path.write_text(notebook(code='from sklearn.svm import SVC\nmodel = SVC().fit([[1]], [1])\n'))
        self.start('nb/one.ipynb')
        self.save(notebook(code='from sklearn.svm import SVC\nmodel = SVC().fit([[2]], [2])\n'))
        self.wait_script('[[2]]')
        self.end()

    # --- what is left alone ---

    def test_files_that_do_not_change_are_not_written(self):
        subprocess.run([BINARY, 'convert'], cwd=self.folder, check=True, capture_output=True)
        self.start()
        script = self.folder / 'generated/one/train.py'
        before = script.stat()
        os.utime(self.path)
        self.wait_line("'one': up to date")
        after = script.stat()
        self.assertEqual((before.st_ino, before.st_mtime_ns), (after.st_ino, after.st_mtime_ns))
        self.end()

    def test_a_file_edited_by_hand_is_kept(self):
        self.start()
        script = self.folder / 'generated/one/train.py'
        script.write_text(script.read_text() + '# mine\n')
        self.save(notebook('second'))
        self.wait_line('edited by hand')
        self.assertIn('# mine', script.read_text())
        self.end()

    # --- the end, and the terminal ---

    def test_signals_end_it_well(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self.start()
            self.end(number)
            self.stop()

    def test_it_rests_while_nothing_happens(self):
        self.start()
        def switches():
            status = pathlib.Path(f'/proc/{self.process.pid}/status').read_text()
            return sum(int(n) for n in re.findall(r'ctxt_switches:\s+(\d+)', status))
        before = switches()
        time.sleep(1)
        self.assertLess(switches() - before, 50)
        self.end()

    def test_a_terminal_is_cleared(self):
        ours, theirs = pty.openpty()
        process = subprocess.Popen([BINARY, 'convert', '--watch'], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs,
                                   env=os.environ | {'TERM': 'xterm'})
        os.close(theirs)
        text = b''
        def read_until(words):
            nonlocal text
            while words not in text:
                text += os.read(ours, 4096)
        read_until(b'watching ')
        self.assertNotIn(b'\x1b[2J', text)
        self.save(notebook('second'))
        read_until(b"'one': 1 file written")
        self.assertIn(b'\x1b[2J', text)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), 0)
        os.close(ours)


if __name__ == '__main__':
    unittest.main()
