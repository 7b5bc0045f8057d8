"""worker.py as the front sees it: frames in, frames out, over a socket pair. What scripts may define, what clients may send, what may go wrong,
predicting together, and a model that `notebooked train` made."""
import fcntl
import json
import mmap
import os
import pathlib
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import textwrap
import unittest

SOURCE = pathlib.Path(os.environ.get('NB_SOURCE_DIR', '.')).resolve()
BINARY = os.environ.get('NB_BINARY')
PYTHON = os.environ.get('NB_SYSTEM_PYTHON') or '/usr/bin/python3'
HEADER, INLINE, SHARED = struct.Struct('<IHHQ'), 2**64 - 1, 256 * 1024
HELLO, READY, FAIL, BATCH, RESULT, STOP = range(1, 7)
JSON = 'application/json'


def has(python, *modules):
    """Whether a Python has these modules."""
    return subprocess.run([python, '-c', 'import ' + ', '.join(modules)], capture_output=True, check=False).returncode == 0


class Worker:
    """A worker on a model directory, and this side of its socket."""

    def __init__(self, model_dir, python=PYTHON, **environment):
        self.socket, other = socket.socketpair()
        self.socket.settimeout(60)
        files = [os.memfd_create('requests'), os.memfd_create('answers')]
        for file in files:
            os.ftruncate(file, 16 << 20)
        self.requests, self.answers = [mmap.mmap(file, 16 << 20) for file in files]
        high = [fcntl.fcntl(file, fcntl.F_DUPFD, 100) for file in [other.fileno(), *files]]
        place = lambda: [os.dup2(file, 3 + i) for i, file in enumerate(high)]
        environment = dict(os.environ, PYTHONDONTWRITEBYTECODE='', **environment)
        self.said = [tempfile.TemporaryFile('w+'), tempfile.TemporaryFile('w+')]
        self.process = subprocess.Popen([python, SOURCE / 'src/serve/worker/worker.py', model_dir], preexec_fn=place, close_fds=False,
                                        stdout=self.said[0], stderr=self.said[1], cwd=model_dir, env=environment)
        for file in [*high, *files]:
            os.close(file)
        other.close()
        kind, self.hello = self.receive()
        assert kind == HELLO, kind
        self.kind, self.about = self.receive()

    def bytes(self, count):
        """Exactly so many bytes; fewer when the worker has gone."""
        got = b''
        while len(got) < count:
            more = self.socket.recv(count - len(got))
            if not more:
                break
            got += more
        return got

    def receive(self):
        """The next frame: its type, and its document or bytes; (None, None) when the worker has gone."""
        head = self.bytes(HEADER.size)
        if len(head) < HEADER.size:
            return None, None
        length, kind, _, _ = HEADER.unpack(head)
        payload = self.bytes(length)
        return kind, json.loads(payload) if kind in (HELLO, READY, FAIL) else payload

    def send(self, kind, payload=b'', flags=0):
        self.socket.sendall(HEADER.pack(len(payload), kind, flags, 0) + payload)

    def pack(self, requests):
        """The payload of a BATCH; requests are (body, content type, accept, ms until the deadline), the latter three optional."""
        parts, used = [struct.pack('<I', len(requests))], 0
        for i, request in enumerate(requests):
            body, content_type, accept, deadline = (*((request,) if isinstance(request, (bytes, str)) else request), *(JSON, '', 0)[
                0 if isinstance(request, (bytes, str)) else len(request) - 1:])
            body = body.encode() if isinstance(body, str) else body
            parts.append(struct.pack('<QI', 1000 + i, deadline))
            for text in (content_type.encode(), accept.encode()):
                parts.append(struct.pack('<H', len(text)) + text)
            if len(body) >= SHARED:
                self.requests[used:used + len(body)] = body
                parts.append(struct.pack('<IQ', len(body), used))
                used += len(body)
            else:
                parts.append(struct.pack('<IQ', len(body), INLINE) + body)
        return b''.join(parts)

    def unpack(self, payload):
        """The results of a RESULT frame by id: (status, content type, body, flags)."""
        results, at = {}, 4
        for _ in range(struct.unpack_from('<I', payload)[0]):
            number, status, flags, _, length = struct.unpack_from('<QHHIH', payload, at)
            at += 18
            kind = payload[at:at + length].decode()
            at += length
            length, offset = struct.unpack_from('<IQ', payload, at)
            at += 12
            body = payload[at:at + length] if offset == INLINE else self.answers[offset:offset + length]
            at += length if offset == INLINE else 0
            assert number not in results
            results[number] = status, kind, body, flags
        assert at == len(payload)
        return results

    def ask(self, *requests, together=False):
        """All results of a batch, in the order of its requests."""
        self.send(BATCH, self.pack(requests), int(together))
        results, self.frames = {}, 0
        while len(results) < len(requests):
            kind, payload = self.receive()
            assert kind == RESULT, (kind, self.end())
            new = self.unpack(payload)
            assert not set(new) & set(results)
            results.update(new)
            self.frames += 1
        assert set(results) == set(range(1000, 1000 + len(requests)))
        return [results[1000 + i] for i in range(len(requests))]

    def end(self):
        """Closes our end; returns its exit status, stdout and stderr."""
        self.socket.close()
        status = self.process.wait(timeout=60)
        for file in self.said:
            file.seek(0)
        return (status, *(file.read() for file in self.said))

    def close(self):
        """Whatever the test left of it."""
        self.socket.close()
        self.process.kill()
        self.process.wait()
        for file in self.said:
            file.close()


