"""MLflow: a real server of the newest release, the embedded default, and servers that are absent or sick.

Training must succeed in all of them. The sick servers are small ones of our own.
"""
import contextlib
import http.server
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.request

import harness
from harness import train_data

PLAIN = "global model\nmodel = len"


def setUpModule():
    global PYTHON
    PYTHON = harness.other_python()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers by a function (path) -> status or (status, object) or None for silence."""

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        self.server.seen.append(self.path.partition("?")[0])
        reply = self.server.reply(self.server.seen[-1])
        if reply is None:
            self.server.stop.wait(60)
            return
        status, value = reply if isinstance(reply, tuple) else (reply, {"error_code": "INTERNAL_ERROR", "message": "sick"})
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = answer

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def sick_server(reply):
    """A server that answers what `reply` says; yields its address and the list of paths asked for."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.reply, server.seen, server.stop = reply, [], threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", server.seen
    finally:
        server.stop.set()
        server.shutdown()
        server.server_close()


class Tracking(harness.Case):
    def setUp(self):
        super().setUp()
        self.python = PYTHON

    def plain(self, uri="http://127.0.0.1:9", training=PLAIN, imports="", **values):
        self.write(train_data(imports, training, "model", tracking=uri, metrics={"one": "1"}, packages=["pip"],
                              hyperparameters=[("rate", "float", 0.5, "a number")], **values))

    def warnings(self, done):
        return [line for line in done.stderr.splitlines() if line.startswith("warning:")]

    def one_warning(self, done, pattern):
        """The whole of stderr is one warning; the results are there."""
        self.assertRegex(done.stderr, rf"\Awarning: MLflow does not track this training: {pattern}[^\n]*\n\Z")
        self.assertEqual(self.results(), {"one": 1.0})
        self.assertTrue((self.model / "notebooked.json").exists())


class Absent(Tracking):
    def test_not_installed(self):
        self.plain()
        self.one_warning(self.train(python=harness.DEBIAN_PYTHON), "mlflow is not installed or cannot be imported")

    def test_broken(self):
        self.plain()
        (self.folder / "broken").mkdir()
        (self.folder / "broken/mlflow.py").write_text("raise TypeError('descriptors cannot be created')\n")
        done = self.train(python=harness.DEBIAN_PYTHON, PYTHONPATH=str(self.folder / "broken"))
        self.one_warning(done, "mlflow is not installed or cannot be imported")

    def test_switched_off(self):
        self.plain("sqlite:///mlflow.db")
        for value in ("off", "OFF", "0", "false"):
            done = self.train(NOTEBOOKED_TRACKING=value)
            self.assertEqual(done.stderr, "")
        self.assertEqual(list(self.work.iterdir()), [])

    def test_without_an_address_there_is_no_tracking_code(self):
        self.write(train_data("", PLAIN, "model", tracking=""))
        self.assertNotIn("mlflow", (self.scripts / "train.py").read_text())

    def test_dead_port(self):
        self.plain(f"http://127.0.0.1:{free_port()}")
        self.one_warning(self.train(), "")

    def test_unknown_host(self):
        self.plain("http://tracking.invalid:5000")
        self.one_warning(self.train(), "")

    def test_server_that_answers_500(self):
        with sick_server(lambda path: 500) as (uri, seen):
            self.plain(uri)
            self.one_warning(self.train(), "")
        self.assertLessEqual(len(seen), 2)

    def test_login_page(self):
        with sick_server(lambda path: (200, "<html>")) as (uri, seen):
            self.plain(uri)
            self.one_warning(self.train(), "")

    def test_forbidden(self):
        with sick_server(lambda path: (403, {})) as (uri, seen):
            self.plain(uri)
            self.one_warning(self.train(), "")

    def test_server_that_hangs(self):
        with sick_server(lambda path: None) as (uri, seen):
            self.plain(uri)
            self.one_warning(self.train(), "no answer within 2 seconds")
        self.assertEqual(len(seen), 1)

    def test_server_that_dies_during_training(self):
        """The run could be opened; what comes afterwards is refused."""
        experiment = {"experiment": {"experiment_id": "1", "name": "iris", "artifact_location": "mlflow-artifacts:/1",
                                     "lifecycle_stage": "active"}}
        run = {"run": {"info": {"run_id": "ab" * 16, "run_uuid": "ab" * 16, "experiment_id": "1", "status": "RUNNING",
                                "artifact_uri": "mlflow-artifacts:/1/a", "lifecycle_stage": "active", "start_time": 1}, "data": {}}}

        def reply(path):
            if path.endswith(("/experiments/get-by-name", "/experiments/get")):
                return 200, experiment
            return (200, run) if path.endswith("/runs/create") else 400

        own_calls = "global model\nmodel = len\nmlflow.log_metric('loss', 0.5)\n"
        for values in ({}, {"training": own_calls, "imports": "import mlflow\n", "uses_mlflow": True}):
            with sick_server(reply) as (uri, seen):
                self.plain(uri, **values)
                done = self.train()
            self.assertEqual(len(self.warnings(done)), 1, done.stderr)
            self.assertIn("/api/2.0/mlflow/runs/create", seen)
            self.assertEqual(self.results(), {"one": 1.0})

    def test_the_notebooks_own_calls_do_not_fail(self):
        training = "global model\nmodel = len\nmlflow.log_metric('loss', 0.5)\n"
        self.plain(f"http://127.0.0.1:{free_port()}", training, "import mlflow\n", uses_mlflow=True)
        done = self.train()
        self.assertEqual(len(self.warnings(done)), 1, done.stderr)
        self.assertTrue((self.work / "mlflow.db").exists())

    def test_the_notebooks_own_runs_do_not_fail(self):
        training = "global model\nmodel = len\nwith mlflow.start_run():\n    mlflow.log_metric('loss', 0.5)\n"
        self.plain(f"http://127.0.0.1:{free_port()}", training, "import mlflow\n", uses_mlflow=True, own_mlflow=True)
        done = self.train()
        self.assertEqual(len(self.warnings(done)), 1, done.stderr)


