#!/usr/bin/env python3
"""Measure endpoints beside FastAPI with uvicorn and a real `mlflow models serve`: same machine, same models, client on the same cores.

    make bench BENCH_ARGS="--only serving"   with the release build; about 8 minutes, 10 at most
    bench/serving/run.py --only LR           some of it: LR, RF, null, overload, memory, deploy
    bench/serving/run.py --out figures.json  the figures as data as well

Prints progress to stderr and tables in Markdown to stdout. Every figure is the median of the three samples that other processes disturbed
least; samples during which those had more than 12 % of the cores are taken again, as long as there is time. CPU is user and system time of the whole
server: all its processes. Peers come from PyPI into environments of their own below ~/.cache; scikit-learn and NumPy are the same in all of
them, and our models run in FastAPI's. wrk is a package of Debian's. Nothing here is a test: machines differ.
"""
import argparse
import functools
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import load  # noqa: E402
import notebooks  # noqa: E402
import report  # noqa: E402
import servers  # noqa: E402
from load import Failed  # noqa: E402

JSON = 'application/json'
BODY = b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}'
MIB = 1 << 20
MB = 10 ** 6
MODELS = {'LR': 'LogisticRegression(max_iter=1000)', 'RF': 'RandomForestClassifier(n_estimators=100, random_state=1)'}
PARTS = ('LR', 'RF', 'null', 'overload', 'memory', 'deploy')
LIMIT_S = 9 * 60  # a part that has begun ends
TIME_MODEL = '''
import sys, time, timeit
began = time.perf_counter()
import joblib, numpy
model = joblib.load(sys.argv[1])
model.predict(numpy.array([[5.1, 3.5, 1.4, 0.2]]))
loaded = time.perf_counter() - began
rows = numpy.array([[5.1, 3.5, 1.4, 0.2]])
count = 200 if timeit.timeit(lambda: model.predict(rows), number=3) < 0.003 else 10
print(loaded, min(timeit.repeat(lambda: model.predict(rows), number=count, repeat=5)) / count * 1e6)
'''


def say(line):
    print(f'serving: {line}', file=sys.stderr, flush=True)