class Case(unittest.TestCase):
    python = PYTHON

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='worker ')
        self.addCleanup(folder.cleanup)
        self.model = pathlib.Path(folder.name)

    def write(self, script='', name='code/inference.py', **files):
        """Writes a script, and JSON files."""
        if script:
            (self.model / name).parent.mkdir(exist_ok=True)
            (self.model / name).write_text(textwrap.dedent(script))
        for file, document in files.items():
            (self.model / f'{file}.json').write_text(json.dumps(document))

    def start(self, script='', kind=READY, **files):
        environment = files.pop('environment', {})
        self.write(script, name=files.pop('name', 'code/inference.py'), **files)
        worker = Worker(self.model, self.python, **environment)
        self.addCleanup(worker.close)
        self.assertEqual(worker.kind, kind, worker.about)
        return worker

    def check(self, worker, table):
        """Rows of (request, status, part of the body)."""
        for request, status, part in table:
            with self.subTest(request=request):
                got = worker.ask(request)[0]
                self.assertEqual((got[0], part in got[2].decode()), (status, True), got)


DOUBLE = '''
import json

def model_fn(model_dir):
    return 2

def predict_fn(data, model):
    return [model * x for x in data]

def output_fn(prediction, accept):
    return json.dumps(prediction)

def input_fn(body, content_type):
    return json.loads(body)
'''


