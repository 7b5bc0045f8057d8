"""A whole front with real workers: answers, versions, health, admin, failures. Models here are a few lines without any library."""

import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

TOOL = pathlib.Path(os.environ["NB_BUILD_DIR"]) / "tool_front"

MODEL = '''
import json, os, signal, time

def model_fn(model_dir):
    return FACTOR

def input_fn(body, content_type):
    return json.loads(body)["instances"]

def predict_fn(data, model):
    for row in data:
        if row[0] == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if row[0] == "sleep":
            time.sleep(60)
        if row[0] == "raise":
            raise RuntimeError("no such row")
    return [row[0] * model for row in data]

def output_fn(prediction, accept):
    return json.dumps({"predictions": prediction}), "application/json"
'''


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.path)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask_on(connection, method, path, body=None, headers=None):
    connection.request(method, path, body if body is None or isinstance(body, str) else json.dumps(body), headers or {})
    answer = connection.getresponse()
    return answer, answer.read()


class FrontTest(unittest.TestCase):
    def setUp(self):
        # a socket's path may have 107 bytes, a project's may be longer
        self.folder = tempfile.TemporaryDirectory(prefix="nb-front-" + "x" * 60)
        self.root = pathlib.Path(self.folder.name)
        self.endpoint = self.root / ".notebooked/endpoints/iris"
        self.port = free_port()
        self.front = None
        self.add_version(1, "2")
        self.add_version(2, "3")
        self.add_version(3, "1 / 0")

    def tearDown(self):
        if self.front and self.front.poll() is None:
            self.front.kill()
            self.front.wait()
        if self.front:
            self.front.stdout.close()
        self.folder.cleanup()

    def add_version(self, number, factor):
        code = self.endpoint / f"versions/{number}/code"
        code.mkdir(parents=True)
        (code / "inference.py").write_text(MODEL.replace("FACTOR", factor))

    def start(self, *versions):
        arguments = [str(TOOL), str(self.root), "iris", str(self.port), sys.executable, *map(str, versions)]
        log = open(self.root / "stderr", "ab")
        self.front = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=log)
        log.close()
        self.assertEqual(self.front.stdout.readline(), b"started\n", (self.root / "stderr").read_text())

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            return ask_on(connection, method, path, body, headers)
        finally:
            connection.close()

    def admin(self, method, path, body=None):
        folder = os.open(self.endpoint, os.O_PATH)
        connection = UnixConnection(f"/proc/self/fd/{folder}/server.sock")
        try:
            answer, text = ask_on(connection, method, path, body)
            return answer.status, json.loads(text)
        finally:
            connection.close()
            os.close(folder)

    def wait_ready(self):
        for _ in range(300):
            answer, _ = self.ask("GET", "/readyz")
            if answer.status == 200:
                return
            time.sleep(0.1)
        self.fail((self.root / "stderr").read_text())

    def predict(self, value, headers=None, path="/invocations"):
        answer, body = self.ask("POST", path, {"instances": [[value]]}, {"Content-Type": "application/json", **(headers or {})})
        return answer, body

    def test_it_answers(self):
        self.start(1)
        self.wait_ready()
        for path in ("/invocations", "/predict", "/endpoints/iris/predict", "/versions/1/predict"):
            answer, body = self.predict(4, {"X-Request-Id": "mine"}, path)
            self.assertEqual((answer.status, json.loads(body)), (200, {"predictions": [8]}), path)
            self.assertEqual(answer.headers["X-Request-Id"], "mine")
            self.assertEqual(answer.headers["X-Notebooked-Version"], "1")
        self.assertEqual(self.ask("GET", "/ping")[0].status, 200)
        self.assertEqual(self.ask("GET", "/livez")[0].status, 200)
        answer, _ = self.ask("GET", "/invocations")
        self.assertEqual((answer.status, answer.headers["Allow"]), (405, "POST"))
        self.assertEqual(self.ask("GET", "/nothing")[0].status, 404)
        self.assertEqual(self.ask("GET", "/admin/status")[0].status, 404)
        self.assertEqual(self.ask("GET", "/ping", headers={"Host": "evil.example"})[0].status, 403)
        self.assertEqual(self.predict(4, {"X-Notebooked-Version": "7"})[0].status, 404)
        self.admin("GET", "/admin/status")  # lines are written at the end of a turn of the loop, after the answers
        lines = [json.loads(line) for line in (self.endpoint / "log/access.log").read_text().splitlines()]
        self.assertEqual([line["status"] for line in lines], [200, 200, 200, 200, 405, 404, 404, 403, 404])
        self.assertEqual((lines[0]["path"], lines[0]["protocol"], lines[0]["request_id"]), ("/invocations", "sagemaker", "mine"))
        _, metrics = self.ask("GET", "/metrics")
        self.assertIn('notebooked_requests_total{endpoint="iris",version="1",protocol="sagemaker",code="200"} 1', metrics.decode())
        self.assertIn('notebooked_workers{endpoint="iris",version="1",state="ready"} 1', metrics.decode())

    def test_errors_are_answers(self):
        self.start(1)
        self.wait_ready()
        answer, body = self.predict("raise")
        self.assertEqual(answer.status, 500)
        self.assertNotIn(b"Traceback", body)
        answer, body = self.predict("die", path="/predict")
        self.assertEqual((answer.status, json.loads(body)["title"]), (502, "worker_died"))
        self.wait_ready()
        self.assertEqual(self.predict("die")[0].status, 422)
        self.wait_ready()
        self.assertEqual(self.predict("die")[0].status, 422)
        self.assertEqual(self.predict(1)[0].status, 200)
        began = time.monotonic()
        answer, body = self.predict("sleep")
        self.assertEqual(answer.status, 504)
        self.assertIn(b"2000 ms", body)
        self.assertLess(time.monotonic() - began, 30)

    def test_versions_swap_without_a_failed_request(self):
        self.start(1)
        self.wait_ready()
        statuses, stop = [], threading.Event()

        def load():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            while not stop.is_set():
                answer, _ = ask_on(connection, "POST", "/invocations", {"instances": [[1]]})
                statuses.append(answer.status)
            connection.close()

        clients = [threading.Thread(target=load) for _ in range(4)]
        for client in clients:
            client.start()
        try:
            for version in (2, 1, 2):
                status, told = self.admin("POST", "/admin/deploy", {"version": version})
                self.assertEqual(status, 200, told)
                self.assertEqual(json.loads(self.predict(1)[1]), {"predictions": [3 if version == 2 else 2]})
        finally:
            stop.set()
            for client in clients:
                client.join()
        self.assertEqual(set(statuses), {200})
        saved = json.loads((self.endpoint / "endpoint.json").read_text())
        self.assertIn("deployed v2", json.dumps(saved["history"]))

    def test_a_broken_version_changes_nothing(self):
        self.start(1)
        self.wait_ready()
        status, told = self.admin("POST", "/admin/deploy", {"version": 3})
        self.assertEqual(status, 422, told)
        self.assertIn("ZeroDivisionError", told["error"])
        self.assertIn("Traceback", told["tail"])
        self.assertEqual(self.admin("POST", "/admin/deploy", {"version": 9})[0], 404)
        self.assertEqual(self.admin("POST", "/admin/deploy", {"version": "x"})[0], 400)
        self.assertEqual(json.loads(self.predict(1)[1]), {"predictions": [2]})
        _, told = self.admin("GET", "/admin/status")
        self.assertEqual([v["version"] for v in told["versions"]], [1])
        self.assertTrue(told["ready"])

    def test_weights_keys_and_shadows(self):
        self.start(1, 2)
        self.wait_ready()
        for _ in range(100):
            if all(v["state"] == "ready" for v in self.admin("GET", "/admin/status")[1]["versions"]):
                break
            time.sleep(0.1)
        status, told = self.admin("POST", "/admin/traffic", {"weights": {"1": 90, "2": 10}})
        self.assertEqual(status, 200, told)
        got = [json.loads(self.predict(1)[1])["predictions"][0] for _ in range(100)]
        self.assertEqual((got.count(2), got.count(3)), (90, 10))
        keyed = {self.predict(1, {"X-Notebooked-Session": "me"})[0].headers["X-Notebooked-Version"] for _ in range(10)}
        self.assertEqual(len(keyed), 1)
        for name in ("X-Notebooked-Version", "azureml-model-deployment", "X-Amzn-SageMaker-Target-Variant"):
            self.assertEqual(json.loads(self.predict(1, {name: "v2"})[1]), {"predictions": [3]})
        status, told = self.admin("POST", "/admin/traffic", {"weights": {"1": 100}, "shadow": {"2": 100}})
        self.assertEqual(status, 200, told)
        for value in (0, 0, 1):  # 0 times anything is the same
            self.assertEqual(self.predict(value)[0].headers["X-Notebooked-Version"], "1")
        for _ in range(50):
            shadow = [v for v in self.admin("GET", "/admin/status")[1]["versions"] if v["version"] == 2][0]["figures"]
            if shadow["shadow_compared"] == 3:
                break
            time.sleep(0.1)
        self.assertEqual((shadow["shadow_compared"], shadow["shadow_disagreed"]), (3, 1))
        self.assertEqual(self.admin("POST", "/admin/retire", {"version": 1})[0], 409)

    def test_a_version_that_fails_is_rolled_back(self):
        self.add_version(4, "1")
        source = self.endpoint / "versions/4/code/inference.py"
        source.write_text(source.read_text().replace("    for row in data:", "    raise RuntimeError('always')\n    for row in data:"))
        self.start(1)
        self.wait_ready()
        self.assertEqual(self.admin("POST", "/admin/deploy", {"version": 4})[0], 200)
        for _ in range(600):
            answer, _ = self.predict(1)
            if answer.headers["X-Notebooked-Version"] == "1":
                break
            time.sleep(0.02)
        self.assertEqual(json.loads(self.predict(1)[1]), {"predictions": [2]})
        self.assertIn("rolled back from v4", (self.endpoint / "endpoint.json").read_text())

    def test_it_ends_well_and_resumes(self):
        self.start(1)
        self.wait_ready()
        workers = [w["pid"] for v in self.admin("GET", "/admin/status")[1]["versions"] for w in v["workers"]]
        self.assertEqual((self.endpoint / "server.sock").stat().st_mode & 0o777, 0o600)
        slow = []
        client = threading.Thread(target=lambda: slow.append(self.predict("sleep")[0].status))
        client.start()
        time.sleep(0.5)
        self.front.send_signal(signal.SIGTERM)
        client.join()
        self.assertEqual(slow, [504])  # what was there got its answer
        self.assertEqual(self.front.wait(timeout=60), 0, (self.root / "stderr").read_text())
        self.front.stdout.close()
        self.assertFalse(any(pathlib.Path(f"/proc/{pid}").exists() for pid in workers))
        self.start()
        self.wait_ready()
        self.assertEqual(json.loads(self.predict(1)[1]), {"predictions": [2]})

    def test_workers_do_not_outlive_the_front(self):
        self.start(1)
        self.wait_ready()
        workers = [w["pid"] for v in self.admin("GET", "/admin/status")[1]["versions"] for w in v["workers"]]
        self.front.kill()
        self.front.wait()
        for _ in range(100):
            if not any(pathlib.Path(f"/proc/{pid}").exists() for pid in workers):
                return
            time.sleep(0.1)
        self.fail("a worker lives on")


if __name__ == "__main__":
    if not TOOL.exists():
        sys.exit(77)
    unittest.main()
