"""A front with a model of a few lines, for tests that look at it as a client does."""

import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

TOOL = pathlib.Path(os.environ["NB_BUILD_DIR"]) / "tool_front"

# Adds up each row, by column where it has names; says what it got when a row begins with "echo".
MODEL = '''
import json

class BadInput(ValueError):
    pass

def model_fn(model_dir):
    return 1

def input_fn(body, content_type):
    try:
        document = json.loads(body)
        if isinstance(document, list):
            return document
        if "dataframe_split" in document:
            table = document["dataframe_split"]
            return [dict(zip(table["columns"], row)) for row in table["data"]]
        for key in ("instances", "inputs", "dataframe_records"):
            if key in document:
                return document[key]
    except (KeyError, TypeError) as error:
        raise BadInput(str(error))
    raise BadInput("there are no instances")

def predict_fn(data, model):
    if not isinstance(data, list):
        raise BadInput("rows must be an array")
    if data and data[0] == ["echo"]:
        return ["echo"]
    return [total(row) for row in data]

def total(row):
    values = list(row.values()) if isinstance(row, dict) else row if isinstance(row, list) else [row]
    if not all(isinstance(value, (int, float)) for value in values):
        raise BadInput("values must be numbers")
    return sum(values)

def output_fn(prediction, accept):
    return json.dumps({"predictions": prediction}), "application/json"
'''

DETAILS = {"framework": "sklearn", "input": {"n_features": 4, "dtype": "float64", "shape": [4]}}
EXAMPLE = {"instances": [[5.1, 3.5, 1.4, 0.2], [6.2, 2.9, 4.3, 1.3]]}


def free_port():
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ModelFrontTest(unittest.TestCase):
    """One front for all tests of a class, with versions 1 and 2."""

    model, details, example = MODEL, DETAILS, EXAMPLE
    versions = (1, 2)
    only = None  # the contract of --as
    token = None  # where it is wanted, ask() has it

    @classmethod
    def settings(cls):
        """Return the settings of the endpoint, as tool_front takes them."""
        if not cls.token:
            return []
        path = cls.root / "token"
        path.write_text(cls.token + "\n")
        path.chmod(0o600)
        return [f"token_file={path}"]

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="nb-oip-")
        cls.root = pathlib.Path(cls.folder.name)
        for version in cls.versions:
            cls.write_version(version)
        cls.port = free_port()
        cls.url = f"http://127.0.0.1:{cls.port}"
        switches = ["--as", cls.only] if cls.only else []
        arguments = [str(TOOL), *switches, str(cls.root), "iris", str(cls.port), sys.executable, *map(str, cls.versions), *cls.settings()]
        with open(cls.root / "stderr", "ab") as log:
            cls.front = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=log)
        cls.addClassCleanup(cls.stop)
        if cls.front.stdout.readline() != b"started\n":
            raise RuntimeError((cls.root / "stderr").read_text())
        cls.wait_ready()

    @classmethod
    def write_version(cls, version):
        """Write the model directory of a version."""
        folder = cls.root / f".notebooked/endpoints/iris/versions/{version}"
        (folder / "code").mkdir(parents=True)
        (folder / "code/inference.py").write_text(cls.model)
        (folder / "notebooked.json").write_text(json.dumps(cls.details))
        if cls.example:
            (folder / "input_example.json").write_text(json.dumps(cls.example))

    @classmethod
    def stop(cls):
        """End the front."""
        cls.front.send_signal(signal.SIGTERM)
        try:
            cls.front.wait(20)
        except subprocess.TimeoutExpired:
            cls.front.kill()
            cls.front.wait()
        cls.front.stdout.close()
        told = (cls.root / "stderr").read_text()
        cls.folder.cleanup()
        if cls.front.returncode != 0:
            raise RuntimeError(f"the front ended with {cls.front.returncode}: {told[-4000:]}")

    @classmethod
    def wait_ready(cls):
        """Wait until all versions are ready."""
        for _ in range(300):
            if all(cls.ask("GET", path)[0].status == 200 for path in cls.ready_paths()):
                return
            time.sleep(0.1)
        raise RuntimeError((cls.root / "stderr").read_text())

    @classmethod
    def ready_paths(cls):
        """Return paths that are 200 once all versions are ready."""
        return [f"/v2/models/iris/versions/{version}/ready" for version in cls.versions]

    @classmethod
    def ask(cls, method, path, body=None, headers=None):
        """Return the answer to a request, and its body."""
        connection = http.client.HTTPConnection("127.0.0.1", cls.port, timeout=30)
        try:
            if body is not None and not isinstance(body, (bytes, str)):
                body = json.dumps(body)
            known = {"Authorization": f"Bearer {cls.token}"} if cls.token else {}
            connection.request(method, path, body, {**known, **(headers or {})})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()
