#!/usr/bin/env python3
"""A front under mixed load for a long time, by hand: does it grow?

    NB_BUILD_DIR=build/asan SOAK_SECONDS=600 ASAN_OPTIONS=quarantine_size_mb=16 python3 tests/serving/soak.py [wrapper …]

Small and large bodies, errors, clients that leave, versions that are swapped, workers that are killed. Prints what the front and its workers hold every few
seconds; ends with status 1 when it grew, when a client got something that no server should say, or when a sanitizer had something to say. A wrapper, such as
`strace -f -c` or a valgrind that knows pidfd_open (3.21), runs the front.
"""

import collections
import http.client
import json
import os
import random
import signal
import socket
import sys
import threading
import time

from fronts import Front, ask_on, children, within

SECONDS = float(os.environ.get("SOAK_SECONDS", "60"))
SAMPLE_S = max(1.0, SECONDS / 60)
WARM = 0.3  # of the time, before growth counts

MODEL = '''
import json, time

def model_fn(model_dir):
    return 2

def input_fn(body, content_type):
    return json.loads(body)["instances"]

def predict_fn(data, model):
    if data[0][0] == "raise":
        raise RuntimeError("no such row")
    if data[0][0] == "sleep":
        time.sleep(0.05)
    if data[0][0] == "large":
        return ["x" * 1000000]
    return [row[0] * model for row in data]

def output_fn(prediction, accept):
    return json.dumps({"predictions": prediction}), "application/json"
'''

PATHS = ["/invocations", "/predict", "/endpoints/iris/predict", "/versions/1/predict", "/versions/9/predict", "/v1/models/iris:predict",
         "/v1/endpoints/iris:predict", "/score", "/v2/models/iris/infer"]
OTHER = [("GET", "/ping"), ("GET", "/metrics"), ("GET", "/nothing"), ("PUT", "/invocations"), ("GET", "/openapi.json"), ("HEAD", "/readyz"), ("GET", "/"),
         ("GET", "/v2/models/iris"), ("POST", "/invocations")]


