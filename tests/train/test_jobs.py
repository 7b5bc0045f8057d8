"""Jobs that nobody watches on a terminal: `train --no-wait`, `jobs list|show|logs|wait|stop`, and what becomes of killed ones."""
import unittest

from project import PATIENCE, ProjectCase, is_running, json, os, pathlib, signal, subprocess, until


class Background(ProjectCase):
    def detach(self, body, *words):
        self.script(body)
        done = self.train('--no-wait', *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def tearDown(self):
        for path in self.path.glob('.notebooked/logs/*.log'):
            job = self.row(path.stem)
            for pid in (job['watcher'], job['pid']):
                if job['state'] == 'running' and is_running(pid):
                    os.kill(pid, signal.SIGKILL)

    def test_returns_at_once_and_goes_on(self):
        done = self.detach('print("begun")\ngate("go")\nprint("error", file=sys.stderr)\nsave(f1=0.5)')
        self.assertEqual(done.stdout, 'toy-1\n')
        self.assertIn("follow it with 'notebooked jobs logs -f toy-1'\n", done.stderr)
        row = self.wait_running()
        self.assertNotEqual(row['watcher'], row['pid'])
        self.assertEqual(os.getsid(row['pid']), row['pid'])
        self.assertNotIn(os.getsid(row['watcher']), (os.getsid(0), row['watcher']))
        files = [os.readlink(f'/proc/{row["watcher"]}/fd/{n}') for n in os.listdir(f'/proc/{row["watcher"]}/fd')]
        self.assertEqual([f for f in files if 'tty' in f or 'pts' in f], [])
        self.open('go')
        waited = self.run_it('jobs', 'wait', 'toy-1')
        self.assert_end(waited, 0, 'job    toy-1\nmodel  models/toy/1\nf1     0.5\n')
        self.assertEqual(self.run_it('jobs', 'logs', 'last').stdout, 'begun\nerror\n')

    def test_survives_the_end_of_its_session(self):
        self.script('print("begun")\ngate("go")\nsave(f1=1)')
        # A shell that starts it, in a session of its own; then all of that session is hung up and killed.
        shell = subprocess.Popen(['/bin/sh', '-c', '"$0" train toy --no-convert --no-wait; sleep 1000', self.binary()],
                                 cwd=self.path, env=self.env, start_new_session=True, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, text=True)
        self.children.append(shell)
        self.assertEqual(shell.stdout.readline(), 'toy-1\n')
        row = self.wait_running()
        os.killpg(shell.pid, signal.SIGHUP)
        os.killpg(shell.pid, signal.SIGKILL)
        shell.wait(PATIENCE)
        self.assertTrue(is_running(row['pid']) and is_running(row['watcher']))
        self.open('go')
        self.assertEqual(self.run_it('jobs', 'wait', 'last').returncode, 0)

    def test_json_says_which(self):
        self.script('save(f1=1)')
        document = json.loads(self.train('--no-wait', '--format', 'json').stdout)
        self.assertEqual((document['job']['id'], document['job']['ended_ms']), ('toy-1', None))
        self.assertEqual(self.run_it('jobs', 'wait', 'toy-1').returncode, 0)

    def test_a_trace_goes_nowhere_else(self):
        self.env['NOTEBOOKED_TRACE'] = f'proc,store:{self.path}/trace'
        self.detach('save(f1=1)')
        self.assertEqual(self.run_it('jobs', 'wait', 'toy-1').returncode, 0)
        self.assertIn('toy-1', self.run_it('jobs', 'list').stdout)
        lines = [json.loads(line) for line in (self.path / 'trace').read_text().splitlines()]
        self.assertTrue(any('started' in line['message'] for line in lines), lines)

    def test_failures_are_recorded(self):
        self.script('raise ValueError("bad")', lines=[[1, 4, 2]])
        self.assertEqual(self.train('--no-wait').returncode, 0)
        done = self.run_it('jobs', 'wait', 'toy-1')
        self.assert_end(done, 1, None, "error: job 'toy-1' failed: ValueError: bad (cell 4, line 2)\n")
        self.assertIn('cell 4, line 2', self.run_it('jobs', 'logs', 'toy-1').stdout)

    def test_wait_ends_as_the_job_did(self):
        self.detach('gate("go")\nsys.exit(7)')
        waiter = self.start('jobs', 'wait', 'toy-1')
        self.open('go')
        waiter.communicate(timeout=PATIENCE)
        self.assertEqual(waiter.returncode, 7)
        document = self.json('jobs', 'wait', 'toy-1')
        self.assertEqual((document['job']['exit_status'], document['error']['exit']), (7, 7))

    def test_logs_follow_until_the_end(self):
        self.detach('print("one")\ngate("go")\nprint("two")\nsys.stdout.write("end")')
        follower = self.start('jobs', 'logs', '-f', 'toy-1')
        self.read_line(follower.stdout, 'one')
        self.assertEqual(self.run_it('jobs', 'logs', 'toy-1').stdout, 'one\n')
        self.open('go')
        out, _ = follower.communicate(timeout=PATIENCE)
        self.assertEqual((follower.returncode, out), (0, 'two\nend\n'))
        self.assertEqual(self.json('jobs', 'logs', 'toy-1')['log'], 'one\ntwo\nend\n')

    def test_stop_ends_the_group(self):
        self.detach('import subprocess\nhelper = subprocess.Popen(["sleep", "1000"])\nopen("pid", "w").write(str(helper.pid))\n'
                    'print("ready")\ngate("never")')
        row = self.wait_running()
        helper = int(until(lambda: (self.path / 'nb/pid').exists() and (self.path / 'nb/pid').read_text()))
        done = self.run_it('jobs', 'stop', 'toy-1')
        self.assert_end(done, 0, '', "job 'toy-1' has ended: stopped\n")
        until(lambda: not is_running(helper) and not is_running(row['pid']), 'the end of its processes')
        row = self.row()
        self.assertEqual((row['state'], row['signal'], row['reason']), ('stopped', 15, 'stopped on request'))
        self.assert_end(self.run_it('jobs', 'stop', 'toy-1'), 0, '', "job 'toy-1' had ended already: stopped\n")
        self.assertEqual(self.run_it('jobs', 'wait', 'toy-1').returncode, 143)

    def test_stop_of_a_deaf_one(self):
        self.detach('signal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint("ready")\ngate("never")')
        follower = self.start('jobs', 'logs', '-f', 'toy-1')
        self.read_line(follower.stdout, 'ready')
        self.assert_end(self.run_it('jobs', 'stop', 'toy-1'), 0, '', 'stopped\n')
        self.assertEqual((self.row()['state'], self.row()['signal']), ('stopped', 9))

    def test_stop_of_one_that_another_terminal_watches(self):
        self.script('print("ready")\ngate("never")')
        child = self.start_training()
        self.read_line(child.stderr, 'ready')
        self.assert_end(self.run_it('jobs', 'stop', 'last'), 0)
        _, err = child.communicate(timeout=PATIENCE)
        self.assertEqual(child.returncode, 143)
        self.assertIn("training 'toy' was stopped: stopped on request\n", err)

    def test_a_killed_watcher_is_seen(self):
        for attached in (False, True):
            with self.subTest(attached=attached):
                body = 'print("ready")\ngate("never")'
                if attached:
                    self.script(body)
                    child = self.start_training()
                    self.read_line(child.stderr, 'ready')
                else:
                    self.detach(body)
                job = self.json('jobs', 'show', 'last')['job']['id']
                row = self.wait_running(job)
                os.kill(row['watcher'], signal.SIGKILL)
                if attached:
                    child.wait(PATIENCE)
                until(lambda row=row: not is_running(row['watcher']) and not is_running(row['pid']), 'the end of both')
                shown = self.json('jobs', 'show', job)['job']
                self.assertEqual((shown['state'], shown['reason']), ('lost', 'the watching process was killed'))
                self.assertEqual(self.row(job)['state'], 'lost')
                self.assert_end(self.run_it('jobs', 'wait', job), 1, None, f"job '{job}' was lost: the watching")

    def test_a_reboot_is_seen(self):
        self.detach('gate("never")')
        row = self.wait_running()
        os.kill(row['watcher'], signal.SIGKILL)
        self.change_row(boot_id='another-boot')
        self.assertIn('lost', self.run_it('jobs', 'list').stdout)
        self.assertEqual(self.row()['reason'], 'the machine was restarted while it ran')
        self.assertGreater(self.row()['ended_ms'], 0)

    def test_a_job_elsewhere_is_left_alone(self):
        self.detach('gate("never")')
        row = self.wait_running()
        self.change_row(host='far-away')
        os.kill(row['watcher'], signal.SIGKILL)
        self.assertEqual(self.json('jobs', 'show', 'last')['job']['state'], 'running')
        self.assert_end(self.run_it('jobs', 'stop', 'last'), 2, '', "job 'toy-1' runs on the machine 'far-away'\nhint: run this")
        self.change_row(state='lost')

    @staticmethod
    def binary():
        return os.environ['NB_BINARY']


class Looking(ProjectCase):
    def test_a_project_without_jobs(self):
        self.assert_end(self.run_it('jobs', 'list'), 0, '', 'no jobs yet\n')
        self.assertEqual(self.json('jobs', 'list')['jobs'], [])
        self.assert_end(self.run_it('jobs', 'show', 'last'), 1, '', 'this project has no jobs yet\nhint: start one with')
        self.assertFalse((self.path / '.notebooked').exists())

    def test_list_and_names(self):
        self.script('save(accuracy=0.123456789, f1=1)')
        self.script('sys.exit(1)', name='other')
        config = (self.path / 'config.yaml').read_text()
        (self.path / 'config.yaml').write_text(config + config.splitlines()[-1].replace('toy,', 'other,') + '\n')
        for _ in range(2):
            self.train()
        self.run_it('train', 'other', '--no-convert')
        for job, started in (('toy-1', 1700000000000), ('toy-2', 1700000100000), ('other-1', 1700000200000)):
            self.change_row(job, started_ms=started, ended_ms=started + 65000)
        self.assertEqual(self.run_it('jobs', 'list').stdout, '''\
JOB      EXPERIMENT  STATE   STARTED           DURATION      METRIC
other-1  other       failed  2023-11-14 22:16  1 min 05 s
toy-2    toy         done    2023-11-14 22:15  1 min 05 s    accuracy 0.123457
toy-1    toy         done    2023-11-14 22:13  1 min 05 s    accuracy 0.123457
'''.replace('DURATION      ', 'DURATION    ').replace('05 s    a', '05 s  a'))
        self.assertEqual(len(self.json('jobs', 'list', '-e', 'other')['jobs']), 1)
        self.assert_end(self.run_it('jobs', 'list', '--experiment', 'gone'), 0, '', 'no jobs of gone yet\n')
        for name, job in (('o', 'other-1'), ('last', 'other-1'), ('toy-1', 'toy-1')):
            self.assertEqual(self.json('jobs', 'show', name)['job']['id'], job)
        for name, message in (('toy', "2 jobs begin with 'toy'\nhint: write one of toy-2, toy-1\n"),
                              ('toy-3', "no job is called 'toy-3'\nhint: did you mean 'toy-2'?\n"),
                              ('zzz', "no job is called 'zzz'\nhint: see 'notebooked jobs list'\n")):
            self.assert_end(self.run_it('jobs', 'show', name), 1, '', message)
        page = self.run_it('jobs', 'show', 'toy-1').stdout
        for line in ('state            done', 'duration         1 min 05 s', 'model            models/toy/1',
                     '\nmetrics\naccuracy  0.123457\nf1        1\n'):
            self.assertIn(line, page)

    def test_a_damaged_list_says_what_to_do(self):
        self.script('')
        self.train()
        (self.path / '.notebooked/state.db').write_bytes(b'not a database' * 100)
        for words in (['jobs', 'list'], ['train', 'toy', '--no-convert']):
            self.assert_end(self.run_it(*words), 2, '', [f'{self.path}/.notebooked/state.db', 'the file is damaged',
                                                         'hint: move it away to start a new one'])
        self.assertEqual(list(self.path.glob('models/toy/2')), [])

    def test_a_log_that_is_gone(self):
        self.script('')
        self.train()
        pathlib.Path(self.path / '.notebooked/logs/toy-1.log').unlink()
        self.assert_end(self.run_it('jobs', 'logs', 'last'), 1, '', ["cannot read the log '", 'No such file or directory'])

    @unittest.skipUnless(os.geteuid() == 0, 'rights are taken from root only')
    def test_looking_needs_no_rights(self):
        self.script('save(f1=1)')
        self.train()
        os.chmod(self.path.parent, 0o755)
        done = self.run_it('jobs', 'list', user=65534, group=65534)
        self.assert_end(done, 0)
        self.assertIn('toy-1', done.stdout)

    def test_other_commands_touch_no_database(self):
        self.script('')
        self.train()
        before = sorted((p.name, p.stat().st_mtime_ns) for p in (self.path / '.notebooked').iterdir())
        (self.path / '.notebooked/state.db').chmod(0)
        self.run_it('convert', '--check')
        self.assert_end(self.run_it('--version'), 0)
        self.assertEqual(before, sorted((p.name, p.stat().st_mtime_ns) for p in (self.path / '.notebooked').iterdir()))


if __name__ == '__main__':
    unittest.main()
