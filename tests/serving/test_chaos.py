"""What a front survives: workers that are killed, models that hang, that cannot be loaded, that do harm while they predict; and nothing outlives it."""

import collections
import http.client
import json
import os
import random
import signal
import sys
import threading
import time
import unittest

from fronts import TOOL, TWICE, Front, ask_on, children, is_alive, within

STORM_S = float(os.environ.get("NB_STORM_SECONDS", "8"))

# what `predict_fn` does with a row that names it
HARMFUL = '''
import json, os, resource, signal, sys, threading, time

def model_fn(model_dir):
    return 2

def input_fn(body, content_type):
    return json.loads(body)["instances"]

def segfault():
    os.kill(os.getpid(), signal.SIGSEGV)

def recurse(depth):
    return recurse(depth + 1) + 1

class Odd(BaseException):
    pass

def odd():
    raise Odd("no Exception")

def unwritable():
    class Text:
        def __str__(self):
            raise RuntimeError("no text")
    raise ValueError(Text())

def memory():
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, resource.RLIM_INFINITY))
    try:
        return len(bytearray(4 << 30))
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

def fork():
    if os.fork() == 0:
        time.sleep(600)

def linger():
    threading.Thread(target=time.sleep, args=(600,)).start()

ACTS = {
    "segfault": segfault,
    "exit": lambda: os._exit(0),
    "close": lambda: os.closerange(3, 1000),
    "garbage": lambda: [os.write(fd, b"x" * 100) for fd in range(3, 100) if os.path.exists(f"/proc/self/fd/{fd}")],
    "system exit": lambda: sys.exit("enough"),
    "interrupt": lambda: signal.raise_signal(signal.SIGINT),
    "odd": odd,
    "unwritable": unwritable,
    "recursion": lambda: recurse(0),
    "memory": memory,
    "print": lambda: print("x" * 1000000, flush=True),
    "binary": lambda: os.write(1, bytes(range(256)) * 100),
    "folder": lambda: os.chdir("/"),
    "fork": fork,
    "thread": linger,
    "no stdout": lambda: sys.stdout.close(),
    "no stderr": lambda: (sys.stderr.close(), os.close(2)),
    "raise": lambda: 1 / 0,
    "sleep": lambda: time.sleep(600),
}

def predict_fn(data, model):
    for row in data:
        if row[0] in ACTS:
            ACTS[row[0]]()
    if data[0][0] == "fewer":
        return []
    return [row[0] * model for row in data]

def output_fn(prediction, accept):
    if prediction and prediction[0] == "huge" * 2:
        return "x" * (65 << 20), "text/plain"
    if prediction and prediction[0] == "nan" * 2:
        return {"predictions": [float("nan"), float("inf"), 1.0]}
    return json.dumps({"predictions": prediction}), "application/json"
'''

# what a script does while it is loaded; and what is told about it
UNLOADABLE = {
    "raise": ("def model_fn(d): raise ValueError('no such file: weights')", "ValueError: no such file: weights"),
    "import": ("import no_such_module_at_all", "No module named 'no_such_module_at_all'"),
    "syntax": ("def model_fn(:", "SyntaxError"),
    "exit 0": ("import sys; sys.exit(0)", "SystemExit: 0"),
    "exit text": ("def model_fn(d): raise SystemExit('not today')", "not today"),
    "no exception": ("class Odd(BaseException): pass\ndef model_fn(d): raise Odd('odd')", "Odd: odd"),
    "segfault": ("import os, sys\nprint('about to fall', file=sys.stderr)\nos.kill(os.getpid(), 11)", "signal 11"),
    "abort": ("import os\nos.abort()", "signal 6"),
    "killed": ("import os\nos.kill(os.getpid(), 9)", "out of memory"),
    "hard exit": ("import os\nos._exit(3)", "3"),
    "endless": ("while True: pass", "was not ready within 5 s"),
    "endless, deaf": ("import signal, time\nsignal.signal(15, signal.SIG_IGN)\nwhile True: time.sleep(1)", "was not ready within 5 s"),
    "chatty": ("import sys\nfor i in range(1000): sys.stderr.write('x' * 99999 + '\\n')\nraise ValueError('said enough')", "said enough"),
    "garbage": ("import os\nfor fd in range(3, 100):\n  try: os.write(fd, b'garbage' * 100)\n  except OSError: pass\nimport time\ntime.sleep(60)",
                "broke the protocol"),
    "closed": ("import os, time\nos.closerange(3, 1000)\ntime.sleep(60)", "closed its connection"),
    "closed, then fails": ("import os\nos.closerange(3, 1000)\nraise ValueError('lost')", "lost"),
    "binary": ("import os\nos.write(2, bytes(range(256)) * 99)\nraise ValueError('no text')", "no text"),
    "a thread stays": ("import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\nraise ValueError('left')", "left"),
    "fork keeps the socket": ("import os, time\nif os.fork() == 0: time.sleep(600)\nos._exit(4)", "4"),
    "memory": ("import resource\nresource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\nx = bytearray(8 << 30)", "MemoryError"),
    "nothing": ("x = 1", "defines none of model_fn"),
}


