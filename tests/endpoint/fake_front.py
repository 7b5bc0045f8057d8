#!/usr/bin/env python3
"""fake_front.py -C PROJECT serve NAME: stands in for an endpoint's front, as far as those who talk to one can see.

Writes server.pid, listens on server.sock, reports on NOTEBOOKED_STARTED_FD, answers the admin. FAKE_FRONT names what goes wrong: `fail` (reports a failure),
`die` (ends without a word), `deaf` (does not end when asked), `stubborn` (ignores SIGTERM, too), `hang` (never reports).
"""
import http.server
import json
import os
import pathlib
import signal
import socket
import socketserver
import sys
import threading
import time

MODE = os.environ.get('FAKE_FRONT', '')
FOLDER = pathlib.Path(sys.argv[2], '.notebooked/endpoints', sys.argv[4])


def report(text):
    fd = int(os.environ.get('NOTEBOOKED_STARTED_FD', '-1'))
    if fd >= 0:
        os.write(fd, text.encode())
        os.close(fd)


def claim():
    stat = pathlib.Path('/proc/self/stat').read_text()
    (FOLDER / 'server.pid').write_text(json.dumps({
        'pid': os.getpid(), 'start': int(stat.rpartition(')')[2].split()[19]), 'host': socket.gethostname(),
        'boot': pathlib.Path('/proc/sys/kernel/random/boot_id').read_text().strip()}))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def address_string(self):
        return 'local'

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, {'ready': MODE != 'loading', 'reason': 'loading' if MODE == 'loading' else None, 'pid': os.getpid(),
                          'url': 'http://127.0.0.1:8099', 'versions': [{'version': 1, 'state': 'ready'}]})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers['Content-Length'])) or b'null')
        print('asked', self.path, json.dumps(asked), flush=True)
        if self.path == '/admin/stop' and MODE not in ('deaf', 'stubborn'):
            self.answer(200, {})
            threading.Thread(target=self.server.shutdown).start()
        elif self.path == '/admin/stop':
            self.answer(503, {'error': 'not today'})
        elif self.path == '/admin/refuse':
            self.answer(409, {'error': 'no such version', 'hint': 'see the list'})
        else:
            self.answer(200, {'ready': True})


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def main():
    if MODE == 'die':
        sys.exit('fake: dying')
    if MODE == 'hang':
        time.sleep(60)
    if MODE == 'fail':
        report('e4\nmcannot serve\nmport 80 is taken\nhpass another port\n')
        sys.exit(1)
    if MODE == 'stubborn':
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    path = FOLDER / 'server.sock'
    path.unlink(missing_ok=True)
    with Server(str(path), Handler) as server:
        claim()
        print('fake: serving', *sys.argv[3:], flush=True)
        report('s\n')
        server.serve_forever(poll_interval=0.05)
    (FOLDER / 'server.pid').unlink()


main()
