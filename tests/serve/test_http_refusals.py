"""Raw bytes to the front's HTTP: what it must refuse, its limits with their answers, and what it must keep doing meanwhile."""
import atexit
import os
import pathlib
import random
import re
import socket
import struct
import subprocess
import tempfile
import time
import unittest

TOOL = pathlib.Path(os.environ['NB_BUILD_DIR']) / 'tool_http_echo'
HOST = b'Host: localhost\r\n'
NEXT = b'GET /hello HTTP/1.1\r\n' + HOST + b'\r\n'


class Server:
    def __init__(self, **options):
        self.process = subprocess.Popen([TOOL, *(f'{k}={v}' for k, v in options.items())], stdout=subprocess.PIPE, text=True)
        atexit.register(self.process.kill)  # after a test that failed
        self.host = '::1' if 'ip6' in options else '127.0.0.1'
        kind, where = self.process.stdout.readline().split()
        self.address = int(where) if kind == 'port' else where

    def connect(self):
        if isinstance(self.address, str):
            client = socket.socket(socket.AF_UNIX)
            client.connect(self.address)
        else:
            client = socket.create_connection((self.host, self.address))
        client.settimeout(30)
        return client

    def end(self):
        """Ends the server; it checks that every request that began came to its end. -> the counts it prints."""
        while True:
            with self.connect() as client:
                client.sendall(b'GET /end HTTP/1.1\r\n' + HOST + b'\r\n')
                if b' 503 ' not in client.recv(1000):  # the connections of a test may still be ending
                    break
            time.sleep(0.01)
        out, _ = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, out
        return {k: int(v) for k, v in re.findall(r'(seen|done|refused) (\d+)', out)}


def read_all(client):
    """Everything until the server closes; a reset would lose answers and fails the test."""
    data = b''
    while piece := client.recv(65536):
        data += piece
    return data


class Reader:
    """Answers one after the other, from a connection that stays open."""

    def __init__(self, client):
        self.file = client.makefile('rb')

    def answer(self, has_body=True):
        status = int(self.file.readline().split()[1])
        fields = {}
        while (line := self.file.readline()) not in (b'\r\n', b''):
            name, _, value = line.decode().partition(':')
            fields[name.lower()] = value.strip()
        body = self.file.read(int(fields.get('content-length', 0))) if has_body else b''
        return status, fields, body


def post(fields, body=b'', line=b'POST /x HTTP/1.1', host=HOST):
    return line + b'\r\n' + host + fields + b'\r\n' + body


def chunked(body):
    return post(b'Transfer-Encoding: chunked\r\n', body)