class Contract(Case):
    """What scripts define, and how they are called."""

    def test_handlers(self):
        worker = self.start(DOUBLE, notebooked={'input': {'n_features': 4, 'feature_names': ['a']}})
        self.assertEqual(worker.hello['protocol'], 1)
        self.assertEqual(worker.hello['pid'], worker.process.pid)
        self.assertEqual(worker.about['handlers'], ['model_fn', 'input_fn', 'predict_fn', 'output_fn'])
        self.assertEqual(worker.about['schema'], {'n_features': 4, 'feature_names': ['a']})
        self.assertGreater(worker.about['rss'], 1 << 20)
        self.assertEqual(worker.ask('[1, 2]'), [(200, JSON, b'[2, 4]', 0)])
        worker.send(STOP)
        self.assertEqual(worker.end(), (0, '', ''))
        self.assertFalse((self.model / 'code/__pycache__').exists())

    def test_the_front_going_ends_it(self):
        worker = self.start(DOUBLE)
        self.assertEqual(worker.end(), (0, '', ''))

    def test_signatures(self):
        seen = '''
            import json
            def model_fn(model_dir, context): return context.system_properties["model_dir"]
            def input_fn(body, content_type, context): return [context.get_request_header(0, "Content-Type")]
            def predict_fn(data, *more): return data + [len(more)]
            def output_fn(prediction, accept, context):
                context.set_response_content_type(0, "text/x-own")
                return json.dumps(prediction)
            '''
        worker = self.start(seen)
        self.assertEqual(worker.ask('x')[0], (200, 'text/x-own', b'["application/json", 1]', 0))
        self.assertEqual(worker.about['batch_reason'], "the script reads the request's context")
        for function, message in (
                ('def input_fn(body): pass', 'input_fn takes 1 parameters; it must take (body, content_type[, context])'),
                ('def predict_fn(a, b, c, d): pass', 'predict_fn takes 4 parameters; it must take (data, model[, context])'),
                ('def model_fn(): pass', 'model_fn takes 0 parameters; it must take (model_dir[, context])'),
                ('def transform_fn(m, b, c, a): pass', 'transform_fn replaces input_fn, predict_fn, output_fn; define one or the other'),
                ('def output_fn(a, b, *, c): pass', 'output_fn takes 2 parameters; it must take (prediction, accept[, context])')):
            with self.subTest(function):
                worker = self.start(f'{DOUBLE}\n{function}\n', FAIL)
                self.assertEqual((worker.about['phase'], worker.about['error']), ('import', message))
                self.assertEqual(worker.end()[0], 1)

    def test_failures_name_their_phase(self):
        table = [
            ('import nothing_like_it', 'import', "ModuleNotFoundError: No module named 'nothing_like_it'", 'nothing_like_it'),
            ('def model_fn(model_dir): raise MemoryError("too big")', 'load', 'MemoryError: too big', None),
            ('def model_fn(model_dir): import helper_xyz', 'load', "ModuleNotFoundError: No module named 'helper_xyz'", 'helper_xyz'),
            ('def model_fn(m): pass\ndef model_warmup_fn(m, model): raise KeyError(1)', 'warm-up', 'KeyError: 1', None),
            ('def predict_fn(data, model): pass', 'import', 'inference.py has no model_fn(model_dir)', None)]
        for script, phase, error, module in table:
            with self.subTest(script):
                about = self.start(script, FAIL).about
                self.assertEqual((about['phase'], about['error'], about['module']), (phase, error, module))
                self.assertNotIn('worker.py', about['traceback'].partition('importlib')[0] if module is None and phase != 'import' else '')
        shutil.rmtree(self.model / 'code')
        self.assertEqual(self.start(kind=FAIL).about['error'], 'there is neither code/inference.py nor an MLmodel file')

    def test_once_and_in_its_folder(self):
        self.write(DOUBLE + '''
import os, sys
import beside
def pre_model_fn(model_dir): print("pre", os.getcwd() == model_dir)
def model_warmup_fn(model_dir, model): print("warm", model)
def model_fn(model_dir):
    print("load", beside.NAME, "__file__" in vars(sys.modules["__main__"]), sys.argv[1:])
    return 3
''')
        (self.model / 'code/beside.py').write_text('NAME = "beside"\n')
        worker = self.start()
        self.assertEqual(worker.ask('[1]', '[2]')[1][2], b'[6]')
        self.assertEqual(worker.end(), (0, 'pre True\nload beside True []\nwarm 3\n', ''))

    def test_transform(self):
        worker = self.start('''
            def model_fn(model_dir): return "m"
            def transform_fn(model, body, content_type, accept):
                if body == "bad": raise KeyError("no")
                return repr((model, body, content_type, accept)), "text/x"
            ''')
        self.assertEqual(worker.ask(('x', 'text/csv', 'a/b'))[0], (200, 'text/x', b"('m', 'x', 'text/csv', 'a/b')", 0))
        self.assertEqual(worker.ask('bad')[0][:3], (500, 'text/plain; charset=utf-8', b"KeyError: 'no'"))
        self.assertFalse(worker.about['batch'])
        self.assertEqual([result[3] for result in worker.ask('x', 'y', together=True)], [1, 1])

    def test_azure(self):
        worker = self.start('''
            import json, os
            def init():
                global model
                model = os.path.basename(os.environ["AZUREML_MODEL_DIR"])
            def run(data, request_headers):
                if data == "no": raise RuntimeError("stop")
                return {"model": model != "", "sum": sum(json.loads(data)), "type": request_headers["Content-Type"]}
            ''', name='code/score.py')
        self.assertEqual(worker.about['handlers'], ['init', 'run'])
        self.assertEqual(worker.ask('[1, 2]')[0], (200, JSON, b'{"model": true, "sum": 3, "type": "application/json"}', 0))
        self.assertEqual(worker.ask('no')[0][0], 500)
        worker = self.start('def init(): pass\ndef run(data): return data', name='code/score.py')
        self.assertEqual(worker.ask('text')[0][2], b'"text"')  # as Azure's server has it

    def test_defaults(self):
        worker = self.start('''
            class Model:
                def predict(self, data): return [float(x) for x in (data.sum(axis=1) if data.ndim > 1 else data)]
            def model_fn(model_dir): return Model()
            ''')
        rows = [[1, 2], [3, 4]]
        npy = subprocess.run([PYTHON, '-c', f'import sys, numpy; numpy.save(sys.stdout.buffer, numpy.array({rows}))'],
                             capture_output=True, check=True).stdout
        evil = subprocess.run([PYTHON, '-c', 'import sys, numpy; numpy.save(sys.stdout.buffer, numpy.array([{}], dtype=object))'],
                              capture_output=True, check=True).stdout
        for body, kind in ((json.dumps(rows), JSON), (json.dumps({'instances': rows}), JSON), ('1,2\n3,4\n', 'text/csv'),
                           (npy, 'application/x-npy')):
            self.assertEqual(worker.ask((body, kind))[0], (200, JSON, b'{"predictions": [3.0, 7.0]}', 0))
        self.assertEqual(worker.ask((json.dumps(rows), JSON, 'text/csv'))[0], (200, 'text/csv', b'3.0\n7.0\n', 0))
        self.assertEqual(worker.ask((json.dumps(rows), JSON, 'application/x-npy'))[0][2][:6], b'\x93NUMPY')
        self.check(worker, [
            (('x', 'image/png'), 415, 'cannot read image/png'), (('[1]', JSON, 'image/png'), 406, 'cannot answer with image/png'),
            ((evil, 'application/x-npy'), 400, 'Object arrays cannot be loaded'), ('{', 400, 'Expecting property name'),
            (b'\xff', 400, 'the body is not UTF-8'), ('\ufeff[[1, 2]]', 200, '[3.0]')])