SKLEARN = """
global X, y, model
X, y = load_iris(return_X_y=True, as_frame=True)
X["whole"] = range(len(X))
model = make_pipeline(FunctionTransformer(own), LogisticRegression(max_iter=RATE)).fit(X, y)
"""
IMPORTS = """from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
"""


class Present(Tracking):
    """The embedded default and a real server answer the same questions: through `ask`, MLflow's own client."""

    @classmethod
    def setUpClass(cls):
        """An empty store, made once: MLflow takes its time to make one."""
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.store = os.path.join(folder.name, "mlflow.db")
        code = "import mlflow, sys\nmlflow.set_tracking_uri('sqlite:///' + sys.argv[1])\nmlflow.search_experiments()\n"
        harness.run(PYTHON, "-c", code, cls.store, cwd=folder.name)

    def setUp(self):
        super().setUp()
        for name in ("work/mlflow.db", "other.db"):
            shutil.copy(self.store, self.folder / name)

    def sklearn(self, uri, training=SKLEARN, **values):
        self.write(train_data(IMPORTS, training, "model", tracking=uri, frameworks=["sklearn"], input_example="X",
                              metrics={"accuracy": "model.score(X, y)", "many": "[1, 2]"}, packages=["scikit-learn", "pandas"],
                              hyperparameters=[("rate", "int", 50, "a number"), ("layers", "json", [1, {"a": 2}], "x")],
                              utils="def own(frame):\n    return frame", **values))

    def ask(self, uri, code, cwd=None, **environment):
        before = "import json, mlflow, sys\nclient = mlflow.MlflowClient()\n" \
                 "runs = lambda name: client.search_runs([client.get_experiment_by_name(name).experiment_id])\n"
        done = harness.run(PYTHON, "-c", before + code, cwd=cwd or self.folder,
                           env=harness.clean_environment(MLFLOW_TRACKING_URI=uri, **environment))
        return json.loads(done.stdout.strip().splitlines()[-1])

    def runs(self, database, name="iris"):
        """The runs of an experiment, newest last, from the store's tables: quicker than MLflow's client."""
        with contextlib.closing(sqlite3.connect(database)) as store:
            rows = lambda sql, *values: store.execute(sql, values).fetchall()
            found = rows(
                "SELECT r.run_uuid, r.status, r.name FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id "
                "WHERE e.name = ? ORDER BY r.start_time", name)
            return [{"id": run, "status": status, "name": run_name, **{
                table: dict(rows(f"SELECT key, value FROM {table} WHERE run_uuid = ?", run)) for table in ("params", "metrics", "tags")}}
                for run, status, run_name in found]

    def experiments(self, database):
        with contextlib.closing(sqlite3.connect(database)) as store:
            return sorted(name for name, in store.execute("SELECT name FROM experiments"))

    RUN = """
run, = runs("iris")
model, = client.search_logged_models([run.info.experiment_id])
loaded = mlflow.models.get_model_info(model.model_uri)
print(json.dumps({"status": run.info.status, "params": run.data.params, "metrics": run.data.metrics,
                  "tags": {k: v for k, v in run.data.tags.items() if "notebooked" in k or "git.commit" in k},
                  "inputs": [str(c.type) + c.name for c in loaded.signature.inputs],
                  "outputs": len(loaded.signature.outputs.inputs), "example": bool(loaded.saved_input_example_info),
                  "artifacts": model.artifact_location, "flavors": sorted(loaded.flavors)}))
"""

    def check_run(self, uri):
        got = self.ask(uri, self.RUN)
        artifacts = got.pop("artifacts")
        self.assertGreater(got["metrics"].pop("accuracy"), 0.9)
        self.assertEqual(got, {
            "status": "FINISHED", "params": {"rate": "70", "layers": "[1, {'a': 2}]"}, "metrics": {"many.0": 1.0, "many.1": 2.0},
            "tags": {"notebooked.experiment": "iris", "notebooked.notebook": "notebooks/iris.ipynb",
                     "notebooked.notebook_sha256": "ab" * 32, "mlflow.source.git.commit": "c0ffee"},
            "inputs": ["DataType.double" + name for name in ("sepal length (cm)", "sepal width (cm)", "petal length (cm)",
                                                             "petal width (cm)", "whole")],
            "outputs": 1, "example": True, "flavors": ["python_function", "sklearn"]})
        return artifacts

    def test_embedded_default(self):
        self.sklearn("sqlite:///mlflow.db")
        (self.work / "mlflow.db").unlink()
        done = self.train("--rate=70", NOTEBOOKED_GIT_COMMIT="c0ffee")
        self.assertEqual(self.warnings(done), [])
        artifacts = self.check_run(f"sqlite:///{self.work}/mlflow.db")
        self.assertTrue(artifacts.startswith(str(self.work / "mlartifacts")), artifacts)
        self.assertEqual(sorted(path.name for path in self.work.iterdir()), ["mlartifacts", "mlflow.db"])

    def test_failure_marks_the_run(self):
        self.plain("sqlite:///mlflow.db", "global model\nmodel = 1 / 0\n")
        done = self.train(code=1)
        self.assertTrue(done.stderr.endswith("ZeroDivisionError: division by zero\n"))
        run, = self.runs(self.work / "mlflow.db")
        self.assertEqual((run["status"], run["tags"]["notebooked.error"]), ("FAILED", "ZeroDivisionError: division by zero"))

    def test_signals_mark_the_run(self):
        self.plain("sqlite:///mlflow.db", "global model\nimport time\nprint('started', flush=True)\ntime.sleep(60)\nmodel = len\n")
        for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, -signal.SIGINT)):
            process = subprocess.Popen([PYTHON, self.scripts / "train.py", "--model-dir", self.model], cwd=self.work, text=True,
                                       env=harness.clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            while process.stdout.readline() not in ("started\n", ""):
                pass
            process.send_signal(number)
            process.communicate(timeout=60)
            self.assertEqual(process.returncode, code)
        self.assertEqual([run["status"] for run in self.runs(self.work / "mlflow.db")], ["KILLED", "KILLED"])

    def test_exit_of_the_notebook(self):
        """sys.exit(main()) ends training, not what follows; another status is a failure."""
        for status, code, want in (("None", 0, "FINISHED"), ("0", 0, "FINISHED"), ("3", 3, "FAILED")):
            self.plain("sqlite:///mlflow.db", f"global model\nmodel = len\nraise SystemExit({status})\n", calls_exit=True)
            self.train(code=code)
            self.assertEqual(self.runs(self.work / "mlflow.db")[-1]["status"], want)

    def test_variables_win(self):
        self.plain("sqlite:///mlflow.db")
        other = f"sqlite:///{self.folder}/other.db"
        self.train(MLFLOW_TRACKING_URI=other, MLFLOW_EXPERIMENT_NAME="mine")
        self.assertEqual(len(self.runs(self.folder / "other.db", "mine")), 1)
        number = self.ask(other, "print(json.dumps(client.create_experiment('by id')))")
        self.train(MLFLOW_TRACKING_URI=other, MLFLOW_EXPERIMENT_ID=number)
        self.assertEqual(len(self.runs(self.folder / "other.db", "by id")), 1)
        self.assertEqual(self.experiments(self.folder / "other.db"), ["Default", "by id", "mine"])
        self.assertEqual(self.experiments(self.work / "mlflow.db"), ["Default"])

    def test_inside_a_run_of_somebody_else(self):
        """What Azure ML and notebooked's own launcher do: nothing but that run is touched."""
        self.plain("sqlite:///mlflow.db")
        other = f"sqlite:///{self.folder}/other.db"
        run = self.ask(other, "e = client.create_experiment('theirs')\nprint(json.dumps(client.create_run(e).info.run_id))")
        done = self.train("--rate=2", MLFLOW_TRACKING_URI=other, MLFLOW_RUN_ID=run)
        self.assertEqual(self.warnings(done), [])
        got, = self.runs(self.folder / "other.db", "theirs")
        self.assertEqual((got["id"], got["status"], got["params"], got["metrics"]), (run, "FINISHED", {"rate": "2.0"}, {"one": 1.0}))
        self.assertEqual(self.experiments(self.folder / "other.db"), ["Default", "theirs"])
        self.assertEqual(self.experiments(self.work / "mlflow.db"), ["Default"])

    def test_a_run_that_does_not_exist(self):
        self.plain("sqlite:///mlflow.db")
        done = self.train(MLFLOW_TRACKING_URI=f"sqlite:///{self.folder}/other.db", MLFLOW_RUN_ID="0" * 32)
        self.assertEqual(len(self.warnings(done)), 1, done.stderr)
        self.assertEqual(self.results(), {"one": 1.0})

    def test_runs_of_the_notebook(self):
        training = "global model\nmodel = len\nwith mlflow.start_run(run_name='own'):\n    mlflow.log_metric('loss', 0.5)\n"
        self.plain("sqlite:///mlflow.db", training, "import mlflow\n", uses_mlflow=True, own_mlflow=True)
        self.assertEqual(self.warnings(self.train()), [])
        run, = self.runs(self.work / "mlflow.db")
        self.assertEqual((run["name"], run["metrics"], run["params"]), ("own", {"loss": 0.5}, {}))

    def test_models_without_a_flavor_are_artifacts(self):
        self.plain("sqlite:///mlflow.db")
        self.assertEqual(self.warnings(self.train()), [])
        run, = self.runs(self.work / "mlflow.db")
        folder = self.work / "mlartifacts" / run["id"] / "artifacts/model"
        self.assertEqual(sorted(path.name for path in folder.iterdir()),
                         ["code", "metrics.json", "model.pkl", "notebooked.json", "params.json"])

    def test_other_flavors(self):
        rows = "global X, y, model\nX = np.arange(40.0).reshape(20, 2)\ny = X.sum(axis=1)\n"
        table = [
            ("lightgbm", "import lightgbm as lgb\nimport numpy as np\n", ["lightgbm"], rows +
             "model = lgb.train({'verbose': -1}, lgb.Dataset(X, y), 2)\n"),
            ("catboost", "import numpy as np\nfrom catboost import CatBoostRegressor\n", ["catboost"], rows +
             "model = CatBoostRegressor(iterations=2, verbose=False, allow_writing_files=False).fit(X, y)\n"),
            ("tensorflow", "import numpy as np\nfrom tensorflow import keras\n", ["keras", "tensorflow"], rows +
             "model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])\n"),
        ]
        for flavor, imports, frameworks, training in table:
            with self.subTest(flavor):
                self.write(train_data(imports, training, "model", tracking="sqlite:///mlflow.db", frameworks=frameworks,
                                      input_example="X", packages=["numpy", frameworks[-1]]))
                self.assertEqual(self.warnings(self.train(MLFLOW_EXPERIMENT_NAME=flavor)), [])
                got = self.ask(f"sqlite:///{self.work}/mlflow.db", f"r = runs('{flavor}')[0]\n"
                               "m, = client.search_logged_models([r.info.experiment_id])\n"
                               "i = mlflow.models.get_model_info(m.model_uri)\nprint(json.dumps([sorted(i.flavors), bool(i.signature)]))")
                self.assertEqual(got, [["python_function", flavor] if flavor > "python" else [flavor, "python_function"], True])

    def test_real_server(self):
        uri = self.start_server()
        (self.work / "mlflow.db").unlink()
        self.sklearn(uri)
        done = self.train("--rate=70", NOTEBOOKED_GIT_COMMIT="c0ffee")
        self.assertEqual(self.warnings(done), [])
        self.check_run(uri)
        self.assertEqual(list(self.work.iterdir()), [])
        self.plain(uri, "global model\nmodel = 1 / 0\n")
        self.train(code=1)
        self.assertEqual([run["status"] for run in self.runs(self.folder / "server/mlflow.db")], ["FINISHED", "FAILED"])

    def start_server(self):
        """A real `mlflow server` in a folder of its own; ends with the test."""
        port = free_port()
        folder = self.folder / "server"
        folder.mkdir()
        shutil.copy(self.store, folder / "mlflow.db")
        command = [PYTHON, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
                   "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "artifacts")]
        log = open(folder / "log", "w")
        self.addCleanup(log.close)
        process = subprocess.Popen(command, cwd=folder, env=harness.clean_environment(), stdout=log, stderr=log,
                                   start_new_session=True)
        self.addCleanup(process.wait)
        self.addCleanup(os.killpg, process.pid, signal.SIGTERM)
        uri = f"http://127.0.0.1:{port}"
        for _ in range(600):
            with contextlib.suppress(OSError):
                with urllib.request.urlopen(uri + "/health", timeout=1) as reply:
                    if reply.status == 200:
                        return uri
            if process.poll() is not None:
                break
            time.sleep(0.2)
        self.fail((folder / "log").read_text()[-3000:])


if __name__ == "__main__":
    harness.main()
