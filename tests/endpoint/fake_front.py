#!/usr/bin/env python3
"""fake_front.py -C PROJECT serve NAME: stands in for an endpoint's front, as far as those who talk to one can see.

Writes server.pid, listens on server.sock, reports on NOTEBOOKED_STARTED_FD, answers the admin. FAKE_FRONT names what goes wrong: `fail` (reports a failure),
`die` (ends without a word), `deaf` (does not end when asked), `stubborn` (ignores SIGTERM, too), `hang` (never reports; writes its number to `hanging`), `slack` (reports, and holds the pipe open), `twice` (reports that it started, then a failure), `broken` (its models do not load). A file
`refuse` in the endpoint's folder makes it refuse deployments.
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


def state_on_disk():
    return json.loads((FOLDER / 'endpoint.json').read_text())


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
        state = 'failed' if MODE == 'broken' else 'ready'
        self.answer(200, {'ready': state == 'ready', 'reason': 'no version is ready', 'pid': os.getpid(), 'url': 'http://127.0.0.1:8099',
                          'versions': [{'version': d['version'], 'state': state, 'reason': 'no module named x'} for d in state_on_disk()['deployments'] if d['up']]})

    def move(self, asked):
        state = state_on_disk()
        for each in state['deployments']:
            each['weight'] = asked['weights'].get(str(each['version']), 0)
            each['shadow_percent'] = asked.get('shadow', {}).get(str(each['version']), 0)
            each['shadow'] = each['shadow_percent'] > 0
            each['up'] = each['weight'] > 0 or each['shadow']
        state['history'].append({'at_ms': 1, 'what': 'moved', 'weights': ','.join(f'v{v}={w}' for v, w in asked['weights'].items())})
        (FOLDER / 'endpoint.json').write_text(json.dumps(state))

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers['Content-Length'])) or b'null')
        print('asked', self.path, json.dumps(asked), flush=True)
        if self.path == '/admin/stop' and MODE not in ('deaf', 'stubborn'):
            self.answer(200, {})
            threading.Thread(target=self.server.shutdown).start()
        elif self.path == '/admin/stop':
            self.answer(503, {'error': 'not today'})
        elif self.path == '/admin/deploy' and MODE == 'broken':
            self.answer(422, {'error': 'the load failed: no module named x'})
        elif self.path == '/admin/deploy' and (FOLDER / 'refuse').exists():
            self.answer(422, {'error': 'v2 is broken', 'hint': 'mend it'})
        elif self.path in ('/admin/deploy', '/admin/traffic'):
            self.move(asked)
            self.answer(200, {})
        elif self.path == '/predict':
            self.answer(200, {'predictions': asked['instances'], 'version': self.headers['X-Notebooked-Version']})
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
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        (FOLDER / 'hanging').write_text(str(os.getpid()))
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
        if MODE == 'slack':
            os.dup(int(os.environ['NOTEBOOKED_STARTED_FD']))
        report('s\ne4\nmchanged my mind\n' if MODE == 'twice' else 's\n')
        server.serve_forever(poll_interval=0.05)
    (FOLDER / 'server.pid').unlink()


main()