BAD = {
    'length and chunked': post(b'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', b'0\r\n\r\n'),
    'chunked and length': post(b'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', b'0\r\n\r\n'),
    'two different lengths': post(b'Content-Length: 5\r\nContent-Length: 6\r\n', b'hello!'),
    'two equal lengths': post(b'Content-Length: 5\r\nContent-Length: 5\r\n', b'hello'),
    'a list of lengths': post(b'Content-Length: 5, 5\r\n', b'hello'),
    'a signed length': post(b'Content-Length: +5\r\n', b'hello'),
    'a negative length': post(b'Content-Length: -5\r\n', b'hello'),
    'a hexadecimal length': post(b'Content-Length: 0x5\r\n', b'hello'),
    'a length with a blank': post(b'Content-Length: 1 0\r\n', b'hello'),
    'an empty length': post(b'Content-Length:\r\n'),
    'an enormous length': post(b'Content-Length: 99999999999999999999999\r\n'),
    'chunked not last': post(b'Transfer-Encoding: chunked, gzip\r\n', b'0\r\n\r\n'),
    'chunked twice': post(b'Transfer-Encoding: chunked, chunked\r\n', b'0\r\n\r\n'),
    'two transfer encodings': post(b'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', b'0\r\n\r\n'),
    'chunked in HTTP/1.0': post(b'Transfer-Encoding: chunked\r\n', b'0\r\n\r\n', line=b'POST /x HTTP/1.0'),
    'LF after the request line': b'GET /x HTTP/1.1\n' + HOST + b'\r\n',
    'LF after a field': b'GET /x HTTP/1.1\r\nHost: localhost\n\r\n',
    'LF only': b'GET /x HTTP/1.1\nHost: localhost\n\n',
    'LF as the empty line': b'GET /x HTTP/1.1\r\n' + HOST + b'\n',
    'CR in a value': post(b'A: b\rC: d\r\n'),
    'CR CR LF': post(b'A: b\r\r\n'),
    'CR in the request line': b'GET /x\rHTTP/1.1\r\n' + HOST + b'\r\n',
    'NUL in a value': post(b'A: b\0c\r\n'),
    'NUL in the path': b'GET /x\0y HTTP/1.1\r\n' + HOST + b'\r\n',
    'an escaped NUL in the path': b'GET /x%00 HTTP/1.1\r\n' + HOST + b'\r\n',
    'a wrong escape in the path': b'GET /x%zz HTTP/1.1\r\n' + HOST + b'\r\n',
    'a control character in a value': post(b'A: \x1b[2J\r\n'),
    'a folded field': post(b'A: b\r\n c\r\n'),
    'a field folded by a tab': post(b'A: b\r\n\tc\r\n'),
    'a folded first field': b'GET /x HTTP/1.1\r\n ' + HOST + b'\r\n',
    'a blank before the colon': post(b'Content-Length : 5\r\n', b'hello'),
    'a tab before the colon': post(b'Transfer-Encoding\t: chunked\r\n', b'0\r\n\r\n'),
    'a blank in a name': post(b'A B: c\r\n'),
    'no name': post(b': c\r\n'),
    'no colon': post(b'nonsense\r\n'),
    'a name beyond ASCII': post('Ä: c\r\n'.encode()),
    'no host': b'GET /x HTTP/1.1\r\n\r\n',
    'two hosts': post(b'Host: other\r\n'),
    'two hosts in HTTP/1.0': post(b'Host: other\r\n', line=b'GET /x HTTP/1.0'),
    'a host with a path': post(b'', host=b'Host: a/b\r\n'),
    'a host with a user': post(b'', host=b'Host: a@b\r\n'),
    'a target for another host': b'GET http://other/x HTTP/1.1\r\n' + HOST + b'\r\n',
    'two blanks in the request line': b'GET  /x HTTP/1.1\r\n' + HOST + b'\r\n',
    'a blank at the end of the request line': b'GET /x HTTP/1.1 \r\n' + HOST + b'\r\n',
    'a blank in the target': b'GET /x y HTTP/1.1\r\n' + HOST + b'\r\n',
    'a tab in the request line': b'GET\t/x HTTP/1.1\r\n' + HOST + b'\r\n',
    'a fragment': b'GET /x#y HTTP/1.1\r\n' + HOST + b'\r\n',
    'a target beyond ASCII': 'GET /ä HTTP/1.1\r\n'.encode() + HOST + b'\r\n',
    'a target that is no path': b'GET x HTTP/1.1\r\n' + HOST + b'\r\n',
    'an authority': b'CONNECT localhost:80 HTTP/1.1\r\n' + HOST + b'\r\n',
    'an asterisk': b'OPTIONS * HTTP/1.1\r\n' + HOST + b'\r\n',
    'HTTP/0.9': b'GET /x\r\n\r\n',
    'a version in small letters': b'GET /x http/1.1\r\n' + HOST + b'\r\n',
    'a version with more digits': b'GET /x HTTP/1.10\r\n' + HOST + b'\r\n',
    'a version that is none': b'GET /x HTTP/one\r\n' + HOST + b'\r\n',
    'a TLS client hello': b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'an SSH client': b'SSH-2.0-x\n',
    'chunks: LF after the size': chunked(b'3\nabc\r\n0\r\n\r\n'),
    'chunks: LF after the data': chunked(b'3\r\nabc\n0\r\n\r\n'),
    'chunks: LF at the end': chunked(b'0\r\n\n'),
    'chunks: LF after the last size': chunked(b'0\n\r\n'),
    'chunks: data longer than its size': chunked(b'3\r\nabcd\r\n0\r\n\r\n'),
    'chunks: no size': chunked(b'\r\nabc\r\n0\r\n\r\n'),
    'chunks: a size that is none': chunked(b'xyz\r\n'),
    'chunks: a size with 0x': chunked(b'0x3\r\nabc\r\n0\r\n\r\n'),
    'chunks: a negative size': chunked(b'-3\r\nabc\r\n0\r\n\r\n'),
    'chunks: a blank before the size': chunked(b' 3\r\nabc\r\n0\r\n\r\n'),
    'chunks: a blank after the size': chunked(b'3 \r\nabc\r\n0\r\n\r\n'),
    'chunks: CR in an extension': chunked(b'3;a\rb\r\nabc\r\n0\r\n\r\n'),
    'chunks: LF in an extension': chunked(b'3;a\nabc\r\n0\r\n\r\n'),
    'chunks: a folded trailer': chunked(b'0\r\nA: b\r\n c\r\n\r\n'),
    'chunks: a trailer without a colon': chunked(b'0\r\nnonsense\r\n\r\n'),
    'chunks: LF after a trailer': chunked(b'0\r\nA: b\n\r\n'),
}