class Storm(unittest.TestCase):
    """D1: 64 clients, and a worker is killed every second."""

    def client(self, number):
        at = 0
        connection = self.front.connect(timeout=30)
        while not self.stop.is_set():
            at += 1
            began = time.monotonic()
            try:
                status, headers, body = ask_on(connection, "POST", "/invocations", {"instances": [[number * 1000000 + at]]})
            except (OSError, http.client.HTTPException) as error:
                self.counts[repr(error)] += 1
                connection.close()
                continue
            self.longest = max(self.longest, time.monotonic() - began)
            self.counts[status] += 1
            if status == 200 and json.loads(body) != {"predictions": [2 * (number * 1000000 + at)]}:
                self.counts["wrong"] += 1
            if status == 503:
                time.sleep(0.05)
        connection.close()

    def kill_workers(self, seconds):
        """SIGKILL for a worker each second. Returns: how many were hit, and the requests they held."""
        killed, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            workers = self.front.workers()
            if workers:
                self.front.note_processes()
                os.kill(random.choice(workers), signal.SIGKILL)
                killed += 1
            time.sleep(1)
        return killed

    def storm(self, seconds, **settings):
        self.front = Front(TWICE, workers=2, timeout="10s", **settings)
        self.stop, self.counts, self.longest = threading.Event(), collections.Counter(), 0
        with self.front:
            self.front.wait_ready(2)
            clients = [threading.Thread(target=self.client, args=(i,)) for i in range(64)]
            for client in clients:
                client.start()
            killed = self.kill_workers(seconds)
            self.stop.set()
            for client in clients:
                client.join(40)
            self.assertFalse(any(client.is_alive() for client in clients), "a client hangs")
            self.front.wait_ready(1, seconds=40)
            self.assertEqual(self.front.predict(4), (200, b'{"predictions": [8]}'))
            self.assertEqual([c for c in children(self.front.process.pid) if c[1] == "Z"], [])
        return killed

    def test_a_worker_is_killed_every_second(self):
        killed = self.storm(STORM_S)
        self.assertGreater(killed, 2)
        self.assertLessEqual(set(self.counts), {200, 502, 503}, self.counts)
        self.assertLessEqual(self.counts[502], killed * 64)
        self.assertGreater(self.counts[200], 100)
        print(f"{killed} kills, {dict(self.counts)}, longest {self.longest:.2f} s", file=sys.stderr)

    def test_retried_on_another_worker(self):
        self.storm(3, retry_on_crash="true")
        self.assertLessEqual(set(self.counts), {200, 502, 503}, self.counts)


class Hang(unittest.TestCase):
    def test_a_model_that_sleeps(self):
        """D3: 504 at the deadline, the worker ends after its grace, the next request works."""
        with Front(HARMFUL, timeout="1s") as front:
            first = front.wait_ready().workers()
            status, body = front.predict("sleep")
            self.assertEqual(status, 504)
            self.assertIn(b"1000 ms", body)
            self.assertEqual(front.workers(), first)  # its grace
            self.assertTrue(within(30, lambda: front.workers() not in ([], first)), front.said())
            self.assertFalse(is_alive(first[0]))
            self.assertEqual(front.predict(3), (200, b'{"predictions": [6]}'))
            self.assertEqual(front.status()["workers"][0]["restarts"], 1)

    def test_a_worker_that_is_stopped(self):
        """Frozen, it hears no SIGTERM."""
        with Front(HARMFUL, timeout="1s") as front:
            first = front.wait_ready().workers()
            os.kill(first[0], signal.SIGSTOP)
            self.assertEqual(front.predict(1)[0], 504)
            self.assertTrue(within(30, lambda: front.workers() not in ([], first)), front.said())
            self.assertEqual(front.predict(3)[0], 200)
            self.assertFalse(is_alive(first[0]))

    def test_others_are_served_meanwhile(self):
        with Front(HARMFUL, timeout="5s", workers=2) as front:
            front.wait_ready(2)
            slow = threading.Thread(target=front.predict, args=("sleep",))
            slow.start()
            time.sleep(0.3)
            for value in range(50):
                self.assertEqual(front.predict(value)[0], 200)
            slow.join()


