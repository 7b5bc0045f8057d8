"""A project whose models are a few lines, served by the real commands; no process left afterwards."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "serving"))

import fronts  # noqa: E402

BINARY = os.environ.get("NB_BINARY") or pathlib.Path(os.environ["NB_BUILD_DIR"]) / "notebooked"
NOTEBOOK = {"cells": [{"cell_type": "code", "metadata": {"tags": ["train"]}, "source": ["model = 2\n"], "outputs": [], "execution_count": None}],
            "metadata": {}, "nbformat": 4, "nbformat_minor": 4}


class Project:
    """A project with the experiment iris and its endpoint; end() deletes it with whatever of it runs."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="nb-served-")
        self.root = pathlib.Path(self.folder.name, "project")
        self.root.mkdir()
        self.models, self.seen = 0, set()
        (self.root / "config.yaml").write_text("experiments:\n  - name: iris\n    notebook: iris.ipynb\n")
        (self.root / "iris.ipynb").write_text(json.dumps(NOTEBOOK))
        self.port = fronts.free_port()

    @property
    def endpoint(self):
        return self.root / ".notebooked/endpoints/iris"

    def try_to(self, *words):
        return subprocess.run([BINARY, "-C", self.root, *words], capture_output=True, text=True, timeout=120, check=False)

    def run(self, *words, status=0):
        """What the command writes to stdout; to stderr when it is to fail."""
        done = self.try_to(*words)
        assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout if status == 0 else done.stderr

    def json(self, *words):
        return json.loads(self.run(*words, "--format", "json"))

    def show(self):
        shown = self.json("endpoints", "show", "iris")["endpoint"]
        self.note_processes(shown)
        return shown

    def note_processes(self, shown):
        self.seen |= {worker["pid"] for version in (shown["status"] or {}).get("versions", []) for worker in version["workers"]} - {0}
        self.seen |= {shown["pid"]} - {None}

    def deploy(self, model, *options, status=0):
        """The model as the next one of the experiment, served."""
        self.models += 1
        code = self.root / f"models/iris/{self.models}/code"
        code.mkdir(parents=True)
        (code / "inference.py").write_text(model + f"# {self.models}\n")
        return self.run("deploy", "iris", "--model-uri", f"models/iris/{self.models}", "--trust", "--no-check", "--python", sys.executable,
                        "--port", str(self.port), *options, status=status)

    def predict(self, value=1, headers=None):
        """The status, the version that answered, the prediction."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            status, told, body = fronts.ask_on(connection, "POST", "/invocations", {"instances": [[value]]},
                                               {"Content-Type": "application/json", **(headers or {})})
            return status, told["X-Notebooked-Version"], json.loads(body) if status == 200 else body
        finally:
            connection.close()

    def wait_ready(self):
        assert fronts.within(60, lambda: self.show()["state"] == "ready"), self.log()
        return self.show()

    def log(self):
        return (self.endpoint / "log/server.log").read_text(errors="replace")[-5000:]

    def move(self):
        """To another folder."""
        to = pathlib.Path(self.folder.name, "moved elsewhere")
        shutil.move(self.root, to)
        self.root = to

    def end(self):
        if (self.endpoint / "endpoint.json").exists():
            subprocess.run([BINARY, "-C", self.root, "delete-endpoint", "iris"], capture_output=True, timeout=120, check=False)
        left = fronts.within(10, lambda: not any(map(fronts.is_alive, self.seen)))
        alive = [pid for pid in self.seen if fronts.is_alive(pid)]
        for pid in alive:
            os.kill(pid, signal.SIGKILL)
        self.folder.cleanup()
        assert left, f"processes outlived the endpoint: {alive}"
