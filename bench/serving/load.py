"""Clients, and what a server used meanwhile: samples with wrk, each with the processor time of the server and of everybody else."""
import os
import pathlib
import re
import statistics
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
TICK = os.sysconf('SC_CLK_TCK')
CORES = len(os.sched_getaffinity(0))
FOREIGN = 0.12  # of the cores: above, a sample is taken again
PAUSE_S = 0.05


class Failed(Exception):
    """Something that should have been measured did not work."""


# --- processor time

def stat_of(pid):
    """The parent of a process and its seconds, with those of children that it has waited for."""
    try:
        fields = pathlib.Path(f'/proc/{pid}/stat').read_text(encoding='utf-8').rpartition(') ')[2].split()
    except OSError:
        return None
    return int(fields[1]), sum(int(ticks) for ticks in fields[11:15]) / TICK


def family_s(pid):
    """Seconds of a process and all below it."""
    known = {int(name): stat_of(name) for name in os.listdir('/proc') if name.isdigit()}
    known = {p: stat for p, stat in known.items() if stat}
    inside, more = set(), {pid}
    while more:
        inside |= more
        more = {p for p, (parent, _) in known.items() if parent in inside} - inside
    return sum(known[p][1] for p in inside if p in known)


def busy_s():
    """Seconds that all cores together have worked, without interrupts, which belong to nobody."""
    words = pathlib.Path('/proc/stat').read_text(encoding='utf-8').split('\n', 1)[0].split()
    return sum(int(words[i]) for i in (1, 2, 3, 8)) / TICK


class Watch:
    """What a server and everybody else used since this was made, beside a client that has ended."""

    def __init__(self, pid):
        self.pid = pid
        self.began, self.busy, self.server = time.monotonic(), busy_s(), family_s(pid)
        self.own = sum(os.times()[:4])

    def read(self):
        """The server's seconds, and the share of the cores that others had."""
        server = family_s(self.pid) - self.server
        known = server + sum(os.times()[:4]) - self.own  # clients are children of ours
        passed = time.monotonic() - self.began
        return server, max(0.0, busy_s() - self.busy - known) / passed / CORES


# --- closed loop: clients that wait for their answers

def wrk(url, body, content_type, clients, seconds):
    """One run of wrk; its requests, seconds, percentiles and errors."""
    env = {**os.environ, 'NB_BODY': str(body), 'NB_TYPE': content_type}
    command = ['wrk', '-t1', f'-c{clients}', f'-d{seconds}', '--timeout', '30', '-s', str(HERE / 'post.lua'), url]
    out = subprocess.run(command, env=env, capture_output=True, text=True)
    found = re.search(r'^nb (\d+) (\d+) (\d+) (\d+) (\d+)$', out.stdout, re.M)
    if not found:
        raise Failed(f'wrk: {out.stderr or out.stdout}')
    requests, us, p50, p99, errors = map(int, found.groups())
    if errors or not requests:
        raise Failed(f'{errors} of {requests} requests to {url} failed')
    return {'requests': requests, 'seconds': us / 1e6, 'p50_ms': p50 / 1000, 'p99_ms': p99 / 1000}


def sample(server, load):
    """One sample of a server; `load`: body, content_type, clients, seconds."""
    time.sleep(PAUSE_S)
    watch = Watch(server.pid)
    ran = wrk(server.url, **load)
    server_s, foreign = watch.read()
    return {'rps': ran['requests'] / ran['seconds'], 'p50_ms': ran['p50_ms'], 'p99_ms': ran['p99_ms'],
            'cpu_us': server_s * 1e6 / ran['requests'], 'foreign': foreign}


def summary(samples, wanted):
    """The medians of the samples that were disturbed least."""
    best = sorted(samples, key=lambda s: s['foreign'])[:wanted]
    medians = {key: statistics.median(s[key] for s in best) for key in best[0]}
    return {**medians, 'samples': len(samples), 'disturbed': any(s['foreign'] > FOREIGN for s in best)}


class Rounds:
    """Samples of several servers under the same load, one after another, so that what changes on the machine meets all of them."""

    def __init__(self, wanted, patience_s, say):
        self.wanted, self.say = wanted, say
        self.patience_s = patience_s  # for samples beyond those that are wanted anyway

    def again(self, samples):
        """Are there too few samples, or too few good ones and time for another?"""
        good = sum(s['foreign'] <= FOREIGN for s in samples)
        return len(samples) < self.wanted or (good < self.wanted and self.patience_s > 0 and len(samples) < 4 * self.wanted)

    def run(self, servers, load):
        """Return the summary for each server's name."""
        found = {server.name: [] for server in servers}
        for server in servers:
            wrk(server.url, **{**load, 'seconds': 1})  # warm
        while any(self.again(samples) for samples in found.values()):
            for server in servers:
                samples = found[server.name]
                if not self.again(samples):
                    continue
                if len(samples) >= self.wanted:
                    self.patience_s -= load['seconds']
                samples.append(sample(server, load))
        for name, samples in found.items():
            middle = summary(samples, self.wanted)
            found[name] = middle
            self.say(f'  {name}: {middle["rps"]:,.0f} a second, p50 {middle["p50_ms"]:.2f} ms, p99 {middle["p99_ms"]:.2f} ms, '
                     f'{middle["cpu_us"]:.0f} us CPU, {middle["samples"]} samples, others had {middle["foreign"]:.0%}')
        return found


# --- open loop: clients that do not wait

def flood(tool, server, load, rate):
    """Offer `rate` requests a second; `load`: body, content_type, clients, seconds. Returns counts and the refusals' percentiles."""
    command = [tool, '127.0.0.1', server.port, load['content_type'], load['body'], rate, load['seconds'], load['clients']]
    watch = Watch(server.pid)
    out = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if out.returncode != 0:
        raise Failed(f'flood: {out.stderr}')
    offered, served, refused, other, unsent, p50, p99 = map(int, out.stdout.split())
    return {'offered': offered, 'served_rps': served / load['seconds'], 'refused': refused, 'other': other, 'unsent': unsent,
            'refusal_p50_ms': p50 / 1000, 'refusal_p99_ms': p99 / 1000, 'foreign': watch.read()[1]}