class Broken(unittest.TestCase):
    """D4: what cannot be loaded fails with its reason, at once, and leaves nothing behind."""

    def test_models_that_cannot_be_loaded(self):
        with Front(TWICE, startup_timeout="5s") as front:
            front.wait_ready()
            descriptors = front.descriptors()
            for name, (source, reason) in UNLOADABLE.items():
                with self.subTest(name):
                    version = front.add_version(source)
                    began = time.monotonic()
                    status, told = front.admin("POST", "/admin/deploy", {"version": version})
                    self.assertEqual(status, 422, (name, told))
                    self.assertIn(reason, told["error"] + (told["tail"] or ""), name)
                    if name == "chatty":
                        self.assertIn("said enough", told["error"])
                        self.assertIn("said enough", told["tail"])
                    if name == "segfault":
                        self.assertIn("about to fall", told["tail"])
                    self.assertLess(time.monotonic() - began, 30)
                    self.assertTrue(within(10, lambda: not front.status(version)), name)
                    self.assertEqual(front.predict(4), (200, b'{"predictions": [8]}'))
            self.assertTrue(within(10, lambda: len(children(front.process.pid)) <= 2), children(front.process.pid))
            self.assertTrue(within(10, lambda: front.descriptors() <= descriptors), front.descriptors())
            self.assertLess((front.endpoint / "log/server.log").stat().st_size, 16 << 20)

    def test_a_front_whose_only_version_fails(self):
        with Front("raise ValueError('never')") as front:
            told = front.wait_state("failed", seconds=60)
            self.assertIn("ValueError: never", told["reason"])
            status, body = front.predict(1)
            self.assertEqual(status, 503)
            self.assertIn(b"ValueError: never", body)
            self.assertEqual(front.ask("GET", "/readyz")[0], 503)
            self.assertEqual(front.ask("GET", "/livez")[0], 200)
            self.assertLessEqual(front.said().count("worker ended"), 5)


class Harm(unittest.TestCase):
    """What a model may do while it predicts."""

    def test_harm_stays_with_its_request(self):
        wanted = {"system exit": 500, "interrupt": 500, "odd": 500, "unwritable": 500, "recursion": 500, "memory": 500, "raise": 500, "huge": 500,
                  "print": 200, "binary": 200, "folder": 200, "fork": 200, "thread": 200, "fewer": 200, "nan": 200, "no stdout": 200,
                  "no stderr": 200}
        with Front(HARMFUL, timeout="20s") as front:
            workers = front.wait_ready().workers()
            for act, status in wanted.items():
                with self.subTest(act):
                    got, body = front.predict(act)
                    self.assertEqual(got, status, (act, body[:500], front.said()[-2000:]))
                    self.assertNotIn(b"Traceback", body)
                    if act == "nan":
                        self.assertEqual(json.loads(body), {"predictions": [None, None, 1.0]})
                    self.assertEqual(front.predict(5)[0], 200, act)
            self.assertEqual(front.predict("raise")[0], 500)  # with neither stdout nor stderr
            self.assertEqual(front.workers(), workers)  # the same all along
            front.note_processes()

    def test_what_ends_the_worker(self):
        with Front(HARMFUL, timeout="20s") as front:
            front.wait_ready()
            for act, said in (("segfault", b"signal 11"), ("exit", b"exit"), ("close", b""), ("garbage", b"broke the protocol")):
                with self.subTest(act):
                    status, body = front.predict(act)
                    self.assertEqual(status, 502, body)
                    self.assertIn(said, body.lower())
                    front.wait_ready()
                    self.assertEqual(front.predict(6), (200, b'{"predictions": [12]}'))
            self.assertEqual([c for c in children(front.process.pid) if c[1] == "Z"], [])

    def test_poison_is_known(self):
        with Front(HARMFUL, workers=2, timeout="20s") as front:
            front.wait_ready(2)
            self.assertEqual([front.predict("segfault")[0] for _ in range(2)], [502, 422])
            status, body = front.predict("segfault")
            self.assertEqual(status, 422)
            self.assertIn(b"2 workers", body)
            front.wait_ready()
            self.assertEqual([front.predict(value)[0] for value in range(20)], [200] * 20)


if __name__ == "__main__":
    if not TOOL.exists():
        sys.exit(77)
    unittest.main()
