"""`notebooked train` in front of the user: output, results, failures, signals, what must be there before."""
import fcntl
import resource
import sqlite3
import termios
import unittest
import zipfile

from project import BINARY, PATIENCE, ProjectCase, is_running, state_of, json, os, signal, subprocess, sys, until


class Success(ProjectCase):
    def test_result_goes_to_stdout_and_progress_to_stderr(self):
        self.script('print("to stdout")\nprint("to stderr", file=sys.stderr)\nsave(accuracy=0.9666666666666667, loss=0.5)')
        done = self.train()
        self.assert_end(done, 0, 'job       toy-1\nmodel     models/toy/1\naccuracy  0.966667\nloss      0.5\n',
                        ['to stdout\n', 'to stderr\n', f'job toy-1 runs with {sys.executable}\n'])
        row = self.row()
        self.assertEqual((row['state'], row['exit_status'], row['metrics'], row['hyperparameters'], row['notebook']),
                         ('done', 0, '{"accuracy": 0.9666666666666667, "loss": 0.5}', '{"epochs": 5, "learning_rate": 0.1}',
                          'nb/toy.ipynb'))
        log = (self.path / row['log_path']).read_text()
        self.assertEqual(sorted(log.splitlines()), ['to stderr', 'to stdout'])

    def test_json_is_one_document(self):
        self.script('print("{")\nsave(accuracy=float("nan"), f1=0.5)')
        document = json.loads(self.train('--format', 'json', '--set', 'epochs=7').stdout)
        job = document['job']
        self.assertIsNone(document['error'])
        self.assertEqual((job['id'], job['state'], job['model_dir'], job['metrics'], job['hyperparameters'], job['exit_status']),
                         ('toy-1', 'done', 'models/toy/1', {'accuracy': 'NaN', 'f1': 0.5}, {'epochs': 7, 'learning_rate': 0.1},
                          0))

    def test_quiet_prints_the_result_only(self):
        self.script('print("x")\nsave(f1=1)')
        self.assert_end(self.train('-q'), 0, 'job    toy-1\nmodel  models/toy/1\nf1     1\n')
        self.assertEqual(self.train('-q').stderr, '')

    def test_script_gets_flags_folder_and_environment(self):
        (self.path / 'data').mkdir()
        self.config(', data_path: data')
        self.script('names = ["PYTHONUNBUFFERED", "NOTEBOOKED_JOB_ID", "NOTEBOOKED_TRACKING"]\n'
                    'print(json.dumps([os.getcwd(), sys.argv[1:], [os.environ.get(n) for n in names]]))')
        done = self.train('--set', 'epochs=-2', '--set', 'Learning-Rate=1e-3')
        cwd, argv, env = json.loads(next(line for line in done.stderr.splitlines() if line.startswith('[')))
        self.assertEqual(cwd, str(self.path / 'nb'))
        self.assertEqual(argv, [f'--model-dir={self.path}/models/toy/1', f'--data-path={self.path}/data', '--epochs=-2',
                                '--learning-rate=1e-3'])
        self.assertEqual(env, ['1', 'toy-1', 'off'])
        self.assertEqual(json.loads(self.row()['hyperparameters']), {'epochs': -2, 'learning_rate': 0.001})

    def test_lines_come_while_it_runs(self):
        self.script('print("first")\nprint("first error", file=sys.stderr)\ngate("go")\nsys.stdout.write("no newline")\n'
                    'gate("on")\nprint()')
        child = self.start_training()
        self.read_line(child.stderr, 'first')
        self.read_line(child.stderr, 'first error')
        self.open('go')
        self.assertEqual(child.stderr.read(len('no newline')), 'no newline')  # an unfinished line, while the script waits
        self.open('on')
        out, _ = child.communicate(timeout=PATIENCE)
        self.assertEqual((child.returncode, out.splitlines()[0]), (0, 'job    toy-1'))

    def test_any_bytes_and_lots_of_them(self):
        self.script('sys.stdout.buffer.write(b"\\xff\\x00\\r50%\\r\\n")\nfor i in range(200000): print("x" * 60)\n'
                    'sys.stderr.buffer.write(b"end")')
        done = self.train(text=False)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b'\xff\x00\r50%\r\n', done.stderr)
        self.assertEqual(done.stderr.count(b'x' * 60 + b'\n'), 200000)
        self.assertEqual(self.run_it('jobs', 'logs', 'last', text=False).stdout.count(b'x' * 60), 200000)

    def test_numbers_go_up_and_folders_are_never_reused(self):
        self.script('save(f1=1)')
        self.train()
        (self.path / 'models/toy/5').mkdir()
        self.assertIn('models/toy/6\n', self.train().stdout)
        self.assertIn('models/toy/7\n', self.train().stdout)
        self.assertEqual(self.row('toy-7')['number'], 7)

    def test_several_at_once(self):
        self.script('gate("go")\nsave(f1=args.epochs)')
        children = [self.start_training('--set', f'epochs={i}') for i in range(4)]
        for number in range(1, 5):
            self.wait_running(f'toy-{number}')
        self.open('go')
        outs = [child.communicate(timeout=PATIENCE) for child in children]
        self.assertEqual([child.returncode for child in children], [0] * 4, outs)
        self.assertEqual({out.splitlines()[0].split()[1] for out, _ in outs}, {f'toy-{n}' for n in range(1, 5)})
        for n in range(1, 5):
            metrics = json.loads((self.path / f'models/toy/{n}/metrics.json').read_text())
            self.assertEqual(metrics, json.loads(self.row(f'toy-{n}')['metrics']))

    def test_a_reader_that_goes_away_does_not_end_it(self):
        self.script('print("a")\ngate("go")\nfor i in range(10000): print(i)\nsave(f1=1)')
        child = self.start_training()
        self.read_line(child.stderr, 'a')
        child.stderr.close()
        child.stdout.close()
        self.open('go')
        child.wait(PATIENCE)
        self.assertEqual(self.row()['state'], 'done')
        child.stdout = child.stderr = None

    def test_git_commit_is_recorded(self):
        self.script('print("commit", os.environ.get("NOTEBOOKED_GIT_COMMIT"))')
        git = ['git', '-c', 'user.name=t', '-c', 'user.email=t@example.invalid']
        for words in (['init', '-q'], ['commit', '-q', '--allow-empty', '-m', 'x']):
            subprocess.run([*git, *words], cwd=self.path, env=self.env, check=True)
        commit = subprocess.run(['git', 'rev-parse', 'HEAD'], cwd=self.path, env=self.env, capture_output=True, text=True,
                                check=True).stdout.strip()
        self.assertIn(f'commit {commit}\n', self.train().stderr)
        self.assertEqual(self.row()['git_commit'], commit)

    def test_tracking_goes_to_the_project(self):
        self.script('print("uri", os.environ["MLFLOW_TRACKING_URI"], os.environ["MLFLOW_EXPERIMENT_NAME"])')
        config = (self.path / 'config.yaml').read_text()
        (self.path / 'config.yaml').write_text(config.replace('tracking_uri: ""', 'tracking_uri: "sqlite:///mlflow.db"'))
        self.assertIn(f'uri sqlite:///{self.path}/mlflow.db toy\n', self.train().stderr)
        self.env['MLFLOW_TRACKING_URI'] = 'http://mine'
        self.assertIn('uri http://mine toy\n', self.train().stderr)


