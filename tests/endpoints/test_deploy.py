"""`deploy` and `serve` with real models, real workers and the real front: what is served, what a failure tells, and what it leaves."""
from trained import BINARY, FLOWERS, NAMES, PYTHON, TrainedCase, fronts, json, pathlib, post, shutil, signal, socket, subprocess, unittest, until


def append(path, text):
    path.write_bytes(path.read_bytes() + text.encode())


class Deploying(TrainedCase):
    models = 3

    def test_a_new_endpoint(self):
        done = self.deploy('--port', fronts.free_port(), '-m', 1)
        self.assert_end(done, 0, "the endpoint's process has started", 'loading v1', 'try it:  curl -s http://127.0.0.1:')
        rows = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
        self.assertEqual(list(rows), ['endpoint', 'version', 'model', 'url', 'log'])
        self.assertEqual((rows['endpoint'], rows['version'], rows['model']), ('iris', 'v1', 'models/iris/1'))
        self.assertIn('v1 is ready', (self.path / rows['log']).read_text())
        self.assert_predicts(rows['url'])
        status, body, _ = post(rows['url'] + '/invocations', '\n'.join(','.join(map(str, row)) for row in [NAMES, *FLOWERS]), 'text/csv')
        self.assertEqual(status, 200, body)
        curl = next(line for line in done.stderr.splitlines() if line.startswith('try it:')).removeprefix('try it:  ')
        answer = subprocess.run(['sh', '-c', curl], cwd=self.path, capture_output=True, text=True, check=True).stdout
        self.assertIn('species', json.loads(answer)['predictions'][0])

    def test_the_next_version_and_the_same_again(self):
        first = self.deployed('--port', fronts.free_port(), '-m', 1)
        again = self.deployed('-m', 1)
        self.assertEqual((first['deployed'], first['unchanged'], again['unchanged'], again['url']), ('v1', False, True, first['url']))
        self.assertNotIn('deployed', again)
        second = self.deployed('-m', 2)
        self.assertEqual((second['deployed'], second['url']), ('v2', first['url']))
        self.assertEqual([(v['name'], v['model'], v['weight']) for v in second['versions']],
                         [('v1', 'models/iris/1', 0), ('v2', 'models/iris/2', 100)])
        self.assertEqual(post(first['url'] + '/predict', {'instances': FLOWERS})[2]['X-Notebooked-Version'], '2')
        self.assertEqual([event['what'] for event in self.on_disk()['history']], ['deployed v1', 'deployed v2'])
        before = (self.folder() / 'versions/2/model.joblib').read_bytes()
        (self.path / 'models/iris/2/model.joblib').write_bytes(b'gone')  # what is served is a copy
        self.assertEqual((self.folder() / 'versions/2/model.joblib').read_bytes(), before)

    def test_settings_go_to_the_next_version(self):
        url = self.deployed('--port', fronts.free_port(), '-m', 1)['url']
        changed = self.deployed('-m', 1, '--workers', 2, '--timeout', '7s')  # the same model, served otherwise
        self.assertEqual((changed['deployed'], changed['url']), ('v2', url))
        settings = self.on_disk()['settings']
        self.assertEqual((settings['workers'], settings['timeout_ms']), (2, 7000))
        until(lambda: (self.folder() / 'log/server.log').read_text().count('v2 worker 2: ready'), 'the second worker')
        port = fronts.free_port()
        self.assert_end(self.deploy('-m', 1, '--port', port), 1, "cannot change its 'port'", '--replace')
        self.assertEqual(self.on_disk()['settings'], settings)
        moved = self.deployed('-m', 1, '--port', port, '--replace')
        self.assertEqual((moved['deployed'], moved['url']), ('v3', f'http://127.0.0.1:{port}'))
        self.assert_predicts(moved['url'])
        self.assertEqual(self.on_disk()['settings'], {**settings, 'port': port})

    def test_traffic_is_split(self):
        url = self.deployed('--port', fronts.free_port(), '-m', 1)['url']
        self.deployed('-m', 2, '--traffic', 'v1=3,new=1')
        versions = [post(url + '/predict', {'instances': FLOWERS})[2]['X-Notebooked-Version'] for _ in range(8)]
        self.assertEqual((versions.count('1'), versions.count('2')), (6, 2))
        done = self.deploy('-m', 2, '--traffic', 'v9=3,new=1')
        self.assert_end(done, 1, "has no version 'v9'")
        self.assertEqual(len(self.on_disk()['deployments']), 2)
        self.assertFalse((self.folder() / 'versions/3').exists())
        self.assertEqual(self.deployed('-m', 2, '--shadow', 50)['versions'][-1]['shadow'], 50)

    def test_a_stopped_endpoint_gets_a_new_version(self):
        url = self.deployed('--port', fronts.free_port(), '-m', 1)['url']
        self.assert_end(self.run_it('endpoints', 'stop', 'iris'), 0)
        second = self.deployed('-m', 2)
        self.assertEqual((second['deployed'], second['url']), ('v2', url))
        self.assert_predicts(url)
        self.assertNotIn('v1 is ready', (self.folder() / 'log/server.log').read_text().rpartition('serving')[2])

    def test_other_names_and_places(self):
        config = (self.path / 'config.yaml').read_text()
        (self.path / 'config.yaml').write_text(config.replace('    description:', '    serving: {workers: 2, max_body: 2M}\n    description:'))
        found = self.deployed('--endpoint-name', 'flowers', '--model-uri', 'iris-1', '--port', fronts.free_port())
        self.assertEqual((found['endpoint'], self.on_disk('flowers')['settings']['workers']), ('flowers', 2))
        self.assertEqual(self.on_disk('flowers')['settings']['max_body'], 2 << 20)
        other = self.deployed('--endpoint-name', 'flowers2', '--model-uri', 'models/iris/1', '--workers', 1)
        self.assertEqual(self.on_disk('flowers2')['settings']['workers'], 1)
        self.assertNotEqual(found['url'], other['url'])
        self.assertEqual(self.run_it('completion', 'endpoint').stdout.split(), ['flowers', 'flowers2'])


    def test_the_python_is_the_endpoints_then_the_models(self):
        """Whatever is on PATH: what trained the model can serve it, and what serves an endpoint goes on to."""
        wrong = self.path.parent / 'wrong/bin'
        wrong.mkdir(parents=True)
        for name in ('python', 'python3'):
            (wrong / name).write_text(f'#!/bin/sh\nexec {PYTHON} -S "$@"\n')  # without its libraries
            (wrong / name).chmod(0o755)
        self.env['VIRTUAL_ENV'] = str(wrong.parent)
        other = self.path.parent / 'other-python'
        other.symlink_to(PYTHON)
        self.assert_end(self.run_it('deploy', 'iris', '--port', fronts.free_port(), '-m', 1), 0)
        self.assertEqual(self.on_disk()['settings']['python'], PYTHON)
        self.assert_end(self.run_it('deploy', 'iris', '-m', 2, '--python', other), 0)
        self.assert_end(self.run_it('deploy', 'iris', '-m', 1), 0)
        self.assertEqual(self.on_disk()['settings']['python'], str(other))
        other.unlink()
        self.assert_end(self.run_it('deploy', 'iris', '-m', 2), 0)
        self.assertEqual(self.on_disk()['settings']['python'], PYTHON)
        lacks = self.run_it('deploy', 'iris', '-m', 1, '--python', wrong / 'python')
        self.assert_end(lacks, 1, 'requirements are not met by', ', or choose another Python with --python')
        self.assertNotIn('--create-env', lacks.stderr)


    def test_a_script_that_reads_no_json(self):
        """The example is JSON: it is not tried, and nobody is told to send it."""
        model = self.model_with('def input_fn(body, content_type):\n    if content_type != "text/csv":\n        raise ValueError("only CSV")\n'
                                '    return numpy.array([[float(cell) for cell in line.split(",")] for line in body.splitlines()])')
        done = self.deploy('--port', fronts.free_port(), '-m', model, '--trust')
        self.assert_end(done, 0, 'the input example was not tried, because input_fn does not read it: only CSV',
                        'try it:  notebooked predict iris --data @FILE')
        asked = self.run_it('predict', 'iris', '--data', '5.1,3.5,1.4,0.2')
        self.assert_end(asked, 0)
        self.assertIn('setosa', asked.stdout)

    def test_the_line_to_try_works_when_pasted(self):
        tokens = self.path.parent / 'the "tokens'
        tokens.write_text('0123456789abcdef\n')
        tokens.chmod(0o600)
        for row in (self.deploy('--port', fronts.free_port(), '-m', 1, '--token-file', tokens), self.run_it('deploy', 'iris', '-m', 2)):
            self.assert_end(row, 0)
            self.assertNotIn('0123456789abcdef', row.stdout + row.stderr)
            lines = [line.partition(':')[2].strip() for line in row.stderr.splitlines() if line.startswith(('try it:', 'or:'))]
            self.assertEqual(len(lines), 2)
            self.assertLess(len(lines[0]), 400)
            self.env['PATH'] = f'{pathlib.Path(BINARY).parent}:/usr/bin:/bin'
            for line in lines:
                done = subprocess.run(['sh', '-c', line], cwd=self.path, env=self.env, capture_output=True, text=True, check=True)
                self.assertIn('species', json.loads(done.stdout)['predictions'][0])