class Requests(Case):
    """What clients send, and what goes wrong with it."""

    def test_errors_have_the_right_status(self):
        worker = self.start('''
            class BadInput(ValueError): pass
            class UnsupportedFormatError(Exception): pass
            import json, sys
            def model_fn(model_dir): return None
            def input_fn(body, content_type):
                if content_type == "image/png": raise BadInput("cannot read image/png")
                if content_type == "image/gif": raise UnsupportedFormatError("no gif")
                what = json.loads(body)
                if what == "value": raise ValueError("bad value")
                if what == "type": raise TypeError("bad type")
                return what
            def predict_fn(data, model):
                if data == "bad": raise BadInput("row 1 is bad")
                if data == "predict": raise ValueError("broken model")
                if data == "exit": sys.exit(3)
                if data == "deep": return predict_fn(data, model)
                if data == "long": raise RuntimeError("x" * 100000)
                return data
            def output_fn(prediction, accept):
                if accept == "image/png": raise BadInput("cannot answer with image/png")
                if prediction == "none": return None
                if prediction == "object": return {"a": 1}
                if prediction == "bytes": return b"\\0\\xff", "application/octet-stream"
                return str(prediction)
            ''')
        self.check(worker, [
            ('"value"', 400, 'bad value'), ('{', 400, 'Expecting'), ('"type"', 500, 'TypeError: bad type'), ('"bad"', 400, 'row 1 is bad'),
            ('"predict"', 500, 'ValueError: broken model'), (('1', 'image/png'), 415, 'cannot read image/png'),
            (('1', 'image/gif'), 415, 'no gif'), (('1', JSON, 'image/png'), 406, 'cannot answer with image/png'),
            (('1', JSON, 'image/png, */*;q=0.1'), 200, '1'), ('"exit"', 500, 'SystemExit: 3'), ('"deep"', 500, 'RecursionError'),
            ('"long"', 500, 'RuntimeError: xxx'), ('"none"', 500, 'the answer is of type NoneType'), ('"object"', 200, '{"a": 1}')])
        self.assertLessEqual(len(worker.ask('"long"')[0][2]), 4000)
        self.assertEqual(worker.ask('"bytes"')[0][1:3], ('application/octet-stream', b'\0\xff'))
        status, out, err = worker.end()
        self.assertEqual((status, out), (0, ''))
        self.assertIn('request 1000: Traceback (most recent call last):\n', err)
        self.assertIn('in predict_fn', err)
        self.assertNotIn('worker.py', err.partition('the answer is of type')[0][:2000])  # the user's own frames
        self.assertNotIn('bad value', err)  # the client's fault is no news of ours

    def test_content_types(self):
        worker = self.start('''
            def model_fn(model_dir): return None
            def transform_fn(model, body, content_type, accept): return repr((type(body).__name__, content_type, accept))
            ''', environment={'SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT': 'text/own'})
        for sent, want in ((JSON, ('str', JSON)), ('', ('str', JSON)), ('Application/JSON; charset=UTF-8', ('str', JSON)),
                           ('text/csv; header=present', ('str', 'text/csv; header=present')), ('application/x-npy', ('bytes', 'application/x-npy')),
                           ('application/x-www-form-urlencoded', ('str', 'application/x-www-form-urlencoded'))):
            for accept, wanted in (('', 'text/own'), ('*/*', 'text/own'), ('a/b', 'a/b')):
                self.assertEqual(worker.ask(('x', sent, accept))[0][2].decode(), repr((*want, wanted)))
        for i in range(2000):  # names that clients make up do not pile up
            worker.ask(('x', f'made/up{i}'))

    def test_scripts_that_want_bytes(self):
        worker = self.start('''
            def model_fn(model_dir): return None
            def input_fn(body, content_type): return body.decode("utf-8")
            def predict_fn(data, model): return data
            def output_fn(prediction, accept): return prediction
            ''')
        self.assertEqual([result[2] for result in worker.ask('a', 'b')], [b'a', b'b'])

    def test_deadlines_within_a_batch(self):
        worker = self.start(DOUBLE + '''
import time
def predict_fn(data, model):
    time.sleep(data[0])
    return data
''')
        first, second, third = worker.ask(('[0.3]', JSON, '', 1000), ('[0]', JSON, '', 100), ('[0]', JSON, '', 5000))
        self.assertEqual((first[0], second[0], third[0]), (200, 504, 200))
        self.assertGreater(worker.frames, 1)  # the first did not wait for the others

    def test_large_bodies(self):
        worker = self.start('def model_fn(m): pass\ndef transform_fn(model, body, kind, accept): return body')
        bodies = [random.Random(1).randbytes(size) for size in (3 << 20, 10, SHARED, 7 << 20, SHARED - 1)]
        for _ in range(3):
            got = worker.ask(*((body, 'x/y') for body in bodies))
            self.assertEqual([result[2] for result in got], bodies)
        worker = self.start('def model_fn(m): pass\ndef transform_fn(model, body, kind, accept): return bytes(int(body))')
        got = worker.ask('12000000', '12000000', str(65 << 20))  # more than the shared file holds, and than an answer may have
        self.assertEqual([len(result[2]) for result in got][:2], [12000000, 12000000])
        self.assertEqual(got[2][:2], (500, 'text/plain; charset=utf-8'))

    def test_prints_and_descriptors_do_not_harm(self):
        worker = self.start(DOUBLE + '''
import os, subprocess, sys
def predict_fn(data, model):
    print("x" * 70000)
    os.write(1, b"raw\\\\n")
    print("to stderr \\\\udcff", file=sys.stderr)
    for descriptor in (3, 4, 5):
        try: os.close(descriptor)
        except OSError: pass
    subprocess.run(["sh", "-c", "echo from a child; echo >&3"], stderr=subprocess.DEVNULL)
    return data
'''.replace('\\\\', '\\'))
        self.assertEqual(worker.ask('[1]')[0][0], 200)
        self.assertEqual(worker.ask('[1]')[0][0], 200)
        status, out, err = worker.end()
        self.assertEqual(status, 0)
        self.assertIn('raw\n', out)
        self.assertIn('from a child\n', out)
        self.assertIn('to stderr \\udcff', err)

    def test_wrong_frames_end_it(self):
        good = HEADER.pack(0, STOP, 0, 0)
        noise = random.Random(7)
        table = [HEADER.pack(2**32 - 1, BATCH, 0, 0), HEADER.pack(0, HELLO, 0, 0), HEADER.pack(0, 99, 0, 0), HEADER.pack(0, BATCH, 0, 0),
                 HEADER.pack(5, BATCH, 0, 0) + struct.pack('<IB', 1, 0), HEADER.pack(5, BATCH, 0, 0) + struct.pack('<IB', 0, 0)]
        outside = struct.pack('<IQIHHIQ', 1, 1, 0, 0, 0, 10, 1 << 40)
        table += [HEADER.pack(len(outside), BATCH, 0, 0) + outside]
        for _ in range(10):
            payload = noise.randbytes(noise.randrange(1, 60))
            table.append(HEADER.pack(len(payload), BATCH, 0, 0) + payload)
        for data in table:
            with self.subTest(data=data):
                worker = self.start(DOUBLE)
                worker.socket.sendall(data + good)
                worker.socket.shutdown(socket.SHUT_WR)
                while worker.receive()[0] is not None:
                    continue
                status, _, err = worker.end()
                self.assertEqual(status, 1)
                self.assertIn('the front sent ', err)
                self.assertNotIn('Traceback', err)


