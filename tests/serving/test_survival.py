"""Nothing outlives a front, whatever ends it; workers as many as there is room for, replaced without a failed request; limits under pressure; whose
line it is in the log."""

import collections
import http.client
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

from fronts import TOOL, TWICE, Crowd, Front, ask_on, children, is_alive, within

# a model whose processes wait for work, as joblib's do; and one that answers with what it sees
FAMILY = '''
import json, subprocess, sys, time

def model_fn(model_dir):
    return [subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) for _ in range(2)]

def input_fn(body, content_type):
    return json.loads(body)["instances"]

def predict_fn(data, model):
    if data[0][0] == "slow":
        time.sleep(1)
    return [child.pid for child in model]

def output_fn(prediction, accept):
    return json.dumps(prediction), "application/json"
'''

SLOW_LOAD = "import time\ntime.sleep(600)\n"

FOREST = '''
import json
import numpy
from sklearn.ensemble import RandomForestClassifier

def model_fn(model_dir):
    model = RandomForestClassifier(n_estimators=10, n_jobs=2)
    model.fit(numpy.arange(40).reshape(20, 2), [0, 1] * 10)
    from joblib import Parallel, delayed
    Parallel(n_jobs=2, backend="loky")(delayed(pow)(2, n) for n in range(8))  # its processes stay
    return model

def input_fn(body, content_type):
    return json.loads(body)["instances"]

def predict_fn(data, model):
    return model.predict(data)

def output_fn(prediction, accept):
    return json.dumps({"predictions": prediction.tolist()}), "application/json"
'''

TELLS = '''
import json, os, sys, time

def model_fn(model_dir):
    return None

def input_fn(body, content_type):
    return json.loads(body)["instances"]

def predict_fn(data, model):
    print("predicting", data[0][0])
    if data[0][0] == "raise":
        raise RuntimeError("no such row")
    if data[0][0] == "sleep":
        time.sleep(0.3)
    return {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}

def output_fn(prediction, accept):
    return json.dumps(prediction), "application/json"
'''


