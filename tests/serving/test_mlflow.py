"""The mlflow client of PyPI against our endpoint: a model of a script, and one that MLflow wrote."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from contracts import TOOL, Served

PYTHON = os.environ.get("NB_TEST_PYTHON", "")

# Asks PORT as MLflow's own tools do, and prints what came back as JSON.
CLIENT = """
import json, sys
import pandas
from mlflow.deployments import get_deploy_client
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

client = ScoringServerClient("127.0.0.1", int(sys.argv[1]))
client.wait_server_ready(timeout=60)
frame = pandas.DataFrame({"a": [1.5, 2.5], "b": [1, 2]})
got = {"version": client.get_version()}
for name, data in (("frame", frame), ("array", frame.to_numpy()), ("list", [[1.5, 1], [2.5, 2]]),
                   ("records", '{"dataframe_records": [{"a": 1.5, "b": 1}, {"a": 2.5, "b": 2}]}')):
    got[name] = client.invoke(data).get_predictions("ndarray").tolist()
deployments = get_deploy_client(f"http://127.0.0.1:{sys.argv[1]}")
got["deployments"] = deployments.predict(endpoint="iris", inputs={"instances": [[1.5, 1], [2.5, 2]]})["predictions"]
got["table"] = client.invoke(frame).get_predictions().to_dict("list")
got["params"] = client.invoke(frame, params={"add": 100}).get_predictions("ndarray").tolist()
try:
    client.invoke("no table")
except Exception as error:
    got["error"] = str(error)
print(json.dumps(got))
"""

SCRIPT = """
import json

class BadInput(ValueError):
    pass

def model_fn(model_dir):
    return 2

def predict_fn(data, model):
    if getattr(data, "ndim", 0) != 2:
        raise BadInput("no table")
    rows = data.to_numpy() if hasattr(data, "columns") else data
    return (rows.sum(axis=1) * model).tolist()
"""

# A model of MLflow with a signature and parameters.
SAVE = """
import sys
import mlflow.pyfunc, pandas
from mlflow.models import infer_signature

class Model(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input.sum(axis=1) * 2 + (params or {}).get("add", 0)

example = pandas.DataFrame({"a": [1.5], "b": [1.0]})
mlflow.pyfunc.save_model(sys.argv[1], python_model=Model(), signature=infer_signature(example, [5.0], params={"add": 0}))
"""


def run(code, *arguments):
    """Run code in the tests' environment. Returns: what it printed."""
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "GIT_PYTHON_REFRESH": "quiet"}
    done = subprocess.run([PYTHON, "-W", "ignore", "-c", code, *map(str, arguments)], capture_output=True, text=True, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


class MlflowClient(unittest.TestCase):
    def check(self, served, parameters):
        got = json.loads(run(CLIENT, served.port).splitlines()[-1])
        self.assertEqual([got[name] for name in ("frame", "array", "list", "records", "deployments")], [[5.0, 9.0]] * 5)
        self.assertEqual(got["table"], {"0": [5.0, 9.0]})
        self.assertEqual(got["params"], parameters)
        self.assertIn("error code 4", got["error"])
        self.assertRegex(got["version"], r"^\d+\.\d+\.\d+$")

    def test_a_script(self):
        for contract in (None, "mlflow"):
            with self.subTest(contract), Served(SCRIPT, contract, PYTHON) as served:
                self.check(served, [5.0, 9.0])  # a script gets no parameters

    def test_a_model_of_mlflow(self):
        with tempfile.TemporaryDirectory(prefix="nb-mlflow-") as folder:
            model = pathlib.Path(folder) / "model"
            run(SAVE, model)
            with Served(model, None, PYTHON) as served:  # no script: MLflow's contract has /invocations
                self.check(served, [105.0, 109.0])
                status, _, text = served.ask("POST", "/invocations", [[1, 2]], {"Content-Type": "application/json"})
                self.assertEqual((status, json.loads(text)["error_code"]), (400, "BAD_REQUEST"))
                self.assertEqual(served.ask("GET", "/ping")[2], b"\n")


if __name__ == "__main__":
    if not TOOL.exists() or not os.path.exists(PYTHON):
        sys.exit(77)
    unittest.main()