class Failure(ProjectCase):
    BODY = 'def fit(x):\n    raise ValueError("bad\\nsecond line")\n\ndef main():\n    fit(1)\n\nmain()'

    def test_tracebacks_name_cells(self):
        first = self.script(self.BODY, lines=[[2, 4, 7], [5, 6, 3]])
        done = self.train()
        self.assert_end(done, 1, '', [
            f'  File "nb/toy.ipynb", cell 6, line 3, in main (train.py:{first + 4})\n    fit(1)\n',
            f'  File "nb/toy.ipynb", cell 4, line 7, in fit (train.py:{first + 1})\n',
            f'  File "{self.path}/generated/toy/train.py", line {first + 6}, in <module>\n',
            'ValueError: bad\nsecond line\n', "error: training 'toy' failed: ValueError: bad (cell 4, line 7)\n",
            "hint: see all of its output with 'notebooked jobs logs toy-1'\n"])
        row = self.row()
        self.assertEqual((row['state'], row['exit_status'], row['reason']), ('failed', 1, 'ValueError: bad (cell 4, line 7)'))
        self.assertTrue((self.path / 'models/toy/1').is_dir())
        self.assertIn('cell 4, line 7', self.run_it('jobs', 'logs', 'toy-1').stdout)

    def test_an_edited_script_is_not_told_wrongly(self):
        self.script(self.BODY, lines=[[2, 4, 7], [5, 6, 3]])
        path = self.path / 'generated/toy/train.py'
        path.write_text('# one more line\n' + path.read_text())
        done = self.train()
        self.assert_end(done, 1, '', "error: training 'toy' failed: ValueError: bad\n")
        self.assertNotIn('cell', done.stderr)

    def test_failure_as_json(self):
        self.script('sys.exit(9)')
        document = json.loads(self.train('--format', 'json').stdout)
        self.assertEqual((document['job']['state'], document['job']['exit_status'], document['error']['code'],
                          document['error']['exit']), ('failed', 9, 'user-code', 1))
        self.assertEqual(document['error']['messages'], ["training 'toy' failed: ended with exit status 9"])

    def test_killed_by_somebody(self):
        self.script('os.kill(os.getpid(), signal.SIGKILL)')
        self.assert_end(self.train(), 1, '', 'was killed by signal 9 (Killed), perhaps because memory ran out')
        self.assertEqual((self.row()['signal'], self.row()['state']), (9, 'failed'))


