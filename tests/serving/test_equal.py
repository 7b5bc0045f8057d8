"""The same inputs give equal predictions through every protocol: 12 payloads, models that a notebook trained.

A further protocol is a row of PROTOCOLS. Tensors cannot hold what is missing.
"""

import contextlib
import csv
import io
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from contracts import TOOL, Served

PYTHON = os.environ.get("NB_SYSTEM_PYTHON") or "/usr/bin/python3"

# --- models ------------------------------------------------------------------------------------------------------------

IMPORTS = """import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder"""
FRAME = """X = pd.DataFrame({"size": [1.5, 2.5, None, 4.0] * 20, "count": [1, 2, 3, 2**53 + 1] * 20,
                  "kind": ["a", "b", "größe", None] * 20, "open": [True, False, True, False] * 20})
"""
NAMED = FRAME + """parts = ColumnTransformer([("kind", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["kind"])], remainder="passthrough")
model = make_pipeline(parts, HistGradientBoostingRegressor(max_iter=5)).fit(X, np.arange(80.0))"""
ARRAYS = """X = np.array([[0.0, 1.0, 2.0], [1.0, 0.0, 5.0], [1.0, 1.0, np.nan], [3.0, 1.5, 2.0]] * 20)
model = HistGradientBoostingRegressor(max_iter=5).fit(X, np.arange(80.0))"""
# Answers with what it was given, so that no digit and no type can be lost unnoticed.
ECHO = FRAME + 'model = LinearRegression().fit(X[["count"]], range(80))'
ECHO_PREDICT = """def predict(model, data):
    if isinstance(data[0], dict):
        data = [[row[name] for name in ("size", "count", "kind", "open")] for row in data]
    return [repr(row) for row in data]"""
# No input_fn and no output_fn: the worker's own.
BARE = """
def model_fn(model_dir):
    return None

def predict_fn(data, model):
    rows = data[sorted(data.columns)].values.tolist() if hasattr(data, "columns") else data.tolist()
    return [[repr(None if value != value else value) for value in row] for row in rows]
"""

# --- payloads ----------------------------------------------------------------------------------------------------------

NAMES = ["size", "count", "kind", "open"]
BIG = 2**53 + 1
PAYLOADS = {
    "ints": [[1, 2, "a", True], [3, 4, "b", False]],
    "floats": [[0.1, 1, "a", True], [2.5000000000000004, 2, "b", False]],
    "negative": [[-1.5, -7, "a", True], [-0.25, -1, "b", True]],
    "1e300": [[1e300, 1, "a", True], [5e-324, 2, "b", True]],
    "strings": [[1.5, 1, "two words", True], [1.5, 1, 'with "quotes", a comma', False]],
    "missing": [[None, 1, "a", True], [2.5, 2, None, False]],
    "several rows": [[i / 7, i, "ab"[i % 2], i % 3 == 0] for i in range(20)],
    "one row": [[2.5, 2, "b", False]],
    "another order": [[1.5, 1, "a", True], [4.0, 3, "größe", False]],
    "unicode": [[1.5, 1, "größe", True], [1.5, 1, "日本 \U0001f600", True]],
    "big ints": [[1.5, BIG, "a", True], [2.5, 2**63 - 1, "b", False]],
    "booleans": [[1.5, 1, "a", True], [1.5, 1, "a", False]],
}
NUMBERS = {
    "ints": [[1, 2, 3], [4, 5, 6]],
    "floats": [[0.1, 0.30000000000000004, 1.5], [2.5, 1e-7, 3.0]],
    "negative": [[-1.5, -7, -0.25], [-1, -2, -3]],
    "1e300": [[1e300, -1e300, 1.0], [5e-324, 1.0, 2.0]],
    "strings": [["1.5", "2.5", "3.5"]],
    "missing": [[None, 1.0, 2.5], [3, None, 1.5]],
    "several rows": [[i, i / 3, -i] for i in range(20)],
    "one row": [[1.0, 0.0, 5.0]],
    "another order": [[5.0, 0.0, 1.0]],
    "big ints": [[BIG, 2**62 + 1, 1], [1, 2, BIG + 1]],
    "booleans": [[True, False, True], [False, False, False]],
}

