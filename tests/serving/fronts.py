"""A front process for tests: an endpoint in a folder of its own, models of a few lines, clients, and no process left afterwards."""

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

TOOL = pathlib.Path(os.environ["NB_BUILD_DIR"]) / "tool_front"

TWICE = '''
import json

def model_fn(model_dir):
    return 2

def input_fn(body, content_type):
    return json.loads(body)["instances"]

def predict_fn(data, model):
    return [row[0] * model for row in data]

def output_fn(prediction, accept):
    return json.dumps({"predictions": prediction}), "application/json"
'''


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_alive(pid):
    """Whether this process runs (a zombie does not)."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children(pid):
    """The processes below this one, zombies too: (pid, state, name)."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            head, _, rest = (entry / "stat").read_text().rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, parent = rest.split()[:2]
        if int(parent) == pid:
            found.append((int(entry.name), state, head.partition("(")[2]))
    return found


def within(seconds, condition):
    """Wait until the condition holds; its value, or the last false one."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return value


class Crowd:
    """Clients, each in a thread of its own, from `with` to its end: run(NUMBER) of a subclass asks until `stop` is set."""

    def __init__(self, front, count):
        self.front, self.stop = front, threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(number,)) for number in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket, whose path may be longer than an address has room for."""

    def __init__(self, folder, timeout=60):
        super().__init__("localhost", timeout=timeout)
        self.folder = folder

    def connect(self):
        folder = os.open(self.folder, os.O_PATH)
        try:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(self.timeout)
            self.sock.connect(f"/proc/self/fd/{folder}/server.sock")
        finally:
            os.close(folder)


class Front:
    """tool_front on an endpoint of one or more versions; a context manager."""

    def __init__(self, model=TWICE, *more, tool=TOOL, **settings):
        self.folder = tempfile.TemporaryDirectory(prefix="nb-front-")
        self.root = pathlib.Path(self.folder.name)
        self.endpoint = self.root / ".notebooked/endpoints/iris"
        self.port = free_port()
        self.tool = tool
        self.versions, self.settings = [], settings
        self.process, self.seen = None, set()
        for source in (model, *more):
            self.add_version(source)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.end()

    def add_version(self, source):
        """Write a version's script. Returns: its number."""
        self.versions.append(len(self.versions) + 1)
        code = self.endpoint / f"versions/{self.versions[-1]}/code"
        code.mkdir(parents=True)
        (code / "inference.py").write_text(source)
        return self.versions[-1]

    def start(self, *options, wrapper=(), python=sys.executable, **popen):
        """Start the process, and wait until it listens."""
        settings = [f"{name}={value}" for name, value in self.settings.items()]
        arguments = [*wrapper, str(self.tool), *options, str(self.root), "iris", str(self.port), python, *map(str, self.versions), *settings]
        with open(self.root / "stderr", "ab") as log:
            self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=log, **popen)
        line = self.process.stdout.readline()
        assert line == b"started\n", self.said()
        return self

    def end(self):
        """End it, however it is, and see to it that nothing of it lives on."""
        if self.process and self.process.poll() is None:
            self.note_processes()
            self.process.kill()
        if self.process:
            self.process.wait()
            self.process.stdout.close()
        left = within(10, lambda: not any(map(is_alive, self.seen)))
        alive = [pid for pid in self.seen if is_alive(pid)]
        for pid in alive:
            os.kill(pid, signal.SIGKILL)
        self.folder.cleanup()
        assert left, f"processes outlived the front: {alive}"

    def note_processes(self):
        """Remember what runs below the front."""
        todo = [self.process.pid]
        while todo:
            below = [pid for pid, state, _ in children(todo.pop()) if state != "Z"]
            todo += below
            self.seen.update(below)

    def said(self):
        """What it wrote to stderr."""
        return (self.root / "stderr").read_text(errors="replace")

    # clients

    def connect(self, timeout=60):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method, path, body=None, headers=None, timeout=60):
        """One request on a connection of its own: (status, headers, body)."""
        connection = self.connect(timeout)
        try:
            return ask_on(connection, method, path, body, headers)
        finally:
            connection.close()

    def predict(self, value, headers=None, path="/invocations", timeout=60):
        """The status and the answer to one row of one value."""
        status, _, body = self.ask("POST", path, {"instances": [[value]]}, {"Content-Type": "application/json", **(headers or {})}, timeout)
        return status, body

    def admin(self, method, path, body=None, timeout=60):
        """The status and the document of the admin's answer."""
        connection = UnixConnection(self.endpoint, timeout)
        try:
            status, _, text = ask_on(connection, method, path, body)
            return status, json.loads(text)
        finally:
            connection.close()

    def status(self, version=1):
        """What the admin says of a version."""
        told = self.admin("GET", "/admin/status")[1]["versions"]
        return next((v for v in told if v["version"] == version), None)

    def workers(self, version=1):
        """The processes of a version that are ready or busy."""
        told = self.status(version)
        return [w["pid"] for w in told["workers"] if w["state"] in ("ready", "busy")] if told else []

    def wait_ready(self, count=1, seconds=60, version=1):
        """Wait until so many workers are ready."""
        assert within(seconds, lambda: len(self.workers(version)) >= count), self.said()
        self.note_processes()
        return self

    def wait_state(self, state, seconds=60, version=1):
        """Wait until a version is in this state. Returns: what the admin says of it."""
        assert within(seconds, lambda: self.status(version)["state"] == state), (self.status(version), self.said()[-5000:])
        return self.status(version)

    def rss(self):
        """Resident bytes of the front."""
        pages = pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGESIZE")

    def descriptors(self):
        """How many descriptors the front has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def ask_on(connection, method, path, body=None, headers=None):
    """One request on this connection: (status, headers, body)."""
    text = body if body is None or isinstance(body, (str, bytes)) else json.dumps(body)
    connection.request(method, path, text, headers or {})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()