class Signals(ProjectCase):
    def begin(self, body, **more):
        self.script(body)
        child = self.start_training(**more)
        self.read_line(child.stderr, 'ready')
        return child

    def test_ctrl_c_interrupts(self):
        child = self.begin('print("ready")\ngate("never")')
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=PATIENCE)
        self.assertEqual((child.returncode, out), (130, ''))
        self.assertIn('interrupting the training; press Ctrl-C again to kill it\n', err)
        self.assertIn('KeyboardInterrupt\n', err)
        self.assertIn("error: training 'toy' was stopped: interrupted\n", err)
        self.assertEqual(self.row()['state'], 'stopped')

    def test_ctrl_c_may_be_used_to_end_well(self):
        child = self.begin('try:\n    print("ready")\n    gate("never")\nexcept KeyboardInterrupt:\n    save(f1=0.5)')
        child.send_signal(signal.SIGINT)
        out, _ = child.communicate(timeout=PATIENCE)
        self.assertEqual((child.returncode, out), (0, 'job    toy-1\nmodel  models/toy/1\nf1     0.5\n'))
        self.assertEqual(self.row()['state'], 'done')

    def test_second_ctrl_c_kills_the_group(self):
        child = self.begin('import subprocess\nsignal.signal(signal.SIGINT, lambda *a: print("no"))\n'
                           'helper = subprocess.Popen(["sleep", "1000"], preexec_fn=lambda: signal.signal(signal.SIGINT, '
                           'signal.SIG_IGN))\nopen("pid", "w").write(str(helper.pid))\nprint("ready")\ngate("never")')
        helper = int((self.path / 'nb/pid').read_text())
        child.send_signal(signal.SIGINT)
        self.read_line(child.stderr, 'no')
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=PATIENCE)
        self.assertEqual(child.returncode, 137)
        self.assertIn('killing the training\n', err)
        until(lambda: not is_running(helper), 'the end of the helper')
        self.assertEqual((self.row()['state'], self.row()['signal']), ('stopped', 9))

    def test_our_end_is_its_end(self):
        for number, reason in ((signal.SIGTERM, 'the watching process was told to end'),
                               (signal.SIGHUP, 'the terminal was closed')):
            with self.subTest(number):
                child = self.begin('print("ready")\ngate("never")')
                child.send_signal(number)
                child.communicate(timeout=PATIENCE)
                self.assertEqual(child.returncode, 128 + number)
                self.assertEqual(self.run_it('jobs', 'show', 'last').stdout.splitlines()[3:5],
                                 ['state            stopped', f'reason           {reason}'])