class Serving:
    """All parts, over one folder that goes away at the end."""

    def __init__(self, args, scratch):
        self.args, self.scratch = args, scratch
        self.results = {'model': {}}
        self.body = scratch / 'body.json'
        self.body.write_bytes(BODY)
        self.python = servers.environment('bench-fastapi', say)
        self.mlflow_python = servers.environment('bench-mlflow', say)
        self.rounds = load.Rounds(args.samples, args.patience, say)
        self.running = []
        self.project = servers.Project(args.program, scratch / 'project', self.python)
        self.project.make({name: functools.partial(notebooks.iris, model=model) for name, model in MODELS.items()})

    # what all parts need

    def load(self, clients, seconds=2, body=None, content_type=JSON):
        return {'body': str(body or self.body), 'content_type': content_type, 'clients': clients, 'seconds': seconds}

    def keep(self, server):
        """A server that `stop` will end."""
        self.running.append(server)
        return server

    def deploy(self, name, model, *options):
        return self.keep(self.project.deploy(name, model, *options))

    def stop(self):
        while self.running:
            try:
                self.running.pop().stop()
            except Failed as error:
                say(str(error))

    def time_model(self, model):
        """Seconds until the model is loaded, in a Python of its own, and microseconds of a prediction."""
        command = [self.python, '-c', TIME_MODEL, self.project.model(model) / 'model.joblib']
        out = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **servers.ONE_THREAD}).stdout
        return map(float, out.split())

    # the parts

    def beside_peers(self, model, seconds):
        folder = self.project.model(model)
        _, self.results['model'][model] = self.time_model(model)
        wanted = {'predictions': [0]}
        compared = [self.keep(servers.fastapi('FastAPI', self.python, folder, self.scratch)),
                    self.keep(servers.mlflow('MLflow', self.mlflow_python, folder, self.scratch)),
                    self.deploy('coalesced', model, '--no-batching'), self.deploy('batching', model)]
        pair = [self.deploy('coalesced, 2 workers', model, '--no-batching', '--workers', 2),
                self.deploy('batching, 2 workers', model, '--workers', 2)]
        for server in compared + pair:
            server.wait_ready()
            server.check(BODY, JSON, wanted)
        found = {}
        for clients in report.CLIENTS:
            say(f'{model}, {clients} clients')
            found[clients] = self.rounds.run(compared + (pair if clients == max(report.CLIENTS) else []), self.load(clients, seconds))
        return found

    def run_LR(self):
        return self.beside_peers('LR', 2)

    def run_RF(self):
        return self.beside_peers('RF', 3)

    def run_null(self):
        """The front and a worker that has nothing to do."""
        large = self.scratch / 'large'
        large.write_bytes(bytes(MIB))
        server = self.deploy('null', None, '--no-batching')
        say('a model that does nothing: 37 bytes of JSON, then 1 MiB')
        return {'small': self.rounds.run([server], self.load(64))['null'],
                'large': self.rounds.run([server], self.load(8, 2, large, 'application/octet-stream'))['null']}

    def run_overload(self):
        """Four times what is served at best, offered by clients that do not wait."""
        tool = self.scratch / 'flood'
        subprocess.run(['cc', '-O2', '-o', tool, HERE / 'flood.c'], check=True)
        found = {}
        for model, seconds in (('LR', 3), ('RF', 6)):
            server = self.deploy('overload', model, '--no-batching')
            say(f'overload, {model}')
            capacity = self.rounds.run([server], self.load(64, seconds))[server.name]['rps']
            runs = [load.flood(tool, server, self.load(600, seconds), 4 * capacity) for _ in range(self.args.samples)]
            middle = sorted(runs, key=lambda r: r['served_rps'])[len(runs) // 2]
            found[model] = {**middle, 'capacity_rps': capacity, 'seconds': seconds,
                            'refusal_p99_ms': sorted(r['refusal_p99_ms'] for r in runs)[len(runs) // 2]}
            say(f'  {found[model]}')
            self.stop()
        return found

    def run_memory(self):
        """The front alone: its workers have the model."""
        server = self.deploy('memory', None)
        time.sleep(0.5)
        idle, clients = resident(server.pid), []
        for _ in range(1024):
            client = socket.create_connection(('127.0.0.1', server.port))
            client.sendall(b'POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
                           b'Content-Length: %d\r\n\r\n%s' % (len(BODY), BODY))
            if not client.recv(4096).startswith(b'HTTP/1.1 200'):
                raise Failed(f'connection {len(clients) + 1} was not served')
            clients.append(client)
        connected = resident(server.pid)
        for client in clients:
            client.close()
        return {'idle_mb': idle / MB, 'connected_mb': connected / MB}

    def run_deploy(self):
        """From the command to an endpoint that answers, beside a Python that loads the same model and predicts once."""
        ready, alone = [], []
        for _ in range(self.args.samples):
            ready.append(self.project.time_deploy('LR'))
            alone.append(next(iter(self.time_model('LR'))))
        return {'ready_s': sorted(ready)[len(ready) // 2], 'load_s': sorted(alone)[len(alone) // 2]}


def resident(pid):
    """Bytes of memory that a process has."""
    text = pathlib.Path(f'/proc/{pid}/status').read_text(encoding='utf-8')
    return int(re.search(r'^VmRSS:\s*(\d+) kB', text, re.M).group(1)) * 1024


def about(serving):
    """What was measured, and where."""
    cpu = re.search(r'^model name\s*:\s*(.*)$', pathlib.Path('/proc/cpuinfo').read_text(encoding='utf-8'), re.M)
    own = servers.versions(serving.python, ('fastapi', 'pydantic', 'uvicorn', 'uvloop', 'httptools', 'scikit-learn', 'numpy'))
    theirs = servers.versions(serving.mlflow_python, ('mlflow', 'fastapi', 'uvicorn', 'scikit-learn', 'numpy'))
    if any(own[name] != theirs[name] for name in ('scikit-learn', 'numpy')):
        raise Failed('scikit-learn or NumPy differs between the environments; remove both below ~/.cache/notebooked to make them anew')
    wrk = subprocess.run(['wrk', '-v'], capture_output=True, text=True).stdout.split()
    commit = subprocess.run(['git', 'describe', '--always', '--dirty'], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    python = subprocess.run([serving.python, '--version'], capture_output=True, text=True).stdout.strip()
    return {
        'machine': f'{cpu.group(1) if cpu else platform.machine()}, {load.CORES} cores, Linux {platform.release()}',
        'notebooked': commit, 'both': f'{python}, scikit-learn {own["scikit-learn"]}, numpy {own["numpy"]}, one thread',
        'FastAPI': ', '.join(f'{name} {own[name]}' for name in ('fastapi', 'pydantic', 'uvicorn', 'uvloop', 'httptools')) + ', 1 process, async',
        'MLflow': f'mlflow {theirs["mlflow"]}, fastapi {theirs["fastapi"]}, uvicorn {theirs["uvicorn"]}, `mlflow models serve --env-manager local`',
        'client': f'{" ".join(wrk[:2])}, 1 thread, {len(BODY)} bytes of JSON, keep-alive',
        'predicting alone': ', '.join(f'{name} {us:,.0f} us' for name, us in serving.results['model'].items()) or '-'}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--program', type=pathlib.Path, default=ROOT / 'build/release/notebooked')
    parser.add_argument('--only', nargs='+', choices=PARTS, default=PARTS, metavar='PART', help=' '.join(PARTS))
    parser.add_argument('--samples', type=int, default=3, help='samples of a figure (3)')
    parser.add_argument('--patience', type=float, default=100, metavar='S', help='seconds for samples that are taken again (100)')
    parser.add_argument('--out', type=pathlib.Path, help='write the figures as JSON')
    args = parser.parse_args()
    if not args.program.exists():
        parser.error(f'{args.program} is not there; run make build')
    if not shutil.which('wrk'):
        parser.error('wrk is not there; run scripts/setup.sh bench')
    return args


def main():
    args, failed = arguments(), False
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers are ended then, too
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix='nb-serving-') as scratch:
        serving = Serving(args, pathlib.Path(scratch))
        for part in args.only:
            if time.monotonic() - began > LIMIT_S:
                say(f'no time is left for {part}')
                failed = True
                continue
            say(f'{part}, after {time.monotonic() - began:.0f} s')
            try:
                serving.results[part] = getattr(serving, f'run_{part}')()
            except (Failed, subprocess.CalledProcessError) as error:
                failed = True
                say(f'cannot measure {part}: {error}')
            finally:
                serving.stop()
        serving.results['about'] = about(serving)
        print(report.text(serving.results))
    if args.out:
        args.out.write_text(json.dumps(serving.results, indent=2) + '\n', encoding='utf-8')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