class Orphans(unittest.TestCase):
    def family(self, front):
        """The front's processes, those that the model started among them."""
        front.wait_ready()
        of_model = json.loads(front.predict(1)[1])
        front.note_processes()
        self.assertLessEqual(set(of_model), front.seen)
        return front.seen

    def assert_gone(self, processes, seconds=10):
        self.assertTrue(within(seconds, lambda: not any(map(is_alive, processes))), [p for p in processes if is_alive(p)])

    def test_the_front_is_killed(self):
        with Front(FAMILY) as front:
            processes = self.family(front)
            front.process.kill()
            self.assert_gone(processes)

    def test_a_hard_end_of_everything_but_the_guard(self):
        """Killing the group of the front, as a terminal or a supervisor does, leaves the guard its work."""
        with Front(FAMILY) as front:
            front.process.kill()
            front.process.wait()
            front.process.stdout.close()
            front.start(start_new_session=True)
            processes = self.family(front)
            os.killpg(front.process.pid, signal.SIGKILL)
            self.assert_gone(processes)

    def test_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number), Front(FAMILY) as front:
                processes = self.family(front)
                front.process.send_signal(number)
                self.assertEqual(front.process.wait(30), 0, front.said())
                self.assert_gone(processes, 1)
                self.assertEqual(list(front.endpoint.glob("server.pid")), [])

    def test_a_signal_while_it_loads(self):
        with Front(SLOW_LOAD) as front:
            self.assertTrue(within(10, lambda: front.status()["workers"][0]["state"] == "loading"))
            front.note_processes()
            front.process.send_signal(signal.SIGTERM)
            self.assertEqual(front.process.wait(30), 0, front.said())
            self.assert_gone(front.seen, 1)

    def test_a_second_signal(self):
        with Front(FAMILY, timeout="60s") as front:
            processes = self.family(front)
            client = threading.Thread(target=lambda: self.assertRaises((OSError, http.client.HTTPException), front.predict, "slow"))
            client.start()
            time.sleep(0.2)
            front.process.send_signal(signal.SIGTERM)
            time.sleep(0.1)
            front.process.send_signal(signal.SIGTERM)
            front.process.wait(30)
            self.assert_gone(processes, 1)
            client.join()

    def test_the_drain_timeout(self):
        model = FAMILY.replace("sleep(1)", "sleep(600)")
        with Front(model, timeout="300s", drain_timeout="1s") as front:
            processes = self.family(front)
            got = []
            client = threading.Thread(target=lambda: got.append(front.predict("slow")))
            client.start()
            time.sleep(0.2)
            front.process.send_signal(signal.SIGTERM)
            self.assertEqual(front.process.wait(30), 0)
            client.join()
            self.assertEqual(got[0][0], 503)
            self.assert_gone(processes, 1)

    def test_the_guard_is_killed(self):
        """Without it the front goes on, and ends well."""
        with Front(FAMILY) as front:
            processes = self.family(front)
            for pid, _, name in children(front.process.pid):
                if name == "nb-guard":
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)
            self.assertEqual(front.predict(1)[0], 200)
            for pid in front.workers():
                os.kill(pid, signal.SIGKILL)
            front.wait_ready()
            front.process.send_signal(signal.SIGTERM)
            self.assertEqual(front.process.wait(30), 0)
            self.assert_gone(processes, 1)

    def test_nobody_reads_its_output(self):
        with Front(TELLS) as front:
            front.process.kill()
            front.process.wait()
            front.process.stdout.close()
            front.process = subprocess.Popen([str(TOOL), str(front.root), "iris", str(front.port), sys.executable], stdout=subprocess.PIPE,
                                             stderr=subprocess.PIPE)
            self.assertEqual(front.process.stdout.readline(), b"started\n")
            front.process.stderr.close()
            front.wait_ready()
            for _ in range(5):
                self.assertEqual(front.predict(1)[0], 200)
            self.assertIsNone(front.process.poll())

    def test_processes_of_joblib(self):
        python = os.environ.get("NB_SYSTEM_PYTHON") or "/usr/bin/python3"
        if subprocess.run([python, "-c", "import sklearn"], capture_output=True, check=False).returncode != 0:
            self.skipTest("no scikit-learn")
        for end in (signal.SIGKILL, signal.SIGTERM):
            front = Front(FOREST)
            try:
                front.start(python=python)
                front.wait_ready()
                status, _, body = front.ask("POST", "/invocations", {"instances": [[1, 2]]}, {"Content-Type": "application/json"})
                self.assertEqual(status, 200, body)
                front.note_processes()
                self.assertGreater(len(front.seen), 3)
                front.process.send_signal(end)
                front.process.wait(30)
                self.assert_gone(front.seen)
            finally:
                front.end()

    def test_process_1_waits_for_what_models_leave(self):
        inside = ("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child")
        if subprocess.run([*inside, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("no process namespaces here")
        front = Front(TWICE.replace("def predict_fn(data, model):", "def predict_fn(data, model):\n    import subprocess\n"
                                    "    subprocess.run(['sh', '-c', 'sleep 0.1 &'])"))
        try:
            front.start(wrapper=inside)
            front.wait_ready()
            (first, _, _), = children(front.process.pid)
            self.assertEqual([front.predict(4)[0] for _ in range(5)], [200] * 5)
            gone = within(30, lambda: not any(state == "Z" or name == "sleep" for _, state, name in children(first)))
            self.assertTrue(gone, children(first))
            self.assertEqual(front.predict(4)[0], 200)  # and workers are still its own
        finally:
            front.end()

    def test_a_worker_is_killed_with_its_family(self):
        with Front(FAMILY) as front:
            front.wait_ready()
            family = json.loads(front.predict(1)[1])
            os.kill(front.workers()[0], signal.SIGKILL)
            self.assert_gone(family)
            front.wait_ready()


class Starts(unittest.TestCase):
    """What a start finds in its way."""

    def second(self, front, port):
        """Another front process on the same folder."""
        return subprocess.run([str(TOOL), str(front.root), "iris", str(port), sys.executable], capture_output=True, text=True, timeout=60,
                              check=False)

    def test_a_port_that_somebody_else_took(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            front = Front(TWICE)
            try:
                front.port = taken.getsockname()[1]
                told = subprocess.run([str(TOOL), str(front.root), "iris", str(front.port), sys.executable, "1"], capture_output=True, text=True,
                                      timeout=60, check=False)
                self.assertNotEqual(told.returncode, 0)
                self.assertIn(f"cannot listen on 127.0.0.1:{front.port}", told.stderr)
                self.assertIn("--port", told.stderr)
                self.assertEqual(list(front.endpoint.glob("server.*")), [])
            finally:
                front.end()

    def test_two_fronts_for_one_endpoint(self):
        with Front(TWICE) as front:
            front.wait_ready()
            told = self.second(front, 0)
            self.assertNotEqual(told.returncode, 0, told.stderr)
            self.assertEqual(front.predict(4)[0], 200)
            self.assertTrue(front.admin("GET", "/admin/status")[1]["ready"])

    def test_a_python_that_is_not_there(self):
        front = Front(TWICE)
        try:
            front.start(python="/no/such/python")
            self.assertIn("cannot run '/no/such/python'", front.wait_state("failed")["reason"])
            self.assertEqual(front.predict(1)[0], 503)
        finally:
            front.end()

    def test_few_descriptors(self):
        """Connections that find none wait; a worker that is killed meanwhile comes back."""
        front = Front(TWICE)
        clients = []
        try:
            front.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60)))
            front.wait_ready()
            for _ in range(100):
                clients.append(socket.create_connection(("127.0.0.1", front.port), timeout=30))
            time.sleep(0.3)
            for pid in [pid for pid, _, name in children(front.process.pid) if name != "nb-guard"]:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.3)
            for client in clients:
                client.close()
            front.wait_ready()
            self.assertEqual(front.predict(4)[0], 200)
        finally:
            for client in clients:
                client.close()
            front.end()

    def test_a_start_that_shall_outlive_its_terminal(self):
        front = Front(TWICE)
        try:
            front.start(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))  # nohup
            front.wait_ready()
            front.process.send_signal(signal.SIGHUP)
            time.sleep(0.2)
            self.assertEqual(front.predict(4)[0], 200)
        finally:
            front.end()