class Terminal(ProjectCase):
    """As a person sees it: a terminal whose keys send signals to the group in front."""

    def begin(self, body):
        self.script(body)
        ours, theirs = os.openpty()
        self.addCleanup(os.close, ours)

        def take_terminal():
            os.setsid()
            fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
        child = subprocess.Popen([BINARY, 'train', 'toy', '--no-convert'], cwd=self.path, env=self.env, stdin=theirs,
                                 stdout=theirs, stderr=theirs, preexec_fn=take_terminal)
        self.children.append(child)
        os.close(theirs)
        return child, ours

    def read_until(self, fd, wanted):
        seen = b''
        while wanted not in seen:
            seen += os.read(fd, 1000)
        return seen

    def test_ctrl_c_is_a_key(self):
        child, keys = self.begin('print("ready")\ngate("never")')
        self.read_until(keys, b'ready')
        os.write(keys, b'\x03')
        self.read_until(keys, b'was stopped: interrupted')
        self.assertEqual(child.wait(PATIENCE), 130)

    def test_ctrl_z_stops_both(self):
        child, keys = self.begin('print("ready")\ngate("go")\nsave(f1=1)')
        self.read_until(keys, b'ready')
        row = self.row()
        # A group without a parent in its session cannot be stopped by a key: send what the key sends.
        child.send_signal(signal.SIGTSTP)
        until(lambda: state_of(child.pid) == state_of(row['pid']) == 'T', 'the stop')
        self.open('go')
        child.send_signal(signal.SIGCONT)
        self.read_until(keys, b'f1     1')
        self.assertEqual(child.wait(PATIENCE), 0)

    def test_nobody_can_be_asked(self):
        child, keys = self.begin('import getpass\ntry:\n    getpass.getpass()\nexcept EOFError:\n    print("no", "answer")')
        self.read_until(keys, b'no answer')
        self.assertEqual(child.wait(PATIENCE), 0)


class Before(ProjectCase):
    def test_missing_requirements_are_named_together(self):
        self.script('print("ran")', requirements='absent-one==1.0\npip>=999\nmlflow>=99\nabsent-two; python_version < "3"\n')
        pip = subprocess.run([sys.executable, '-c', 'import pip; print(pip.__version__)'], capture_output=True, text=True,
                             check=True).stdout.strip()
        done = self.train()
        self.assert_end(done, 1, '', [
            f'because: 2 requirements are not met by {sys.executable}: absent-one==1.0, pip>=999 (installed: {pip})\n',
            f'hint: run \'{sys.executable} -m pip install -r "{self.path}/generated/toy/requirements.txt"\', or pass --create-env'])
        self.assertFalse((self.path / 'models').exists())
        self.assert_end(self.train('--no-check'), 0, None, 'ran\n')

    def test_mlflow_counts_when_the_notebook_imports_it(self):
        self.script('print("ran")', requirements='mlflow>=99  # import mlflow (cell 2)\n')
        self.assert_end(self.train(), 1, '', f'because: 1 requirement is not met by {sys.executable}: mlflow>=99')
        self.script('print("ran")', requirements='mlflow>=99  # tracking\n')
        self.assert_end(self.train(), 0, None, 'ran\n')

    def test_settings_are_checked(self):
        self.script('')
        for words, message in [
                (['--set', 'epoch=3'], "train.py has no hyperparameter 'epoch'\nhint: did you mean 'epochs'?\n"),
                (['--set', 'epochs=many'], "'many' is no value for the hyperparameter 'epochs', which is of type int\n"),
                (['--set', 'epochs'], "cannot read '--set epochs'\nhint: write --set NAME=VALUE\n"),
                (['--data-path', 'gone'], "there is no data at 'gone'\n"),
                (['--provider', 'lokal'], "no provider is called 'lokal'\nhint: did you mean 'local'?\n"),
                (['--python', './gone'], "there is no Python at './gone', which --python names\n"),
                (['--python', '/etc/passwd'], "there is no Python at '/etc/passwd', which --python names\n"),
                (['--python', '/bin/true'], "'/bin/true' is no working Python 3: it ended with exit status 0\n")]:
            with self.subTest(words):
                self.assert_end(self.train(*words), 1, '', message)
        self.assertFalse((self.path / '.notebooked').exists())

    def test_given_model_folder(self):
        self.script('save(f1=1)')
        self.assert_end(self.train('--model-dir', '../new/m'), 0, f'job    toy-1\nmodel  {self.path.parent}/new/m\nf1     1\n')
        self.assert_end(self.train('--model-dir', '../new/m'), 1, '', "new/m' is not empty\nhint: pass a new folder")
        self.assertFalse((self.path / 'models/toy').exists())

    def test_no_python_names_what_was_tried(self):
        self.script('')
        (self.path / 'config.yaml').write_text('experiments: [{name: toy, notebook: nb/toy.ipynb}]\n')
        self.env |= {'PATH': '/nowhere', 'VIRTUAL_ENV': '/gone'}
        self.assert_end(self.train(), 1, '', f'no Python was found; tried VIRTUAL_ENV (/gone/bin/python), CONDA_PREFIX (not '
                        f"set), the project's .venv ({self.path}/.venv/bin/python), the notebook's .venv "
                        f'({self.path}/nb/.venv/bin/python), python3 on PATH\n')

    def test_nothing_was_converted(self):
        self.assert_end(self.train(), 1, '', "hint: run 'notebooked convert' first\n")

    def test_dangling_links(self):
        self.script('')
        for name in ('.notebooked', 'models', 'generated/toy/train.py', 'nb/toy.ipynb'):
            with self.subTest(name):
                path = self.path / name
                kept = path.read_bytes() if path.exists() else None
                path.unlink(missing_ok=True)
                path.symlink_to('/no/such/target')
                done = self.train()
                self.assertIn(done.returncode, (1, 2), done.stderr)
                self.assertIn(f"{name}'", done.stderr)
                path.unlink()
                if kept is not None:
                    path.write_bytes(kept)
        self.assertFalse((self.path / 'models/toy/1').exists())
        self.assert_end(self.train(), 0)

    @unittest.skipUnless(os.geteuid() == 0, 'rights are taken from root only')
    def test_read_only_project(self):
        self.script('')
        (self.home / '.cache').mkdir()
        os.chmod(self.path.parent, 0o755)
        done = self.train('--python', '/usr/bin/python3', user=65534, group=65534)
        self.assert_end(done, 2, '', "Permission denied\n")
        self.assertIn(f"'{self.path}/.notebooked'", done.stderr)

    def test_no_room_on_the_disk(self):
        self.script('save(f1=1)')
        done = self.train(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000)))
        self.assertEqual((done.returncode, done.stdout), (2, ''), done.stderr)
        self.assertIn('.notebooked/state.db', done.stderr)
        self.assertEqual([p for p in self.path.glob('models/toy/*')], [])

    def test_no_room_for_the_log(self):
        self.script('for i in range(9000): print("x" * 100)\nsave(f1=1)')
        self.train()  # the database is there and needs no room
        done = self.train(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (500000, 500000)))
        self.assert_end(done, 0, None, "warning: cannot write to '")
        self.assertEqual(done.stderr.count('warning: '), 1)
        self.assertEqual(self.row('toy-2')['state'], 'done')


