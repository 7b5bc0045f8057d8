"""An endpoint's front for tests of protocols: one folder, one model, one process, with or without --as."""

import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(os.environ["NB_BUILD_DIR"])
TOOL = BUILD / "tool_front"
PATIENCE = 120  # seconds that a model may take to load on a busy machine


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """A front that serves one model directory; a context manager. `model` is a directory or the text of an inference.py."""

    def __init__(self, model, contract=None, python=sys.executable, timeout="60s", **environment):
        self.model, self.contract, self.python = model, contract, python
        self.timeout, self.environment = timeout, environment
        self.port = free_port()

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="nb-contracts-")
        self.root = pathlib.Path(self.folder.name)
        version = self.root / ".notebooked/endpoints/iris/versions/1"
        if isinstance(self.model, str):
            (version / "code").mkdir(parents=True)
            (version / "code/inference.py").write_text(self.model)
        else:
            shutil.copytree(self.model, version)
        options = ["--as", self.contract] if self.contract else []
        command = [str(TOOL), *options, str(self.root), "iris", str(self.port), self.python, "1", f"timeout={self.timeout}"]
        with open(self.root / "stderr", "wb") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env={**os.environ, **self.environment})
        try:
            assert self.process.stdout.readline() == b"started\n", self.said()
            self.wait_ready()
        except BaseException as error:
            self.__exit__(type(error))
            raise
        return self

    def __exit__(self, failed=None, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        said = self.said()
        self.folder.cleanup()
        assert failed or self.process.returncode == 0, said

    def said(self):
        """What it wrote to stderr."""
        return (self.root / "stderr").read_text(errors="replace")

    def local(self):
        """A connection over the Unix socket, where all paths are served."""
        folder = os.open(self.root / ".notebooked/endpoints/iris", os.O_PATH)
        connection = http.client.HTTPConnection("localhost", timeout=60)
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.sock.connect(f"/proc/self/fd/{folder}/server.sock")
        finally:
            os.close(folder)
        return connection

    def wait_ready(self):
        """Wait until the model answers."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            status, _, body = ask_on(self.local(), "GET", "/readyz")
            if status == 200:
                return
            assert json.loads(body)["reason"] != "failed", self.said()
            time.sleep(0.05)
        raise AssertionError(self.said())

    def connect(self):
        """A connection to its port."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method, path, body=None, headers=None):
        """One request on a connection of its own: (status, headers, body)."""
        return ask_on(self.connect(), method, path, body, headers)


def ask_on(connection, method, path, body=None, headers=None):
    """One request, after which the connection is closed. What is no text is sent as JSON."""
    try:
        data = body if body is None or isinstance(body, (str, bytes)) else json.dumps(body)
        connection.request(method, path, data.encode() if isinstance(data, str) else data, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()