OTHER = {  # status, request
    'HTTP/2': (505, b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    'HTTP/1.2': (505, b'GET /x HTTP/1.2\r\n' + HOST + b'\r\n'),
    'gzip': (501, post(b'Transfer-Encoding: gzip, chunked\r\n', b'0\r\n\r\n')),
    'identity': (501, post(b'Transfer-Encoding: identity\r\n')),
    'an empty coding': (501, post(b'Transfer-Encoding:\r\n')),
    'another expectation': (417, post(b'Expect: miracles\r\nContent-Length: 1\r\n', b'x')),
    '100 fields': (200, post(b'A: b\r\n' * 99)),
    '101 fields': (431, post(b'A: b\r\n' * 100)),
    'a long field': (200, post(b'A: ' + b'b' * 30000 + b'\r\n')),
    'a field that is too long': (431, post(b'A: ' + b'b' * 33000 + b'\r\n')),
    'a head without end': (431, post(b'A: ' + b'b' * 200000)),
    'a target that is too long': (431, b'GET /' + b'x' * 40000 + b' HTTP/1.1\r\n' + HOST + b'\r\n'),
    'a large length': (413, post(b'Content-Length: 1000001\r\n')),
    'a large length with its body': (413, post(b'Content-Length: 3000000\r\n', b'x' * 3000000)),
    'a large length that waits': (413, post(b'Content-Length: 1000001\r\nExpect: 100-continue\r\n')),
    'a large chunk': (413, chunked(b'f4241\r\n')),
    'an enormous chunk': (413, chunked(b'fffffffffffffff\r\n')),
    'a chunk size with 16 digits': (400, chunked(b'0000000000000001\r\n')),
    'many chunks': (413, chunked((b'8000\r\n' + b'x' * 0x8000 + b'\r\n') * 40)),
    'endless extensions': (413, chunked(b'1;' + b'x' * 20000)),
    'endless trailers': (413, chunked(b'0\r\n' + b'A: b\r\n' * 5000)),
    'a body as large as allowed': (200, post(b'Content-Length: 1000000\r\n', b'x' * 1000000)),
    'an absolute target': (200, b'GET http://LOCALHOST/x HTTP/1.1\r\n' + HOST + b'\r\n'),
    'an empty line before': (200, b'\r\n' + NEXT),
    'bytes beyond ASCII in a value': (200, post('A: ä\r\n'.encode())),
    'blanks around a value': (200, post(b'Content-Length: \t 5\t \r\n', b'hello')),
    'extensions and trailers': (200, chunked(b'3;a=b;c="d"\r\nabc\r\n000;x\r\nA: b\r\nC:\r\n\r\n')),
}


class Refusals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(body=1000000)

    @classmethod
    def tearDownClass(cls):
        cls.server.end()

    def refused(self, request, status):
        """The answer, and nothing of what follows is taken for a request."""
        with self.server.connect() as client:
            client.sendall(request + NEXT)
            client.shutdown(socket.SHUT_WR)
            data = read_all(client)
        self.assertEqual(len(re.findall(rb'HTTP/1.1 \d', data)), 1, data[:500])
        self.assertEqual(int(data.split()[1]), status, data[:500])
        self.assertIn(b'\r\nConnection: close\r\n', data)
        self.assertRegex(data.split(b'\r\n\r\n')[1], rb'^{"error": "[^"]+"}\n$')

    def test_bad_requests(self):
        for name, request in BAD.items():
            with self.subTest(name):
                self.refused(request, 400)

    def test_bad_requests_in_pieces(self):
        for name, request in BAD.items():
            with self.subTest(name), self.server.connect() as client:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for at in range(0, len(request), 7):
                    client.sendall(request[at:at + 7])
                    time.sleep(0.0002)
                self.assertEqual(read_all(client).split()[1], b'400')

    def test_other_answers(self):
        for name, (status, request) in OTHER.items():
            with self.subTest(name):
                if status != 200:
                    self.refused(request, status)
                    continue
                with self.server.connect() as client:
                    client.sendall(request + NEXT)
                    reader = Reader(client)
                    self.assertEqual(reader.answer()[0], 200)
                    self.assertEqual(reader.answer()[2], b'{"hello": "world"}')

    def test_limits_are_answered_before_the_body(self):
        with self.server.connect() as client:
            client.sendall(post(b'Content-Length: 5000000\r\n'))
            self.assertTrue(read_all(client).startswith(b'HTTP/1.1 413 '))

    def test_a_client_that_only_sends_still_gets_its_refusal(self):
        with self.server.connect() as client:
            client.sendall(post(b'Content-Length: 50000000\r\n'))
            client.sendall(b'x' * 8000000)
            client.shutdown(socket.SHUT_WR)
            self.assertTrue(read_all(client).startswith(b'HTTP/1.1 413 '))


class Behaviour(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(body=40000000)

    @classmethod
    def tearDownClass(cls):
        cls.server.end()

    def ask(self, *requests):
        with self.server.connect() as client:
            client.sendall(b''.join(requests))
            reader = Reader(client)
            return [reader.answer() for _ in requests]

    def test_pipelined_requests_are_answered_in_order(self):
        paths = ['/slow', '/hello', '/late', '/a', '/late', '/b?q=1'] + [f'/n{i}' for i in range(200)]
        answers = self.ask(*(f'POST {p} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi'.encode() for p in paths))
        self.assertEqual([a[2] for a in answers[:6]], [b'slow\n', b'{"hello": "world"}', b'late\n', b'POST /a q= 2\nhi', b'late\n',
                                                       b'POST /b q=1 2\nhi'])
        self.assertEqual([a[2] for a in answers[6:]], [b'POST /n%d q= 2\nhi' % i for i in range(200)])

    def test_pipelined_chunked_requests(self):
        one = chunked(b'3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nA: b\r\n\r\n')
        answers = self.ask(one, NEXT, one, one)
        self.assertEqual([a[2] for a in answers], [b'POST /x q= 5\nabcde', b'{"hello": "world"}'] + [b'POST /x q= 5\nabcde'] * 2)

    def test_a_chunked_request_byte_by_byte(self):
        data = chunked(b'3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nA: b\r\n\r\n') + NEXT
        with self.server.connect() as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(len(data)):
                client.sendall(data[at:at + 1])
                time.sleep(0.0003)
            reader = Reader(client)
            self.assertEqual(reader.answer()[2], b'POST /x q= 5\nabcde')
            self.assertEqual(reader.answer()[2], b'{"hello": "world"}')

    def test_large_bodies_both_ways(self):
        body = bytes(range(256)) * 100000
        (_, fields, echoed), (_, _, hello) = self.ask(post(b'Content-Length: %d\r\n' % len(body), body), NEXT)
        self.assertEqual(echoed.partition(b'\n')[2], body)
        self.assertEqual(hello, b'{"hello": "world"}')
        chunks = b''.join(b'%x\r\n%b\r\n' % (len(body[i:i + 70001]), body[i:i + 70001]) for i in range(0, len(body), 70001))
        (_, _, echoed), (_, _, hello) = self.ask(chunked(chunks + b'0\r\n\r\n'), NEXT)
        self.assertEqual(echoed.partition(b'\n')[2], body)
        self.assertEqual(hello, b'{"hello": "world"}')

    def test_a_slow_reader_gets_all_of_a_large_answer(self):
        with self.server.connect() as client:
            client.sendall(b'GET /large HTTP/1.1\r\n' + HOST + b'\r\n' + NEXT)
            time.sleep(0.1)  # the sockets' buffers are full
            reader = Reader(client)
            self.assertEqual(reader.answer()[2], b'x' * (32 << 20))
            self.assertEqual(reader.answer()[2], b'{"hello": "world"}')

    def test_head_has_no_body(self):
        with self.server.connect() as client:
            client.sendall(b'HEAD /hello HTTP/1.1\r\n' + HOST + b'\r\n' + NEXT)
            reader = Reader(client)
            status, fields, _ = reader.answer(has_body=False)
            self.assertEqual((status, fields['content-length']), (200, '18'))
            self.assertEqual(reader.answer()[2], b'{"hello": "world"}')

    def test_expect_continue(self):
        with self.server.connect() as client:
            client.sendall(post(b'Content-Length: 5\r\nExpect: 100-Continue\r\n'))
            self.assertEqual(client.recv(100), b'HTTP/1.1 100 Continue\r\n\r\n')
            client.sendall(b'hello')
            self.assertEqual(Reader(client).answer()[2], b'POST /x q= 5\nhello')

    def test_an_answer_before_the_body(self):
        with self.server.connect() as client:  # the body has not come: no 100, and the connection ends
            client.sendall(post(b'Content-Length: 5\r\nExpect: 100-continue\r\n', line=b'POST /forbidden HTTP/1.1'))
            data = read_all(client)
            self.assertTrue(data.startswith(b'HTTP/1.1 403 '), data)
            self.assertIn(b'\r\nConnection: close\r\n', data)
        answers = self.ask(post(b'Content-Length: 5\r\n', b'hello', line=b'POST /forbidden HTTP/1.1'), NEXT)
        self.assertEqual([a[0] for a in answers], [403, 200])  # it has come: the next request is served

    def test_keep_alive_by_version(self):
        for line, field, kept in ((b'GET /x HTTP/1.1', b'', True), (b'GET /x HTTP/1.1', b'Connection: foo, Close\r\n', False),
                                  (b'GET /x HTTP/1.0', b'', False), (b'GET /x HTTP/1.0', b'Connection: Keep-Alive\r\n', True)):
            with self.subTest(line + field), self.server.connect() as client:
                client.sendall(post(field, line=line))
                reader = Reader(client)
                status, fields, _ = reader.answer()
                self.assertEqual(status, 200)
                self.assertEqual(fields.get('connection'), 'close' if not kept else 'keep-alive' if line.endswith(b'0') else None)
                if kept:
                    client.sendall(NEXT)
                    self.assertEqual(reader.answer()[0], 200)
                else:
                    self.assertEqual(reader.file.read(), b'')

    def test_paths_and_queries_are_decoded(self):
        for target, answer in ((b'/a%20b%2Fc', b'GET /a b/c q= 0\n'), (b'/x?p=1&q=a%2Bb+c&q=2', b'GET /x q=a+b c 0\n'),
                               (b'/x?q', b'GET /x q= 0\n'), (b'/x?q=%zz', b'GET /x q=%zz 0\n'), (b'/x??q=1', b'GET /x q= 0\n')):
            self.assertEqual(self.ask(b'GET ' + target + b' HTTP/1.1\r\n' + HOST + b'\r\n')[0][2], answer)

    def test_a_client_that_goes_away(self):
        def reset(client):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            client.close()

        for leave, seen in ((socket.socket.close, ['gone']), (lambda c: c.shutdown(socket.SHUT_WR), ['gone']), (lambda c: None, ['there']),
                            (reset, [])):  # after a reset the owner has forgotten the request
            client = self.server.connect()
            client.sendall(b'GET /hello HTTP/1.1\r\n' + HOST + b'\r\nGET /held HTTP/1.1\r\n' + HOST + b'\r\n')
            self.assertEqual(Reader(client).answer()[0], 200)  # the second is read in the same turn
            leave(client)
            self.ask(b'GET /look HTTP/1.1\r\n' + HOST + b'\r\n')
            self.assertEqual(list(iter(lambda: self.server.process.stdout.readline().strip(), 'looked')), seen)
            client.close()

    def test_a_client_that_leaves_in_the_middle(self):
        for part in (b'GET', b'POST /x HTTP/1.1\r\n', post(b'Content-Length: 9\r\n', b'abc'), chunked(b'9\r\nabc'), b''):
            with self.server.connect() as client:
                client.sendall(part)
                client.shutdown(socket.SHUT_WR)
                self.assertEqual(read_all(client), b'')


class Storm(unittest.TestCase):
    """Good and bad bytes, cut anywhere, on many connections that end in every way: each request that began comes to its end, and only once."""
    GOOD = [NEXT, post(b'Content-Length: 5\r\n', b'hello'), chunked(b'3\r\nabc\r\n0\r\n\r\n'), post(b'Content-Length: 200000\r\n', b'x' * 200000),
            *(b'GET ' + path + b' HTTP/1.1\r\n' + HOST + b'\r\n' for path in (b'/late', b'/slow', b'/large', b'/forbidden', b'/held', b'/look'))]
    ANY = GOOD + list(BAD.values()) + [request for _, request in OTHER.values()]

    def act(self, client):
        """Does something with the connection; false when it is over."""
        what = self.random.random()
        if what < 0.7:
            data = b''.join(self.random.choices(self.GOOD if what < 0.5 else self.ANY, k=self.random.randint(1, 4)))
            client.send(data[:self.random.randint(1, len(data))] if what > 0.4 else data)
        elif what < 0.87:
            client.recv(self.random.choice([100, 100000]))
        elif what < 0.9:
            client.shutdown(socket.SHUT_WR)
        else:
            if what > 0.95:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            return False
        return True

    def test_every_request_ends_once(self):
        self.random = random.Random(1)
        server = Server(body=1000000, connections=60, head_ms=100, body_ms=100, idle_ms=200)
        clients = []
        for _ in range(6000):
            if len(clients) < 70:
                clients.append(server.connect())
                clients[-1].setblocking(False)
            client = self.random.choice(clients)
            try:
                goes_on = self.act(client)
            except BlockingIOError:
                continue
            except OSError:
                goes_on = False
            if not goes_on:
                client.close()
                clients.remove(client)
            if server.process.poll() is not None:
                self.fail('the server ended')
        for client in clients:
            client.close()
        counts = server.end()
        self.assertEqual(counts['seen'], counts['done'])
        self.assertGreater(counts['seen'], 100)


class Limits(unittest.TestCase):
    def test_a_byte_at_a_time_does_not_extend_the_head(self):
        server = Server(head_ms=700, idle_ms=60000)
        with server.connect() as client:
            client.settimeout(0.05)
            data, sent = b'', 0
            for byte in NEXT.replace(b'/hello', b'/' + b'x' * 5000):
                try:
                    client.sendall(bytes([byte]))
                    sent += 1
                    data = client.recv(1000)
                    break
                except TimeoutError:
                    pass
            self.assertTrue(data.startswith(b'HTTP/1.1 408 '), data)
            self.assertLess(sent, 1000)
        self.assertEqual(server.end()['refused'], 1)

    def test_a_slow_body(self):
        server = Server(body_ms=500)
        for start in (post(b'Content-Length: 9\r\n', b'abc'), chunked(b'9\r\nabc')):
            with server.connect() as client:
                client.sendall(start)
                self.assertTrue(read_all(client).startswith(b'HTTP/1.1 408 '))
        self.assertEqual(server.end(), {'seen': 3, 'done': 3, 'refused': 2})

    def test_an_answer_that_nobody_reads(self):
        server = Server(body_ms=1)
        client = server.connect()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(b'GET /large HTTP/1.1\r\n' + HOST + b'\r\n')
        time.sleep(0.1)
        self.assertEqual(server.end(), {'seen': 2, 'done': 2, 'refused': 0})
        client.close()

    def test_idle_connections_are_closed(self):
        server = Server(idle_ms=300)
        with server.connect() as fresh, server.connect() as used:
            used.sendall(NEXT)
            self.assertEqual(Reader(used).answer()[0], 200)
            self.assertEqual(read_all(used), b'')
            self.assertEqual(read_all(fresh), b'')
        self.assertEqual(server.end()['refused'], 0)

    def test_a_waiting_request_is_not_idle(self):
        server = Server(idle_ms=50, head_ms=50, body_ms=50)
        with server.connect() as client:
            client.sendall(b'GET /slow HTTP/1.1\r\n' + HOST + b'\r\n')
            self.assertEqual(Reader(client).answer()[0], 200)
        server.end()

    def test_too_many_connections(self):
        server = Server(connections=3)
        kept = [server.connect() for _ in range(3)]
        for client in kept:
            client.sendall(NEXT)
            self.assertEqual(Reader(client).answer()[0], 200)
        for _ in range(100):
            with server.connect() as client:
                client.sendall(NEXT)
                status, fields, body = Reader(client).answer()
                self.assertEqual((status, fields['connection'], fields['retry-after']), (503, 'close', '1'))
        kept[0].sendall(NEXT)
        self.assertEqual(Reader(kept[0]).answer()[0], 200)
        for client in kept:
            client.close()
        time.sleep(0.1)
        self.assertEqual(server.end()['refused'], 100)

    def test_many_connections_that_hold_part_of_a_head(self):
        server = Server(connections=1000, head_ms=60000)
        held = [server.connect() for _ in range(400)]
        for client in held:
            client.sendall(b'GET /x HTTP/1.1\r\nA: ')
        with server.connect() as client:
            client.sendall(NEXT)
            self.assertEqual(Reader(client).answer()[0], 200)
        for client in held:
            client.close()
        server.end()

    def test_drain(self):
        server = Server()
        idle, begun, busy, asks = (server.connect() for _ in range(4))
        begun.sendall(NEXT[:9])
        for client in (idle, asks):
            client.sendall(NEXT)
            self.assertEqual(Reader(client).answer()[1].get('connection'), None)
        busy.sendall(b'GET /slow HTTP/1.1\r\n' + HOST + b'\r\n')
        asks.sendall(b'GET /drain HTTP/1.1\r\n' + HOST + b'\r\n')
        self.assertEqual(Reader(asks).answer()[0], 200)
        with self.assertRaises(ConnectionRefusedError):
            server.connect()
        begun.sendall(NEXT[9:])
        for client in (begun, busy):
            status, fields, _ = Reader(client).answer()
            self.assertEqual((status, fields['connection']), (200, 'close'))
            self.assertEqual(read_all(client), b'')
        self.assertEqual(read_all(idle), b'')
        for client in (idle, begun, busy, asks):
            client.close()
        server.process.terminate()
        server.process.communicate()

    def test_the_peer_is_known(self):
        with tempfile.TemporaryDirectory() as folder:
            for options in ({}, {'ip6': 1}, {'unix': f'{folder}/sock'}):
                try:
                    server = Server(**options)
                except ValueError:
                    continue  # a machine without IPv6
                with server.connect() as client:
                    client.sendall(b'GET /peer HTTP/1.1\r\n' + HOST + b'\r\n')
                    host, port = client.getsockname()[:2] if 'unix' not in options else ('unix', 0)
                    wanted = {'127.0.0.1': f'127.0.0.1:{port}', '::1': f'[::1]:{port}', 'unix': 'unix'}[host]
                    self.assertEqual(Reader(client).answer()[2].decode(), wanted)
                server.end()

    def test_a_unix_socket(self):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(unix=f'{folder}/sock')
            with server.connect() as client:
                client.sendall(NEXT + post(b'Content-Length: 300000\r\n', b'x' * 300000))
                reader = Reader(client)
                self.assertEqual(reader.answer()[0], 200)
                self.assertEqual(len(reader.answer()[2]), 300000 + len('POST /x q= 300000\n'))
            with server.connect() as client:
                client.sendall(BAD['LF only'])
                self.assertTrue(read_all(client).startswith(b'HTTP/1.1 400 '))
            server.end()


if __name__ == '__main__':
    unittest.main()