class Refused(TrainedCase):
    models = 3

    def assert_untouched(self, url):
        self.assertEqual([(d['version'], d['weight'], d['up']) for d in self.on_disk()['deployments']], [(1, 100, True)])
        self.assertEqual([p.name for p in (self.folder() / 'versions').iterdir()], ['1'])
        self.assert_predicts(url)

    def test_the_notebook_is_named(self):
        done = self.deploy('--port', fronts.free_port(), '-m', 3)
        self.assert_end(done, 1, "error: cannot deploy 'models/iris/3' to the endpoint 'iris'", 'the sample prediction failed: AttributeError: ',
                        "no attribute 'no_such' (cell 18, line 6)", 'File "notebooks/iris.ipynb", cell 18, line 6, in predict (inference.py:')
        self.assertFalse((self.folder() / 'endpoint.json').exists())
        self.assertFalse((self.folder() / 'versions/1').exists())
        self.assertFalse((self.folder() / 'server.pid').exists())
        self.assertEqual(self.run_it('endpoints', 'list', '--format', 'json').returncode, 0)

    def test_models_that_do_not_load(self):
        url = self.deployed('--port', fronts.free_port(), '-m', 1)['url']
        cases = {
            'raises': ('def model_fn(folder):\n    raise ValueError("bad weights")', 'the load failed: ValueError: bad weights'),
            'lacks': ('import no_such_library', "the import failed: ModuleNotFoundError: No module named 'no_such_library'"),
            'syntax': ('def model_fn(:', 'the import failed: SyntaxError'),
            'exits': ('import sys\nsys.exit("not today")', 'the import failed: SystemExit: not today'),
            'leaves': ('import os\nos._exit(7)', 'ended with exit status 7'),
            'crashes': ('def model_fn(folder):\n    import ctypes\n    ctypes.string_at(0)', 'was killed by signal 11'),
            'warms': ('def model_warmup_fn(folder, model):\n    raise OSError("no device")', 'the warm-up failed: OSError: no device'),
        }
        for name, (code, message) in cases.items():
            with self.subTest(name):
                done = self.deploy('-m', self.model_with(code, name), '--trust')
                self.assert_end(done, 1, message)
                self.assert_untouched(url)
        self.assertIn(f'install it for {PYTHON}', self.deploy('-m', self.path / 'lacks', '--trust').stderr)
        self.assertEqual(self.deployed('-m', 2)['versions'][0]['name'], 'v1')

    def test_a_load_that_takes_too_long(self):
        slow = self.model_with('def model_fn(folder):\n    import time\n    time.sleep(600)')
        done = self.deploy('--port', fronts.free_port(), '-m', slow, '--trust', '--startup-timeout', '3s')
        self.assert_end(done, 1, 'was not ready within 3 s')
        self.assertFalse((self.folder() / 'endpoint.json').exists())

    def test_what_replaced_versions_come_back(self):
        url = self.deployed('--port', fronts.free_port(), '-m', 1)['url']
        broken = self.model_with('1 / 0')
        self.assert_end(self.deploy('-m', broken, '--trust', '--replace'), 1, 'ZeroDivisionError')
        until(lambda: self.show()['endpoint']['state'] == 'ready', 'the old version')
        self.assert_untouched(url)

    def test_models_of_unknown_origin(self):
        folder = self.model_with('# nothing')
        self.assert_end(self.deploy('--port', fronts.free_port(), '-m', folder), 1, 'is not known to be of this project', '--trust')
        append(self.path / 'models/iris/1/model.joblib', '.')
        self.assert_end(self.deploy('--port', fronts.free_port(), '-m', 1), 1, "was changed after training: 'model.joblib'", '--trust')
        self.assertFalse(self.folder().exists())
        self.assertFalse(self.deployed('--port', fronts.free_port(), '-m', folder, '--trust')['unchanged'])
        self.assertTrue(self.deployed('-m', folder, '--trust')['unchanged'])
        append(folder / 'code/inference.py', '# changed\n')
        self.assertEqual(self.deployed('-m', folder, '--trust')['deployed'], 'v2')

    def test_missing_requirements_are_named(self):
        folder = self.model_with('# nothing')
        append(folder / 'code/requirements.txt', 'no-such-library>=2\n')
        words = ['--port', fronts.free_port(), '-m', folder, '--trust']
        self.assert_end(self.deploy(*words), 1, 'no-such-library>=2')
        self.assertFalse(self.folder().exists())
        self.assertEqual(self.deployed(*words, '--no-check')['deployed'], 'v1')

    def test_a_port_that_is_taken(self):
        with socket.socket() as other:
            other.bind(('127.0.0.1', 0))
            other.listen()
            port = other.getsockname()[1]
            self.assert_end(self.deploy('--port', port, '-m', 1), 2, f'another process listens on port {port}', '--port')
            self.assertFalse(self.folder().exists())

    def test_an_address_without_a_token(self):
        done = self.deploy('--port', fronts.free_port(), '-m', 1, '--host', '0.0.0.0')
        self.assertNotEqual(done.returncode, 0, done.stderr)
        self.assertIn('token', done.stderr)
        self.assertFalse((self.folder() / 'endpoint.json').exists())

    def test_a_python_that_is_not_there(self):
        self.assert_end(self.deploy('-m', 1, '--python', '/no/such/python'), 1, '/no/such/python')