class Load(Crowd):
    """Clients that ask all the time; each asks for its own."""

    def __init__(self, front, count, value=1):
        super().__init__(front, count)
        self.counts, self.value = collections.Counter(), value

    def run(self, _):
        connection = self.front.connect(30)
        while not self.stop.is_set():
            try:
                status, _, _ = ask_on(connection, "POST", "/invocations", {"instances": [[self.value]]})
                self.counts[status] += 1
            except (OSError, http.client.HTTPException) as error:
                self.counts[repr(error)] += 1
                connection.close()
        connection.close()


class Workers(unittest.TestCase):
    def test_as_many_as_there_are_cores(self):
        cores = len(os.sched_getaffinity(0))
        with Front(TELLS, workers="auto") as front:
            front.wait_ready(cores)
            time.sleep(0.5)
            front.wait_ready(cores)
            self.assertEqual(len(front.status()["workers"]), cores)
            threads = {front.predict(1)[1] for _ in range(20)}
            self.assertEqual(threads, {b'{"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}'})

    def test_threads_use_the_cores_once(self):
        cores = os.cpu_count()
        for workers in (1, 2):
            with Front(TELLS, workers=workers) as front:
                front.wait_ready(workers)
                self.assertEqual(json.loads(front.predict(1)[1])["OMP_NUM_THREADS"], str(max(1, cores // workers)))

    def test_the_user_knows_better(self):
        front = Front(TELLS)
        try:
            front.start(env={**os.environ, "OMP_NUM_THREADS": "7"}).wait_ready()
            self.assertEqual(json.loads(front.predict(1)[1])["OMP_NUM_THREADS"], "7")
        finally:
            front.end()

    def test_replaced_after_many_requests_without_a_failed_one(self):
        with Front(TWICE, max_requests=200) as front:
            front.wait_ready()
            with Load(front, 8) as load:
                self.assertTrue(within(60, lambda: len(set(re.findall(r"worker (\d+): ready", front.said()))) >= 4), front.said())
            self.assertEqual(set(load.counts), {200}, front.said())
            self.assertTrue(within(10, lambda: len(front.status()["workers"]) == 1))
            self.assertIn("--max-requests 200", front.said())

    def test_replaced_when_too_large(self):
        model = TWICE.replace("def predict_fn(data, model):", "kept = []\ndef predict_fn(data, model):\n    kept.append(bytearray(200000))")
        with Front(model, max_rss="64M") as front:
            front.wait_ready()
            with Load(front, 4) as load:
                self.assertTrue(within(60, lambda: len(set(re.findall(r"worker (\d+): ready", front.said()))) >= 3), front.said())
            self.assertEqual(set(load.counts), {200}, front.said())
            self.assertIn("--max-rss", front.said())

    def test_what_waits_too_long_is_refused_with_a_time_to_come_again(self):
        with Front(TELLS, queue=4, timeout="2s") as front:
            front.wait_ready()
            with Load(front, 16, "sleep") as load:
                time.sleep(1)
                for _ in range(20):
                    status, headers, body = front.ask("POST", "/invocations", {"instances": [["sleep"]]})
                    if status == 503:
                        break
                self.assertEqual(status, 503)
                self.assertRegex(body.decode(), r"the queue of v1 is full: \d+ requests wait, its limit \(--queue\) is 4")
                self.assertTrue(1 <= int(headers["Retry-After"]) <= 30)
                time.sleep(1)
            self.assertLessEqual(set(load.counts), {200, 503, 504}, load.counts)

    def test_hopeless_requests_are_refused_at_once(self):
        with Front(TELLS, timeout="60s") as front:
            front.wait_ready()
            for _ in range(25):  # experience
                front.predict("x")
            with Load(front, 8, "sleep"):
                time.sleep(3)
                status, headers, body = front.ask("POST", "/invocations", {"instances": [["sleep"]]}, {"X-Request-Timeout-Ms": "100"})
            self.assertEqual(status, 503, body)
            self.assertIn(b"its timeout (--timeout) leaves 100 ms", body)
            self.assertIn("Retry-After", headers)


class Lines(unittest.TestCase):
    def test_lines_name_their_request(self):
        with Front(TELLS) as front:
            front.wait_ready()
            status, body = front.predict("raise", {"X-Request-Id": "mine-1"})
            self.assertEqual((status, body), (500, b"RuntimeError: no such row"))
            for value in range(30):
                front.predict(value, {"X-Request-Id": f"id-{value}"})
            log = (front.endpoint / "log/server.log").read_text()
            self.assertIn("[mine-1] predicting raise", log)
            self.assertRegex(log, r"\[mine-1\] request \d+: Traceback")
            self.assertIn("[mine-1] RuntimeError: no such row", log)
            for value in range(30):
                self.assertIn(f"[id-{value}] predicting {value}", log)

    def test_tracebacks_for_those_who_debug(self):
        front = Front(TELLS)
        try:
            front.start("--debug").wait_ready()
            status, body = front.predict("raise")
            self.assertEqual(status, 500)
            self.assertIn(b"Traceback (most recent call last):", body)
            self.assertIn(b"inference.py", body)
        finally:
            front.end()

    def test_a_breakpoint_has_the_terminal(self):
        front = Front(TELLS.replace('if data[0][0] == "raise":', 'if data[0][0] == "stop":\n        breakpoint()\n    if data[0][0] == "raise":'), timeout="1s")
        try:
            front.start("--debug", stdin=subprocess.PIPE).wait_ready()
            answers, seen = [], b""
            asking = threading.Thread(target=lambda: answers.append(front.predict("stop")))
            asking.start()
            while b"(Pdb)" not in seen:
                seen += front.process.stdout.read1()
            time.sleep(1.5)  # longer than the endpoint's timeout: who thinks is not ended
            front.process.stdin.write(b"p 6 * 7\ncontinue\n")
            front.process.stdin.close()
            while b"42" not in seen:
                seen += front.process.stdout.read1()
            asking.join(60)
            self.assertEqual(answers[0][0], 200, answers)
        finally:
            front.end()


class Pressure(unittest.TestCase):
    def test_more_connections_than_the_limit(self):
        with Front(TWICE) as front:
            front.wait_ready()
            idle = front.rss()
            clients, statuses = [], collections.Counter()
            request = b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n" + b'{"instances": [[1]]}'
            try:
                for _ in range(1100):
                    clients.append(socket.create_connection(("127.0.0.1", front.port), timeout=30))
                for client in clients:
                    try:
                        client.sendall(request)
                        statuses[client.recv(12)[9:12].decode()] += 1
                    except OSError:
                        statuses["closed"] += 1
                self.assertEqual(statuses["200"], 1024, statuses)
                self.assertGreaterEqual(statuses["503"], 64 - 1, statuses)
                full = front.rss()
                self.assertLess(full, 64 << 20)
            finally:
                for client in clients:
                    client.close()
            self.assertTrue(within(10, lambda: front.predict(4)[0] == 200))
            print(f"front: {idle >> 10} KiB idle, {full >> 10} KiB with {len(clients)} clients", file=sys.stderr)

    def test_slow_clients_and_large_things(self):
        """Others are served meanwhile, and all of it is refused or given up."""
        head = b"POST /invocations HTTP/1.1\r\nHost: localhost\r\n"
        with Front(TWICE) as front:
            front.wait_ready()
            clients = []

            def send(data):
                client = socket.create_connection(("127.0.0.1", front.port), timeout=30)
                clients.append(client)
                try:
                    client.sendall(data)
                except OSError:
                    pass
                return client

            def status(client):
                try:
                    return client.recv(12)[9:12].decode()
                except OSError:
                    return "reset"

            try:
                slow = [send(head[:1 + i % len(head)]) for i in range(200)] + [send(head + b"Content-Length: 1000\r\n\r\nx") for _ in range(200)]
                slow += [send(head + b"Transfer-Encoding: chunked\r\n\r\n400\r\nabc") for _ in range(200)]
                cases = {
                    "head": (b"GET /ping HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 100000, "431"),
                    "endless line": (b"GET /" + b"x" * 1000000, "431"),
                    "fields": (b"GET /ping HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 500 + b"\r\n", "431"),
                    "length": (head + b"Content-Length: 99999999999\r\n\r\n", "413"),
                    "longer length": (head + b"Content-Length: " + b"9" * 500 + b"\r\n\r\n", "400"),
                    "chunk size": (head + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n", "413"),
                    "longer chunk size": (head + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 100, "413"),
                    "extensions": (head + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 200000, "413"),
                    "trailers": (head + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"A: b\r\n" * 50000, "413"),
                    "chunks": (head + b"Transfer-Encoding: chunked\r\n\r\n" + (b"100000\r\n" + b"x" * 0x100000 + b"\r\n") * 17, "413"),
                }
                for name, (data, wanted) in cases.items():
                    with self.subTest(name):
                        self.assertIn(status(send(data)), (wanted, "reset"), name)
                        self.assertEqual(front.predict(4)[0], 200)
                pipelined = send((head + b"Content-Length: 20\r\n\r\n" + b'{"instances": [[1]]}') * 2000)
                self.assertEqual(status(pipelined), "200")
                for value in range(100):
                    self.assertEqual(front.predict(value), (200, b'{"predictions": [%d]}' % (2 * value)))
                self.assertLess(front.rss(), 128 << 20)
                self.assertIsNone(front.process.poll())
                self.assertTrue(within(25, lambda: status(slow[0]) == "408"))  # a head has 10 s
            finally:
                for client in clients:
                    client.close()
            self.assertEqual(front.predict(4)[0], 200)

    def test_descriptors_come_back(self):
        with Front(TWICE, TWICE, watch="0s") as front:  # a version that loses its worker stays
            front.wait_ready()
            for _ in range(3):
                front.predict(1)
            self.assertTrue(within(10, lambda: front.status(1)["state"] == front.status(2)["state"] == "ready"))
            before = front.descriptors()
            for version in (2, 1, 2, 1):
                status, told = front.admin("POST", "/admin/deploy", {"version": version})
                self.assertIn(status, (200, 409), told)
                for _ in range(20):
                    self.assertEqual(front.predict(1)[0], 200)
            for pid in front.workers(1) + front.workers(2):
                os.kill(pid, signal.SIGKILL)
            front.wait_ready()
            self.assertTrue(within(15, lambda: front.descriptors() <= before), front.descriptors())


if __name__ == "__main__":
    if not TOOL.exists():
        sys.exit(77)
    unittest.main()