class Together(Case):
    """Predicting several requests with one call."""

    KINDS = {
        'list': 'json.loads(body)', 'numpy': 'numpy.array(json.loads(body), dtype=float)',
        'frame': 'pandas.DataFrame(json.loads(body), columns=["a", "b"])',
        'mixed frame': 'pandas.DataFrame([[r[0], str(r[1])] for r in json.loads(body)], columns=["a", "b"])',
        'series': 'pandas.Series([r[0] for r in json.loads(body)])', 'sparse': 'scipy.sparse.csr_matrix(numpy.array(json.loads(body), dtype=float))',
        'dict': '{"x": numpy.array(json.loads(body)), "y": json.loads(body)}', 'torch': 'torch.tensor(json.loads(body))',
    }
    SCRIPT = '''
        import json
        import numpy
        %s
        calls = []
        def model_fn(model_dir): return None
        def input_fn(body, content_type):
            if content_type == "text/plain": return calls
            return %s
        def predict_fn(data, model):
            if data is not calls: calls.append(type(data).__name__)
            return data
        def output_fn(prediction, accept):
            if isinstance(prediction, dict):
                return json.dumps({k: numpy.asarray(v).tolist() for k, v in prediction.items()})
            value = prediction
            if hasattr(value, "iloc"): return value.to_json()
            if hasattr(value, "toarray"): value = value.toarray()
            return json.dumps(value.tolist() if hasattr(value, "tolist") else value)
        '''

    def test_kinds_of_inputs_and_predictions(self):
        bodies = ['[[1, 2]]', '[[3, 4], [5, 6]]', '[[7, 8]]']
        for kind, expression in self.KINDS.items():
            imports = [m for m in ('pandas', 'scipy.sparse', 'torch') if m.split('.', maxsplit=1)[0] in expression]
            if not has(PYTHON, 'numpy', *imports):
                continue
            with self.subTest(kind):
                worker = self.start(self.SCRIPT % ('\n        '.join(f'import {m}' for m in imports), expression))
                alone = worker.ask(*bodies)
                self.assertEqual([result[0] for result in alone], [200] * 3)
                self.assertEqual(worker.ask(*bodies, together=True), alone)
                calls = json.loads(worker.ask(('', 'text/plain'))[0][2])
                self.assertEqual(len(calls), 4, worker.process.poll())  # three alone, one for all
                self.assertEqual(len(set(calls)), 1)

    def test_one_bad_request_harms_no_other(self):
        worker = self.start(DOUBLE + '''
count = 0
def predict_fn(data, model):
    global count
    count += 1
    if "break" in data: raise ValueError("broken")
    return [count for x in data]
''')
        got = worker.ask('[1]', '{', '[2, 3]', together=True)
        self.assertEqual([(r[0], r[3]) for r in got], [(200, 0), (400, 0), (200, 0)])
        self.assertEqual((got[0][2], got[2][2]), (b'[1]', b'[1, 1]'))
        got = worker.ask('[1]', '["break"]', '[2]', together=True)
        self.assertEqual([(r[0], r[3]) for r in got], [(200, 1), (500, 1), (200, 1)])
        self.assertIn('3 requests are not predicted together: ValueError: broken\n', worker.end()[2])

    def test_what_does_not_fit_goes_alone(self):
        for name, change in (('shapes', '["x"] if data == [1] else data'), ('count', 'data[1:]'), ('scalar', '5'), ('exit', 'sys.exit()')):
            with self.subTest(name):
                worker = self.start(DOUBLE + f'import sys\ndef predict_fn(data, model): return {change}\n')
                got = worker.ask('[1, 2]', '[2, 3]', together=True)
                self.assertEqual({r[3] for r in got}, {0 if name == 'shapes' else 1})
        worker = self.start(DOUBLE)
        self.assertEqual({r[3] for r in worker.ask('[1]', '[]', together=True)}, {1})  # no rows
        self.assertEqual({r[3] for r in worker.ask('[1]', together=True)}, {1})

    def test_equal_predictions_are_found_out(self):
        rows = {'instances': [[1, 2], [3, 4], [5, 6]]}
        unwrap = 'def input_fn(body, content_type): return json.loads(body)["instances"]\n'
        table = [
            ('[row[0] for row in data]', rows, True, None),
            ('[row[0] - data[0][0] for row in data]', rows, False, 'rows predicted together are answered differently'),
            ('[row[0] + (len(data) > 3) for row in data]', rows, False, 'rows predicted together are answered differently'),
            ('[sum(map(sum, data))]', rows, False, 'ValueError: 1 predictions for 3 rows'),
            ('data', {'instances': [[1, 2]]}, False, 'there are no two different rows to compare'),
            ('data', None, False, 'there is no input example'), ('1 / 0', rows, False, 'ZeroDivisionError: division by zero')]
        for expression, example, batch, reason in table:
            with self.subTest(expression):
                files = {'input_example': example} if example else {}
                (self.model / 'input_example.json').unlink(missing_ok=True)
                worker = self.start(f'{DOUBLE}\n{unwrap}def predict_fn(data, model): return {expression}\n', **files)
                self.assertEqual((worker.about['batch'], worker.about['batch_reason']), (batch, reason))
                self.assertEqual(worker.about['example'] == 'predicted', example is not None and '/' not in expression)
        for line, batch in (('predict_batch = True', True), ('predict_batch = False', False)):
            worker = self.start(f'{DOUBLE}\n{line}\n')
            self.assertEqual(worker.about['batch'], batch)
        worker = self.start(DOUBLE + unwrap, input_example=rows, environment={'NOTEBOOKED_BATCH_CHECK': '0'})
        self.assertEqual((worker.about['batch'], worker.about['batch_reason']), (False, 'not compared'))

    def test_rows_are_made_up_without_an_example(self):
        unwrap = 'def input_fn(body, content_type): return json.loads(body)["instances"]\n'
        script = DOUBLE + unwrap + 'def predict_fn(data, model): return [row[2] for row in data]\n'
        worker = self.start(script, notebooked={'input': {'n_features': 3}})
        self.assertEqual((worker.about['batch'], worker.about['example']), (True, 'predicted'))
        worker = self.start(script, notebooked={'input': {'n_features': 2}})
        self.assertEqual((worker.about['batch'], worker.about['example']), (False, 'none'))  # nobody's fault
        self.assertEqual(worker.end()[2], '')


    def test_the_example_is_told_with_its_answer(self):
        script = DOUBLE.replace('json.loads(body)', 'json.loads(body)["instances"]')
        about = self.start(script, input_example={'instances': [1, 2]}, notebooked={'framework': 'sklearn'}).about
        self.assertEqual((about['sample'], about['framework']), ({'instances': [1, 2], 'answer': [2, 4]}, 'sklearn'))
        for changed in (script.replace('json.dumps(prediction)', '"2\\n", "text/csv"'), script.replace('model * x', '[0] * 40000')):
            self.assertIsNone(self.start(changed, input_example={'instances': [1, 2]}).about['sample'])