# --- forms of a request: (content type, body) of names and rows -------------------------------------------------------

JSON, CSV = "application/json", "text/csv"


def as_csv(names, rows):
    """Write CSV, an empty cell for what is missing."""
    text = io.StringIO()
    csv.writer(text).writerows([*([names] if names else []), *rows])
    return text.getvalue()


def form(make):
    """A JSON form."""
    return lambda names, rows: (JSON, json.dumps(make(names, rows)))


def records(names, rows):
    return [dict(zip(names, row)) for row in rows]


def columns(names, rows):
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


BY_ROW = {
    "instances": form(lambda names, rows: {"instances": rows}),
    "inputs": form(lambda names, rows: {"inputs": rows}),
    "data": form(lambda names, rows: {"data": rows}),
    "bare rows": form(lambda names, rows: rows),
    "CSV": lambda names, rows: (CSV, as_csv(None, rows)),
}
BY_NAME = {
    "instances of records": form(lambda names, rows: {"instances": records(names, rows)}),
    "inputs of columns": form(lambda names, rows: {"inputs": columns(names, rows)}),
    "dataframe_split": form(lambda names, rows: {"dataframe_split": {"columns": names, "data": rows}}),
    "dataframe_records": form(lambda names, rows: {"dataframe_records": records(names, rows)}),
    "bare records": form(lambda names, rows: records(names, rows)),
    "CSV with a header": lambda names, rows: (CSV, as_csv(names, rows)),
}


def datatype(cells):
    """The tensor type that holds these cells."""
    kinds = {type(cell) for cell in cells}
    return "BOOL" if kinds == {bool} else "INT64" if kinds == {int} else "FP64" if kinds <= {int, float} else "BYTES"


def tensors(names, rows):
    """Open Inference: a tensor a column."""
    inputs = [{"name": name, "shape": [len(cells), 1], "datatype": datatype(cells), "data": cells} for name, cells in columns(names, rows).items()]
    return {"inputs": inputs}


def tensor(names, rows):
    """Open Inference: one tensor of all rows."""
    cells = [cell for row in rows for cell in row]
    return {"inputs": [{"name": "x", "shape": [len(rows), len(rows[0])], "datatype": datatype(cells), "data": rows}]}


OF_OIP = {"tensors of columns": form(tensors), "a tensor of rows": form(tensor)}
FORMS = {**BY_ROW, **BY_NAME, **OF_OIP}
ALL = [*BY_ROW, *BY_NAME]
OF_MLFLOW = ["instances", "inputs", "instances of records", "inputs of columns", "dataframe_split", "dataframe_records", "CSV with a header"]

# Protocol, --as (None: all on one port), path, the forms that it takes.
PROTOCOLS = [
    ("SageMaker", None, "/invocations", ALL),
    ("SageMaker", "sagemaker", "/invocations", ALL),
    ("MLflow", "mlflow", "/invocations", OF_MLFLOW),
    ("Vertex", None, "/v1/endpoints/iris:predict", ["instances", "instances of records"]),
    ("Vertex", None, "/v1/endpoints/iris:rawPredict", ALL),
    ("Vertex", "vertex", "/predict", ["instances", "instances of records", "CSV", "CSV with a header"]),
    ("Azure", None, "/score", ALL),
    ("Azure", "azure", "/score", ALL),
    ("KServe", None, "/v1/models/iris:predict", ["instances", "inputs", "instances of records", "inputs of columns"]),
    ("Open Inference", None, "/v2/models/iris/infer", list(OF_OIP)),
    ("own", None, "/predict", ALL),
]


def reordered(names, rows):
    """The columns in another order."""
    order = list(reversed(range(len(names))))
    return [names[i] for i in order], [[row[i] for i in order] for row in rows]