class Watched(TrainedCase):
    models = 2

    def test_wait_tells_how_it_went(self):
        url = self.deployed('--port', fronts.free_port(), '-m', 1, '--watch', '2s')['url']
        self.assert_end(self.deploy('-m', 2, '--wait'), 0, 'watching the new traffic')
        code = 'def transform_fn(model, body, content_type, accept):\n    raise RuntimeError("never")'
        folder = self.model_with('')
        script = folder / 'code/inference.py'
        script.write_text('def model_fn(folder):\n    return 1\n\n' + code)
        (folder / 'input_example.json').unlink()
        (folder / 'notebooked.json').write_text('{}')
        child = self.start('deploy', 'iris', '--python', PYTHON, '-m', folder, '--trust', '--wait', '--watch', '60s')
        until(lambda: self.on_disk()['deployments'][-1]['weight'] == 100 and self.on_disk()['deployments'][-1]['version'] == 3, 'the switch')
        for _ in range(80):
            post(url + '/predict', {'instances': FLOWERS})
        _, stderr = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 1, stderr)
        self.assertIn('it went back to the traffic before', stderr)
        self.assert_predicts(url)


class Serving(TrainedCase):
    models = 2

    def test_stop_start_list_show_logs(self):
        url = self.deployed('--port', fronts.free_port(), '-m', 1)['url']
        self.assertIn('ready', self.run_it('endpoints', 'list').stdout)
        self.assertIn('v1 is ready', self.run_it('endpoints', 'logs', 'iris').stdout)
        self.assert_end(self.run_it('endpoints', 'stop', 'iris'), 0, 'has stopped')
        self.assertIn('stopped', self.run_it('endpoints', 'list').stdout)
        with self.assertRaises(OSError):
            post(url + '/predict', {'instances': FLOWERS})
        stopped = self.run_it('predict', 'iris', '--data', '[[1, 2, 3, 4]]')
        self.assert_end(stopped, 2, "error: endpoint 'iris' is stopped\n", "'notebooked endpoints start iris'")
        started = self.run_it('endpoints', 'start', 'iris')
        self.assert_end(started, 0, 'has started')
        self.assertIn(url, started.stdout)
        self.assert_predicts(url)
        self.assert_end(self.run_it('serve', 'iris'), 1, 'runs already')
        self.assert_end(self.run_it('serve', 'iris', '--foreground'), 1, 'runs already')
        self.assert_end(self.run_it('endpoints', 'stop', 'iris'), 0)
        self.assert_end(self.run_it('serve', 'iris', '--queue', '7'), 0, 'has started')
        until(lambda: self.show()['endpoint']['state'] == 'ready', 'the endpoint')
        self.assertEqual(self.on_disk()['settings']['queue'], 7)

    def test_a_start_that_comes_to_nothing_is_told(self):
        self.deployed('--port', fronts.free_port(), '-m', 1)
        self.assert_end(self.run_it('endpoints', 'stop', 'iris'), 0)
        (self.folder() / 'versions/1/model.joblib').unlink()
        self.assert_end(self.run_it('endpoints', 'start', 'iris', '--no-wait'), 0, 'has started')
        self.assert_end(self.run_it('endpoints', 'start', 'iris'), 1, "error: endpoint 'iris' is not ready: ", 'FileNotFoundError',
                        "hint: see 'notebooked endpoints logs iris'")

    def test_input_that_does_not_fit_is_the_clients_fault(self):
        url = self.deployed('--port', fronts.free_port(), '-m', 1)['url']
        for body, told in (([[5.1, 'x']], "row 1, value 2 is 'x'"), ([[5.1, 3.5]], "trained on 'sepal length (cm)' (float64)"),
                           ([[5.1, 3.5, 1.4, {}]], 'row 1, value 4'), ({'dataframe_split': {'columns': True, 'data': [[1]]}}, "'columns' must be a list"),
                           ({'dataframe_split': {'columns': ['a', 'b'], 'data': [[1]]}}, 'row 1 has 1 values for 2 columns'),
                           ([{'petal length (cm)': 1}], 'cannot predict on these rows'), ([], 'no rows')):
            status, answer, _ = post(url + '/invocations', body)
            self.assertEqual((status, told in answer), (400, True), answer)

    def serve(self, *words):
        child = self.start('serve', 'iris', '--foreground', '--python', PYTHON, *words)
        lines = []
        for line in child.stderr:
            lines.append(line)
            if 'v1 is ready' in line:
                return child, lines
        child.wait()
        return child, lines

    def test_an_experiment_in_the_foreground(self):
        for way in (signal.SIGTERM, signal.SIGINT):
            port = fronts.free_port()
            child, lines = self.serve('--port', port, '--as', 'sagemaker')
            self.assertIsNone(child.poll(), lines)
            until(lambda: self.on_disk()['deployments'][0]['weight'] == 100, 'the weight')
            url = f'http://127.0.0.1:{port}'
            self.assertEqual(post(url + '/invocations', {'instances': FLOWERS})[0], 200)
            self.assertEqual(post(url + '/predict', {'instances': FLOWERS})[0], 404)
            child.send_signal(way)
            child.communicate()
            self.assertEqual(child.returncode, 0)
            self.assertEqual(self.on_disk()['deployments'][0]['weight'], 100)
            shutil.rmtree(self.folder())

    def test_what_is_asked_is_answered_before_it_ends(self):
        slow = self.model_with('def predict_fn(data, model):\n    import time\n    time.sleep(1.5)\n    return [1]')
        port = fronts.free_port()
        child, _ = self.serve('--port', port, '-m', slow, '--trust')
        curl = subprocess.Popen(['curl', '-s', '-m', '60', f'http://127.0.0.1:{port}/predict', '-H', 'Content-Type: application/json', '-d',
                                 json.dumps({'instances': FLOWERS})], stdout=subprocess.PIPE, text=True)
        until(lambda: self.busy() > 0, 'the request')
        child.send_signal(signal.SIGTERM)
        self.assertIn('predictions', curl.communicate()[0])
        child.communicate()
        self.assertEqual(child.returncode, 0)

    def busy(self):
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(self.folder() / 'server.sock'))
            except OSError:
                return 0
            client.sendall(b'GET /admin/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
            text = b''
            while chunk := client.recv(65536):
                text += chunk
        return json.loads(text.partition(b'\r\n\r\n')[2])['versions'][0]['figures']['busy']

    def test_an_experiment_whose_model_is_broken(self):
        child, lines = self.serve('--port', fronts.free_port(), '-m', self.model_with('1 / 0'), '--trust')
        child.communicate()
        self.assertEqual(child.returncode, 1, lines)
        text = ''.join(lines)
        for words in ("error: cannot serve 'iris'", 'ZeroDivisionError', 'Traceback'):
            self.assertIn(words, text)
        self.assertFalse((self.folder() / 'endpoint.json').exists())


if __name__ == '__main__':
    unittest.main()