@unittest.skipUnless(has(PYTHON, 'sklearn'), 'needs scikit-learn')
class Unfit(Case):
    """What scikit-learn refuses is the client's fault; what a script itself raises is not."""

    def test_status_of_errors(self):
        worker = self.start('''
            import json
            import numpy
            from sklearn.linear_model import LogisticRegression
            def model_fn(model_dir): return LogisticRegression().fit([[0, 0], [1, 1]], [0, 1])
            def input_fn(body, content_type): return json.loads(body)
            def predict_fn(data, model):
                if data == []: raise ValueError("mine")
                return model.predict(data)
            def output_fn(prediction, accept): return json.dumps(prediction.tolist())
            ''')
        self.check(worker, [('[[1, 1]]', 200, '[1]'), ('[[1, 1, 1]]', 400, 'X has 3 features'), ('[[1, NaN]]', 400, 'Input X contains NaN.'),
                            ('[["a", 1]]', 400, 'numeric'),
                            ('[1]', 400, 'Expected 2D array'), ('[]', 500, 'ValueError: mine')])
        self.assertNotIn('NaN', worker.end()[2])


NOTEBOOK = [
    ('parameters', 'depth = 3'),
    ('imports', 'from sklearn.datasets import load_iris\nfrom sklearn.ensemble import RandomForestClassifier\n'
              'from sklearn.base import BaseEstimator, TransformerMixin\nfrom sklearn.pipeline import make_pipeline'),
    ('model', 'class Shift(BaseEstimator, TransformerMixin):\n    def fit(self, X, y=None):\n        return self\n\n'
              '    def transform(self, X):\n        return X + 1.0\n'),
    ('train', 'data = load_iris(as_frame=True)\nX, y = data.data, data.target\n'
              'model = make_pipeline(Shift(), RandomForestClassifier(10, max_depth=depth, random_state=0)).fit(X, y)'),
]