class Soak:
    def __init__(self, front):
        self.front, self.stop = front, threading.Event()
        self.counts = collections.Counter()
        self.wrong = []

    def until_stopped(self, act):
        connection = self.front.connect(60)
        while not self.stop.is_set():
            try:
                act(connection)
            except (OSError, http.client.HTTPException) as error:
                self.counts[type(error).__name__] += 1
                connection.close()
                connection = self.front.connect(60)
        connection.close()

    def count(self, status, fine):
        self.counts[status] += 1
        if status not in fine:
            self.wrong.append(status)

    def small(self, connection):
        value = random.randrange(1000000)
        status, _, body = ask_on(connection, "POST", "/invocations", {"instances": [[value]]}, {"Content-Type": "application/json"})
        self.count(status, (200, 502, 503))
        if status == 200 and json.loads(body) != {"predictions": [2 * value]}:
            self.wrong.append(body[:100])

    def large(self, connection):
        body = json.dumps({"instances": [[1, "x" * random.choice([300000, 1000000])]]})
        status, _, _ = ask_on(connection, "POST", "/predict", body, {"Content-Type": "application/json"})
        self.count(status, (200, 502, 503))
        status, _, _ = ask_on(connection, "POST", "/predict", {"instances": [["large"]]}, {"Content-Type": "application/json"})
        self.count(status, (200, 502, 503))
        time.sleep(0.02)

    def odd(self, connection):
        if random.random() < 0.5:
            method, path = random.choice(OTHER)
            status, _, _ = ask_on(connection, method, path, None)
        else:
            body = random.choice(['{"instances": [["raise"]]}', "{", "", '{"instances": [["sleep"]]}', '{"instances": [[1]]}', "1,2\n"])
            headers = random.choice([{}, {"Content-Type": "text/csv"}, {"Content-Type": "application/json"}, {"Expect": "100-continue"},
                                     {"X-Notebooked-Version": "2"}, {"X-Request-Timeout-Ms": "20"}, {"X-Request-Id": "a" * 90}])
            status, _, _ = ask_on(connection, "POST", random.choice(PATHS), body, headers)
        self.count(status, (200, 400, 404, 405, 406, 413, 415, 422, 500, 502, 503, 504))
        time.sleep(0.01)

    def leave(self):
        head = b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 24\r\n\r\n"
        whole = head + b'{"instances": [["sleep"]'
        while not self.stop.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self.front.port), timeout=10) as client:
                    data = random.choice([head[:20], head, whole, whole[:-3], head * 3, b"GET / HTTP/1.1\n", b"\x16\x03\x01" * 50])
                    client.sendall(data)
                    if random.random() < 0.5:
                        client.settimeout(0.02)
                        client.recv(1000)
            except OSError:
                pass
            self.counts["left"] += 1
            time.sleep(0.01)

    def swap(self):
        version = 2
        while not self.stop.wait(max(2.0, SECONDS / 40)):
            status, told = self.front.admin("POST", "/admin/deploy", {"version": version})
            self.counts[f"deploy {status}"] += 1
            if status not in (200, 409):
                self.wrong.append(told)
            version = 3 - version

    def kill(self):
        while not self.stop.wait(max(5.0, SECONDS / 15)):
            workers = self.front.workers(1) + self.front.workers(2)
            if workers:
                os.kill(random.choice(workers), signal.SIGKILL)
                self.counts["killed"] += 1

    def sample(self):
        """Resident KiB of the front and of its workers, descriptors, processes."""
        below = [pid for pid, _, name in children(self.front.process.pid) if name != "nb-guard"]
        sizes = []
        for pid in below:
            try:
                with open(f"/proc/{pid}/statm", encoding="ascii") as file:
                    sizes.append(int(file.read().split()[1]) * 4)
            except OSError:
                continue
        return self.front.rss() >> 10, max(sizes, default=0), self.front.descriptors(), len(below)

    def run(self):
        acts = [self.small] * 8 + [self.large] * 2 + [self.odd] * 4
        threads = [threading.Thread(target=self.until_stopped, args=(act,)) for act in acts]
        threads += [threading.Thread(target=act) for act in (self.leave, self.leave, self.swap, self.kill)]
        for thread in threads:
            thread.start()
        began, samples = time.monotonic(), []
        print("      s  front KiB  worker KiB  descriptors  processes  answers", flush=True)
        while time.monotonic() - began < SECONDS and self.front.process.poll() is None:
            time.sleep(SAMPLE_S)
            samples.append(self.sample())
            print("%7.0f %10d %11d %12d %10d %8d" % (time.monotonic() - began, *samples[-1], self.counts[200]), flush=True)
            self.front.note_processes()
        self.stop.set()
        for thread in threads:
            thread.join()
        return samples


def grew(samples, column):
    """Whether the highest of the last quarter is well above the highest of the one after the start."""
    warm = samples[int(len(samples) * WARM):]
    half = max(1, len(warm) // 2)
    before, after = (max(row[column] for row in part) for part in (warm[:half], warm[half:] or warm))
    return before, after, after > before * 1.15 + 2048


def run(front):
    """Soak it. Returns: the exit status."""
    front.start(wrapper=sys.argv[1:])
    front.wait_ready(seconds=120)
    soak = Soak(front)
    before = front.descriptors()
    samples = soak.run()
    fine = within(90, lambda: front.descriptors() <= before + 8)
    print("counts:", dict(soak.counts))
    print(f"descriptors: {before} before, {front.descriptors()} after")
    front.process.send_signal(signal.SIGTERM)
    status = front.process.wait(120)
    said = front.said()
    reports = [line for line in said.splitlines() if "Sanitizer" in line or "runtime error" in line]
    print(f"ended with {status}", *reports, sep="\n")
    for name, column in (("front", 0), ("worker", 1)):
        first, last, larger = grew(samples, column)
        print(f"{name}: {first} KiB, then {last} KiB{', it grew' if larger else ''}")
        fine = fine and not larger
    if soak.wrong:
        print("wrong answers:", collections.Counter(map(str, soak.wrong)).most_common(10))
    if status != 0:
        print(said[-6000:])
    return 0 if fine and status == 0 and not soak.wrong else 1


def main():
    front = Front(MODEL, MODEL, timeout="20s", queue=64, workers=1, max_requests=20000)
    try:
        status = run(front)
    finally:
        front.end()
    sys.exit(status)


main()