def predictions_of(connection, path, kind, body):
    """What came back, numbers as they were written."""
    connection.request("POST", path, body.encode(), {"Content-Type": kind})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        return answer.status, text.decode()
    document = json.loads(text, parse_float=str, parse_int=str)
    found = document["predictions"] if "predictions" in document else document["outputs"][0]["data"]
    return json.dumps(found, ensure_ascii=False)


class Equal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="nb-equal-")
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        cells = {"named": [("train", NAMED)], "arrays": [("train", ARRAYS)], "echo": [("train", ECHO), ("inference", ECHO_PREDICT)]}
        for name, code in cells.items():
            cells = [{"cell_type": "code", "id": f"c{i}", "metadata": {"tags": [tag]}, "execution_count": None, "outputs": [], "source": source}
                     for i, (tag, source) in enumerate([("imports", IMPORTS), *code])]
            metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
            (cls.root / f"{name}.ipynb").write_text(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
        experiments = "".join(f"  - name: {name}\n    notebook: {name}.ipynb\n" for name in ("named", "arrays", "echo"))
        (cls.root / "config.yaml").write_text(f'experiments:\n{experiments}mlflow:\n  tracking_uri: ""\n')

    def train(self, name):
        done = subprocess.run([os.environ["NB_BINARY"], "-C", self.root, "train", name, "--python", PYTHON], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.root / f"models/{name}/1"

    def compare(self, model, names, payloads, expected=None, forms=(*ALL, "tensors of columns"), cannot={}):
        """Every payload in every form of every protocol, against what is expected or the first answer. Returns: how many there were."""
        first, asked = {}, 0
        for contract in dict.fromkeys(row[1] for row in PROTOCOLS):
            if contract == "azure" and isinstance(model, str):
                continue  # its script has no run()
            with Served(model, contract, PYTHON) as served, contextlib.closing(served.connect()) as connection:
                for protocol, _, path, takes in (row for row in PROTOCOLS if row[1] == contract):
                    for payload, name in itertools.product(payloads, takes):
                        if name not in forms or name in cannot.get(payload, ()) or (payload == "missing" and name in OF_OIP):
                            continue
                        with self.subTest(f"{protocol} --as {contract} {path}: {payload} as {name}"):
                            asked += 1
                            rows = payloads[payload]
                            table = reordered(names, rows) if payload == "another order" and name in BY_NAME else (names, rows)
                            got = predictions_of(connection, path, *FORMS[name](*table))
                            want = expected(rows) if expected else first.setdefault(payload, got)
                            self.assertIsInstance(got, str, got)
                            self.assertEqual(got, want)
        return asked

    def test_a_model_by_names(self):
        self.assertGreater(self.compare(self.train("named"), NAMES, PAYLOADS), 500)

    def test_a_model_by_arrays(self):
        """Names mean nothing to it. In CSV its texts are numbers."""
        cannot = {"strings": ["CSV", "CSV with a header"], "another order": BY_NAME}
        forms = [*ALL, "a tensor of rows"]
        self.assertGreater(self.compare(self.train("arrays"), ["a", "b", "c"], NUMBERS, forms=forms, cannot=cannot), 500)

    def test_nothing_is_lost_on_the_way(self):
        def expected(rows):
            return json.dumps([repr(row) for row in rows], ensure_ascii=False)

        self.assertGreater(self.compare(self.train("echo"), NAMES, PAYLOADS, expected), 500)

    def test_a_script_without_an_input_fn(self):
        self.compare(BARE, NAMES, PAYLOADS, forms=list(BY_NAME))
        self.compare(BARE, ["a", "b", "c"], NUMBERS, forms=list(BY_ROW), cannot={"strings": ["CSV"]})


if __name__ == "__main__":
    if not TOOL.exists() or not os.path.exists(PYTHON):
        sys.exit(77)
    unittest.main()