@unittest.skipUnless(BINARY and has(PYTHON, 'sklearn', 'pandas'), 'needs scikit-learn and the program')
class Generated(Case):
    """A notebook, converted and trained, served."""

    def test_predictions_are_those_of_the_script(self):
        cells = [{'cell_type': 'code', 'execution_count': None, 'id': str(i), 'metadata': {'tags': [tag]}, 'outputs': [], 'source': text}
                 for i, (tag, text) in enumerate(NOTEBOOK)]
        document = {'cells': cells, 'metadata': {'language_info': {'name': 'python'}}, 'nbformat': 4, 'nbformat_minor': 5}
        (self.model / 'n.ipynb').write_text(json.dumps(document))
        (self.model / 'config.yaml').write_text('experiments:\n  - name: n\n    notebook: n.ipynb\nmlflow:\n  tracking_uri: ""\n')
        environment = dict(os.environ, OMP_NUM_THREADS='1')
        run = lambda *argv: subprocess.run(argv, cwd=self.model, env=environment, capture_output=True, text=True, check=False)
        done = run(BINARY, 'train', 'n', '--provider', 'local', '--python', PYTHON)
        self.assertEqual(done.returncode, 0, done.stderr)
        folder = self.model / 'models/n/1'
        example = json.loads((folder / 'input_example.json').read_text())
        self.assertEqual(len(example['instances']), 5)
        (self.model / 'rows.json').write_text(json.dumps(example))
        want = run(PYTHON, str(folder / 'code/inference.py'), '--model-dir', str(folder), '--input', 'rows.json')
        self.assertEqual(want.returncode, 0, want.stderr)
        self.model = folder
        worker = self.start()
        self.assertEqual((worker.about['batch'], worker.about['example']), (True, 'predicted'), worker.about)
        self.assertEqual(len(worker.about['schema']['feature_names']), 4)
        body = json.dumps(example)
        self.assertEqual(worker.ask(body)[0], (200, JSON, want.stdout.strip().encode(), 0))
        rows = [json.dumps({'instances': [row]}) for row in example['instances']]
        together, alone = worker.ask(*rows, together=True), worker.ask(*rows)
        self.assertEqual(together, alone)
        values = [json.loads(result[2])['predictions'][0] for result in alone]
        self.assertEqual(values, json.loads(want.stdout)['predictions'])
        self.check(worker, [
            ('[[1, 2]]', 400, 'row 1 has 2 values'), (('<a/>', 'application/xml'), 415, 'cannot read application/xml'),
            (('[[1, 2, 3, 4]]', JSON, 'image/png'), 406, 'cannot answer with image/png'),
            (('5.1,3.5,1.4,0.2', 'text/csv', 'text/csv'), 200, '0'), (('[[1, 2, 3, 4]]', JSON, 'text/html, */*'), 200, 'predictions')])
        self.assertEqual(worker.end(), (0, '', ''))