class Environment(ProjectCase):
    def setUp(self):
        super().setUp()
        self.cache = self.path.parent / 'cache'
        self.env['XDG_CACHE_HOME'] = str(self.cache)

    def envs(self):
        return sorted(p for p in self.cache.glob('notebooked/envs/*') if p.is_dir())

    def wheel(self):
        path = self.path.parent / 'toymodel-1.0-py3-none-any.whl'
        info = 'toymodel-1.0.dist-info/'
        with zipfile.ZipFile(path, 'w') as wheel:
            wheel.writestr('toymodel.py', 'answer = 42\n')
            wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\nName: toymodel\nVersion: 1.0\n')
            wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n')
            wheel.writestr(info + 'RECORD', 'toymodel.py,,\n' + info + 'METADATA,,\n' + info + 'WHEEL,,\n' + info + 'RECORD,,\n')
        return path.as_uri()

    def test_made_once_and_used_again(self):
        self.script('import toymodel\nprint("answer", toymodel.answer, sys.prefix)',
                    requirements=f'toymodel @ {self.wheel()}\n')
        self.assert_end(self.train(), 1, '', '1 requirement is not met')
        first = self.train('--create-env')
        [env] = self.envs()
        self.assert_end(first, 0, None, ['making an environment from ', 'Successfully installed toymodel-1.0\n',
                                         f'answer 42 {env}\n'])
        again = self.train('--create-env')
        self.assert_end(again, 0, None, f'answer 42 {env}\n')
        self.assertNotIn('making', again.stderr)
        (env / 'notebooked-complete').unlink()  # half-made: as if it had been interrupted
        (env / 'bin/python').unlink()
        self.assert_end(self.train('--create-env'), 0, None, ['making an environment', f'answer 42 {env}\n'])
        self.assertEqual(self.envs(), [env])

    def test_a_failed_one_is_not_used(self):
        self.script('', requirements=f'absent @ {self.path.parent.as_uri()}/absent-1.0-py3-none-any.whl\n')
        for _ in range(2):
            self.assert_end(self.train('--create-env'), 2, '', ['cannot install the requirements', 'read what pip wrote above'])
        self.assertFalse((self.path / 'models').exists())

    def test_two_at_once_make_one(self):
        self.script('print("prefix", sys.prefix)')
        children = [self.start_training('--create-env') for _ in range(2)]
        outs = [child.communicate(timeout=PATIENCE * 3)[1] for child in children]
        self.assertEqual([child.returncode for child in children], [0, 0], outs)
        self.assertEqual(sum('making an environment' in err for err in outs), 1)
        self.assertEqual(len(self.envs()), 1)