OTHER = os.environ.get('NB_TEST_PYTHON') or ''


@unittest.skipUnless(OTHER and os.path.exists(OTHER) and has(OTHER, 'mlflow', 'sklearn', 'pandas'), 'needs MLflow')
class MLflow(Case):
    """A model that MLflow wrote, without a script."""

    python = OTHER
    SAVE = '''
import sys, mlflow.sklearn, pandas
from sklearn.linear_model import LinearRegression
from mlflow.models import infer_signature
X = pandas.DataFrame({"a": [1.0, 2.0, 3.0], "b": [0.0, 1.0, 5.0]})
model = LinearRegression().fit(X, [1.0, 2.0, 3.0])
mlflow.sklearn.save_model(model, sys.argv[1], signature=infer_signature(X, model.predict(X)), input_example=X)
'''

    def test_pyfunc(self):
        folder = self.model / 'saved'
        done = subprocess.run([OTHER, '-c', self.SAVE, str(folder)], capture_output=True, text=True, cwd=self.model, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.model = folder
        worker = self.start()
        self.assertEqual((worker.about['handlers'], worker.about['example']), (['pyfunc'], 'predicted'), worker.about)
        split = {'columns': ['b', 'a'], 'data': [[0, 1], [1, 2]]}
        for body in ({'dataframe_split': split}, {'dataframe_records': [{'a': 1, 'b': 0}, {'a': 2, 'b': 1}]},
                     {'instances': [{'a': 1, 'b': 0}, {'a': 2, 'b': 1}]}, {'inputs': [[1, 0], [2, 1]]}):
            status, _, answer, _ = worker.ask(json.dumps(body))[0]
            self.assertEqual(status, 200, answer)
            for got, want in zip(json.loads(answer)['predictions'], [1.0, 2.0]):
                self.assertAlmostEqual(got, want)
        self.check(worker, [
            (('a,b\n1,0\n', 'text/csv'), 200, 'predictions'), ('{"rows": []}', 400, 'none of the keys'), (('x', 'a/b'), 415, 'cannot read'),
            ('{"dataframe_split": {"columns": ["a"], "data": [["x"]]}}', 400, '')])


if __name__ == '__main__':
    done = unittest.main(exit=False).result
    sys.exit(not done.wasSuccessful())