class Converted(ProjectCase):
    """The way from a notebook that somebody tagged, with the converter's own scripts."""

    def notebook(self, path, *cells):
        cells = [{'cell_type': 'code', 'execution_count': None, 'id': f'c{i}', 'metadata': {'tags': tags.split()}, 'outputs': [],
                  'source': source} for i, (tags, source) in enumerate(cells)]
        kernel = {'display_name': 'Python 3', 'language': 'python', 'name': 'python3'}
        path.write_text(json.dumps({'cells': cells, 'metadata': {'kernelspec': kernel}, 'nbformat': 4, 'nbformat_minor': 5}))

    def toy(self, train='model = {"mean": sum(range(epochs))}'):
        self.notebook(self.path / 'nb/toy.ipynb', ('imports', 'import math'), ('parameters', 'epochs = 4'),
                      ('', 'print("explored")'), ('train', f'root = math.sqrt(4)\n\n{train}\n'))
        self.config(', model_variable: model')

    def test_converts_when_stale_and_only_then(self):
        self.toy()
        first = self.run_it('train', 'toy', '--set', 'epochs=5')
        self.assert_end(first, 0, None, "converted 'toy' to generated/toy\n")
        self.assertEqual(json.loads(self.row()['hyperparameters']), {'epochs': 5})
        self.assertTrue((self.path / 'models/toy/1/notebooked.json').is_file())
        self.assertNotIn('converted', self.run_it('train', 'toy').stderr)
        self.toy('model = {"mean": 1}')
        self.assertIn("converted 'toy'", self.run_it('train').stderr)  # the only experiment there is

    @unittest.skipUnless(os.path.exists(os.environ.get('NB_TEST_PYTHON', '')), 'needs the tests\' environment with MLflow')
    def test_the_tracking_run_is_recorded(self):
        self.toy()
        config = (self.path / 'config.yaml').read_text()
        (self.path / 'config.yaml').write_text(config.replace('tracking_uri: ""', 'tracking_uri: "sqlite:///mlflow.db"'))
        self.assert_end(self.run_it('train', 'toy', '--python', os.environ['NB_TEST_PYTHON']), 0)
        db = sqlite3.connect(self.path / 'mlflow.db')
        run, job = db.execute("SELECT run_uuid, value FROM tags WHERE key = 'notebooked.job'").fetchone()
        db.close()
        self.assertEqual((run, job), (self.row()['run_id'], 'toy-1'))

    def test_failing_cells_are_named(self):
        self.toy('model = {"mean": 1 / (epochs - 4)}')
        done = self.run_it('train', 'toy')
        self.assert_end(done, 1, '', ['File "nb/toy.ipynb", cell 4, line 3, in ',
                                      "training 'toy' failed: ZeroDivisionError: division by zero (cell 4, line 3)\n"])

    def test_edited_scripts_are_kept(self):
        self.toy()
        self.run_it('convert', 'toy')
        script = self.path / 'generated/toy/train.py'
        script.write_text(script.read_text() + '\nprint("by hand")\n')
        self.assert_end(self.run_it('train', 'toy'), 1, '', ['generated files were edited by hand\n', '--no-convert'])
        self.assert_end(self.train(), 0, None, 'by hand\n')

    def test_errors_of_the_notebook_come_first(self):
        self.notebook(self.path / 'nb/toy.ipynb', ('train', 'model = missing + 1'))
        done = self.run_it('train', 'toy')
        self.assert_end(done, 1, '', ['NB302', "cannot train 'toy'"])
        self.assertFalse((self.path / 'models').exists())

    def test_a_notebook_needs_no_configuration(self):
        folder = self.path.parent / 'plain'
        folder.mkdir()
        self.notebook(folder / 'My first.ipynb', ('train', 'class Model:\n    def fit(self):\n        self.x = 1\n'
                                                  'model = Model()\nmodel.fit()'))
        done = self.run_it('train', 'My first.ipynb', '--python', sys.executable, '--no-track', '--no-check', cwd=folder)
        self.assert_end(done, 0)
        job = done.stdout.split()[1]
        self.assertIn(job, self.run_it('jobs', 'list', cwd=folder).stdout)


if __name__ == '__main__':
    unittest.main()
