"""Every protocol's paths, methods, forms of requests and answers, errors and headers; and what --as enforces."""

import json
import sys
import unittest

from contracts import TOOL, Served, ask_on

JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}

# Doubles the first cell of each row; what it answers with is chosen by the first row.
MODEL = '''
import json, os, sys, time

class BadInput(ValueError):
    pass

def model_fn(model_dir):
    return 2

def input_fn(body, content_type):
    text = body if isinstance(body, str) else body.decode()
    if content_type == "text/csv":
        return [[int(line)] for line in text.split() if line != "x"]
    document = json.loads(text)
    if not isinstance(document, dict):
        return document
    for key in ("instances", "inputs", "dataframe_split", "dataframe_records", "messages", "b"):
        if key in document:
            rows = document[key]
    if isinstance(rows, dict):
        rows = rows["data"]
    return [list(row.values()) if isinstance(row, dict) else row for row in rows]

def predict_fn(data, model):
    if data[0][0] == "refuse":
        raise BadInput("no row begins so")
    if data[0][0] == "raise":
        raise RuntimeError("broken")
    if data[0][0] == "sleep":
        time.sleep(60)
    if data[0][0] == "environment":
        return [os.environ.get(row[1]) for row in data]
    return [row[0] * model for row in data]

def output_fn(prediction, accept):
    kinds = {
        "list": ("[1.10, 1e300, 9007199254740993]", "application/json"),
        "object": ('{"label": "a", "p": 0.50}', "application/json"),
        "more": ('{"a": [NaN], "predictions": [1.0, NaN, -Infinity, "NaN"]}', "application/json"),
        "csv": ("1.10,b\\n-2,\\n", "text/csv"),
        "column": ("1.10\\nnan\\n9007199254740993\\n", "text/csv"),
        "header": ('name,p\\n"a ""b""",0.50\\nc,1\\n', "text/csv"),
        "text": ("setosa", "text/plain"),
        "binary": (b"\\x00\\x01", "application/x-npy"),
        "broken": ("[1, 2", "application/json"),
        "large": ("[" + "1," * 800000 + "1]", "application/json"),
    }
    first = prediction[0]
    if isinstance(first, str) and first[: len(first) // 2] in kinds:
        return kinds[first[: len(first) // 2]]
    return json.dumps({"predictions": prediction}), "application/json"
'''

# What a protocol of predictions makes of an answer: (first cell, predictions as they are written).
FORMS = [
    ("list", "[1.10, 1e300, 9007199254740993]"),
    ("object", '{"label": "a", "p": 0.50}'),
    ("csv", '[[1.10, "b"], [-2, null]]'),
    ("column", "[1.10, null, 9007199254740993]"),
    ("header", '[{"name": "a \\"b\\"", "p": 0.50}, {"name": "c", "p": 1}]'),
    ("text", '"setosa"'),
]


class ContractsCase(unittest.TestCase):
    def check(self, served, rows):
        """Rows: (method, path, headers, body, status, what the body is or holds)."""
        for method, path, headers, body, status, want in rows:
            with self.subTest(f"{method} {path} {headers} {body!r}"[:200]):
                got, _, text = served.ask(method, path, body, headers)
                self.assertEqual(got, status, text[:500])
                if isinstance(want, (dict, list)):
                    self.assertEqual(json.loads(text), want)
                elif isinstance(want, bytes):
                    self.assertEqual(text, want)
                else:
                    self.assertIn(want, text.decode())

    def check_forms(self, served, path, value_of=lambda text: text.decode()):
        """Answers come in the protocol's form, digit by digit, whatever output_fn made of them."""
        for first, want in FORMS:
            with self.subTest(f"{path}: {first}"):
                status, headers, text = served.ask("POST", path, {"instances": [[first]]}, JSON)
                self.assertEqual((status, headers["Content-Type"]), (200, "application/json"), text[:500])
                self.assertEqual(value_of(text), '{"predictions": %s}' % want)
        self.assertEqual(json.loads(served.ask("POST", path, {"instances": [["more"]]}, JSON)[2])["predictions"], [1.0, None, None, "NaN"])
        for first, words in (("broken", "is said to be JSON and is not"), ("binary", "application/x-npy")):
            status, _, text = served.ask("POST", path, {"instances": [[first]]}, JSON)
            self.assertEqual(status, 500, text)
            self.assertIn(words, text.decode())


class OnePort(ContractsCase):
    """All of them on one port."""

    @classmethod
    def setUpClass(cls):
        cls.served = cls.enterClassContext(Served(MODEL, AML_CORS_ORIGINS="https://a.example, https://b.example"))

    def test_sagemaker(self):
        rows = {"instances": [[4], [5]]}
        self.check(self.served, [
            ("GET", "/ping", {}, None, 200, b""),
            ("POST", "/ping", {}, "", 405, "method"),
            ("POST", "/invocations", JSON, rows, 200, {"predictions": [8, 10]}),
            ("POST", "/invocations", {}, rows, 200, {"predictions": [8, 10]}),
            ("POST", "/invocations", CSV, "4\n5\n", 200, {"predictions": [8, 10]}),
            ("POST", "/invocations", JSON, [[4]], 200, {"predictions": [8]}),
            ("POST", "/invocations", JSON, {"instances": [["csv"]]}, 200, b"1.10,b\n-2,\n"),
            ("POST", "/invocations", JSON, {"instances": [["list"]]}, 200, b"[1.10, 1e300, 9007199254740993]"),
            ("POST", "/invocations", JSON, "{", 400, "Expecting property name"),
            ("POST", "/invocations", JSON, {"instances": [["refuse"]]}, 400, b"no row begins so"),
            ("POST", "/invocations", JSON, {"instances": [["raise"]]}, 500, b"RuntimeError: broken"),
            ("GET", "/invocations", {}, None, 405, "method"),
            ("POST", "/endpoints/iris/invocations", JSON, rows, 200, {"predictions": [8, 10]}),
            ("POST", "/endpoints/other/invocations", JSON, rows, 404, "nothing"),
        ])
        _, headers, _ = self.served.ask("POST", "/invocations", rows, JSON)
        self.assertEqual(headers["x-Amzn-Invoked-Production-Variant"], "v1")

    def test_own(self):
        rows = {"instances": [[4], [5]]}
        self.check(self.served, [
            ("POST", "/predict", JSON, rows, 200, {"predictions": [8, 10]}),
            ("POST", "/endpoints/iris/predict", JSON, rows, 200, {"predictions": [8, 10]}),
            ("POST", "/versions/1/predict", JSON, rows, 200, {"predictions": [8, 10]}),
            ("POST", "/predict", CSV, "4\n", 200, {"predictions": [8]}),
            ("POST", "/predict", {**JSON, "Accept": "text/csv"}, {"instances": [["csv"]]}, 200, b"1.10,b\n-2,\n"),
            ("POST", "/predict", JSON, {"instances": [["refuse"]]}, 400, {"status": 400, "title": "input", "detail": "no row begins so"}),
            ("POST", "/predict", JSON, {"instances": [["raise"]]}, 500, {"status": 500, "title": "model", "detail": "RuntimeError: broken"}),
            ("GET", "/livez", {}, None, 200, b"alive\n"),
            ("GET", "/readyz", {}, None, 200, {"ready": True}),
        ])
        for first, want in FORMS[:-1]:
            text = self.served.ask("POST", "/predict", {"instances": [[first]]}, JSON)[2].decode()
            self.assertEqual(text, '{"predictions": %s}' % want)

    def test_vertex(self):
        rows, model = {"instances": [[4], [5]], "parameters": {"a": 1}}, "models/iris/1"
        names = {"deployedModelId": "1", "model": model, "modelDisplayName": "iris", "modelVersionId": "1"}
        path = "/v1/endpoints/iris:predict"
        error = lambda code, status, message: {"error": {"code": code, "message": message, "status": status}}
        self.check(self.served, [
            ("POST", path, JSON, rows, 200, {"predictions": [8, 10], **names}),
            ("POST", "/v1/projects/p/locations/l/endpoints/iris:predict", JSON, rows, 200, {"predictions": [8, 10], **names}),
            ("POST", "/v1/endpoints/iris:rawPredict", CSV, "4\n", 200, {"predictions": [8]}),
            ("POST", "/v1/endpoints/iris:rawPredict", JSON, {"instances": [["csv"]]}, 200, b"1.10,b\n-2,\n"),
            ("POST", path, CSV, "4\n", 415, "rawPredict"),
            ("POST", path, JSON, [[4]], 400, "it must be an object with 'instances', a list"),
            ("POST", path, JSON, {"instances": {"a": 1}}, 400, "it must be an object with 'instances', a list"),
            ("POST", path, JSON, {"inputs": [[4]]}, 400, "'instances'"),
            ("POST", path, JSON, '{"instances": [[4],]}', 400, "line 1, column 19"),
            ("POST", path, JSON, {"instances": [["refuse"]]}, 400, error(400, "INVALID_ARGUMENT", "no row begins so")),
            ("POST", path, JSON, {"instances": [["raise"]]}, 500, error(500, "INTERNAL", "RuntimeError: broken")),
            ("POST", "/v1/endpoints/other:predict", JSON, rows, 404, error(404, "NOT_FOUND", "there is no endpoint 'other' here")),
            ("GET", path, {}, None, 405, "method"),
        ])
        self.check_forms(self.served, path, lambda text: text.decode().partition(', "deployedModelId"')[0] + "}")
        _, headers, _ = self.served.ask("POST", "/v1/endpoints/iris:rawPredict", rows, JSON)
        self.assertEqual((headers["X-Vertex-AI-Endpoint-Id"], headers["X-Vertex-AI-Deployed-Model-Id"]), ("iris", "1"))

    def test_kserve(self):
        rows, path = {"instances": [[4], [5]], "signature_name": "x"}, "/v1/models/iris:predict"
        status = {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
        model = {"name": "iris", "ready": True, "model_version_status": [status]}
        self.check(self.served, [
            ("POST", path, JSON, rows, 200, {"predictions": [8, 10]}),
            ("POST", "/v1/models/iris/versions/1:predict", JSON, rows, 200, {"predictions": [8, 10]}),
            ("POST", path, JSON, {"inputs": [[4]]}, 200, {"predictions": [8]}),
            ("POST", path, JSON, [[4]], 400, {"error": "the body is no object: it must be an object with 'instances', a list of rows"}),
            ("POST", path, JSON, {"instances": [[4]], "inputs": [[4]]}, 400, "'instances'"),
            ("POST", path, JSON, {"instances": 4}, 400, "'instances'"),
            ("POST", path, JSON, {}, 400, "'instances'"),
            ("POST", path, JSON, {"instances": [["raise"]]}, 500, {"error": "RuntimeError: broken"}),
            ("POST", "/v1/models/other:predict", JSON, rows, 404, {"error": "there is no model 'other' here"}),
            ("POST", "/v1/models/iris/versions/7:predict", JSON, rows, 404, "not up"),
            ("POST", "/v1/models/iris/versions/x:predict", JSON, rows, 404, "nothing"),
            ("GET", "/v1/models", {}, None, 200, {"models": ["iris"]}),
            ("GET", "/v1/models/iris", {}, None, 200, model),
            ("GET", "/v1/models/iris/versions/1", {}, None, 200, model),
            ("GET", "/v1/models/iris/versions/7", {}, None, 404, "error"),
            ("GET", "/v1/models/other", {}, None, 404, "error"),
        ])
        self.check_forms(self.served, path)

    def test_azure(self):
        rows = {"instances": [[4], [5]]}
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self.check(self.served, [
            ("POST", "/score", JSON, rows, 200, {"predictions": [8, 10]}),
            ("POST", "/score", form, rows, 200, {"predictions": [8, 10]}),
            ("POST", "/score", {}, rows, 200, {"predictions": [8, 10]}),
            ("GET", "/score?a=1&b=2&b=3%20", {}, None, 200, {"predictions": ["22", "33"]}),
            ("POST", "/score", JSON, {"instances": [["list"]]}, 200, b"[1.10, 1e300, 9007199254740993]"),
            ("POST", "/score", JSON, {"instances": [["refuse"]]}, 400, {"message": "no row begins so"}),
            ("POST", "/score", {**JSON, "x-ms-client-request-id": "a" * 101}, rows, 431, "101 characters"),
            ("POST", "/score", {**JSON, "x-request-id": "a" * 101}, rows, 431, "101 characters"),
            ("PUT", "/score", {}, "", 405, "method"),
        ])
        _, headers, _ = self.served.ask("POST", "/score", rows, {**JSON, "x-ms-client-request-id": "b" * 100, "Origin": "https://b.example"})
        self.assertEqual([headers[name] for name in ("x-ms-request-id", "x-request-id", "x-ms-client-request-id")], ["b" * 100] * 3)
        self.assertEqual((headers["x-ms-run-function-failed"], headers["azureml-model-deployment"]), ("False", "v1"))
        self.assertRegex(headers["x-ms-run-fn-exec-ms"], r"^\d+\.\d{3}$")
        self.assertEqual(headers["Access-Control-Allow-Origin"], "https://b.example")
        _, headers, _ = self.served.ask("POST", "/score", {"instances": [["raise"]]}, {**JSON, "Origin": "https://c.example"})
        self.assertEqual((headers["x-ms-run-function-failed"], headers["Access-Control-Allow-Origin"]), ("True", None))
        for origin, allowed in (("https://a.example", "https://a.example"), ("https://c.example", None), (None, None)):
            status, headers, _ = self.served.ask("OPTIONS", "/score", headers={"Origin": origin} if origin else {})
            self.assertEqual((status, headers["Access-Control-Allow-Origin"]), (200, allowed))

    def test_mlflow_has_only_what_nobody_else_has(self):
        self.check(self.served, [
            ("GET", "/health", {}, None, 200, b"\n"),
            ("POST", "/invocations", JSON, {"dataframe_split": {"columns": ["a"], "data": [[4]]}}, 200, {"predictions": [8]}),
            ("POST", "/invocations", JSON, {"dataframe_records": [{"a": 4}]}, 200, {"predictions": [8]}),
        ])
        self.assertRegex(self.served.ask("GET", "/version")[2].decode(), r"^\d+\.\d+\.\d+$")

    def test_request_ids_and_traces(self):
        trace = "00-" + "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331" + "-01"
        asks = lambda **headers: self.served.ask("POST", "/predict", {"instances": [[4]]}, {**JSON, **{k.replace("_", "-"): v for k, v in headers.items()}})[1]
        for name in ("X_Request_Id", "x_ms_request_id", "x_ms_client_request_id"):
            self.assertEqual(asks(**{name: "mine"})["X-Request-Id"], "mine")
        self.assertEqual(asks(X_Request_Id="first", x_ms_request_id="second")["X-Request-Id"], "first")
        self.assertNotIn(asks(X_Request_Id="a b")["X-Request-Id"], ("a b", None))
        self.assertEqual(asks(traceparent=trace)["traceparent"], trace)
        for wrong in ("", "00-x", trace[:-1], trace.upper(), trace + "\x7f"):
            self.assertIsNone(asks(traceparent=wrong)["traceparent"] if "\x7f" not in wrong else None)


class As(ContractsCase):
    """--as NAME: that contract's paths, limits, variables and refusals."""

    def environment(self, served, path, *names):
        status, _, text = served.ask("POST", path, {"instances": [["environment", name] for name in names]}, JSON)
        self.assertEqual(status, 200, text)
        return json.loads(text)["predictions"]

    def test_mlflow(self):
        with Served(MODEL, "mlflow") as served:
            path, rows = "/invocations", {"instances": [[4], [5]]}
            bad = lambda message: {"error_code": "BAD_REQUEST", "message": message}
            self.check(served, [
                ("GET", "/ping", {}, None, 200, b"\n"),
                ("GET", "/predict", {}, None, 404, "nothing"),
                ("POST", "/score", JSON, rows, 404, "nothing"),
                ("POST", path, JSON, rows, 200, {"predictions": [8, 10]}),
                ("POST", path, {"Content-Type": 'application/json; charset="UTF-8"'}, rows, 200, {"predictions": [8, 10]}),
                ("POST", path, JSON, {"inputs": [[4]], "params": {"a": 1}}, 200, {"predictions": [8]}),
                ("POST", path, JSON, {"dataframe_split": {"columns": ["a"], "data": [[4]]}}, 200, {"predictions": [8]}),
                ("POST", path, JSON, {"dataframe_records": [{"a": 4}]}, 200, {"predictions": [8]}),
                ("POST", path, CSV, "x\n4\n5\n", 200, {"predictions": [8, 10]}),
                ("POST", path, JSON, {"messages": [["list"]]}, 200, b"[1.10, 1e300, 9007199254740993]"),
                ("POST", path, JSON, [[4]], 400, "the body is no object"),
                ("POST", path, JSON, "4", 400, "the body is no object"),
                ("POST", path, JSON, "{", 400, "BAD_REQUEST"),
                ("POST", path, JSON, {"data": [[4]]}, 400, "none of the forms"),
                ("POST", path, JSON, {"instances": [[4]], "inputs": [[4]]}, 400, "several of the forms"),
                ("POST", path, JSON, {"instances": [["refuse"]]}, 400, bad("no row begins so")),
                ("POST", path, JSON, {"instances": [["raise"]]}, 500, {"error_code": "INTERNAL_ERROR", "message": "RuntimeError: broken"}),
                ("POST", path, {"Content-Type": "application/json; charset=latin-1"}, rows, 415, "latin-1"),
                ("POST", path, {"Content-Type": "application/json; format=pandas-split"}, rows, 415, "unknown parameter 'format'"),
                ("POST", path, {"Content-Type": "application/xml"}, "<a/>", 415, "application/xml"),
            ])
            self.check_forms(served, path)
        with Served(MODEL, "mlflow", timeout="300ms") as served:
            self.check(served, [("POST", path, JSON, {"instances": [["sleep"]]}, 504, "DEADLINE_EXCEEDED")])

    def test_sagemaker(self):
        with Served(MODEL, "sagemaker", SAGEMAKER_PROGRAM="mine.py") as served:
            names = ("SM_MODEL_DIR", "SAGEMAKER_PROGRAM", "SAGEMAKER_BIND_TO_PORT", "AZUREML_MODEL_DIR")
            folder, program, port, other = self.environment(served, "/invocations", *names)
            self.assertTrue(folder.endswith("/versions/1"), folder)
            self.assertEqual((program, port, other), ("mine.py", str(served.port), None))
            self.check(served, [
                ("GET", "/ping", {}, None, 200, b""),
                ("GET", "/readyz", {}, None, 404, "only paths of Amazon SageMaker are served (--as sagemaker)"),
                ("POST", "/v1/models/iris:predict", JSON, {"instances": [[4]]}, 404, "nothing"),
            ])
            # what our own commands ask on the Unix socket is there nevertheless
            self.assertEqual(ask_on(served.local(), "POST", "/predict", {"instances": [[4]]}, JSON)[0], 200)

    def test_vertex(self):
        with Served(MODEL, "vertex") as served:
            routes = self.environment(served, "/predict", "AIP_PREDICT_ROUTE", "AIP_HEALTH_ROUTE", "AIP_DEPLOYED_MODEL_ID")
            self.assertEqual(routes, ["/predict", "/health", "1"])
            self.check(served, [
                ("GET", "/health", {}, None, 200, {"ready": True}),
                ("POST", "/predict", JSON, {"instances": [[4]]}, 200, {"predictions": [8]}),
                ("POST", "/predict", CSV, "4\n", 200, {"predictions": [8]}),
                ("POST", "/v1/endpoints/iris:rawPredict", JSON, {"instances": [["large"]]}, 500, "Vertex AI passes on 1500000 at most (--as vertex)"),
                ("POST", "/predict", JSON, '{"instances": [[4]]}' + " " * 1500000, 413, "1500000 bytes, which Vertex AI takes at most (--as vertex)"),
                ("POST", "/predict", JSON, {"instances": [["object"]]}, 500, "the model made no list of 1 instances"),
                ("POST", "/predict", JSON, {"instances": [["list"]]}, 500, "the model made 3 predictions of 1 instances; Vertex AI takes a list"),
            ])

    def test_vertex_routes(self):
        with Served(MODEL, "vertex", AIP_PREDICT_ROUTE="/my/predict", AIP_HEALTH_ROUTE="/my/health") as served:
            self.check(served, [
                ("GET", "/my/health", {}, None, 200, {"ready": True}),
                ("POST", "/my/predict", JSON, {"instances": [[4]]}, 200, {"predictions": [8]}),
                ("POST", "/predict", JSON, {"instances": [[4]]}, 404, "nothing"),
            ])

    def test_azure(self):
        run = MODEL + "\ndef init():\n    global model\n    model = model_fn(os.environ['AZUREML_MODEL_DIR'])\n" \
            "\ndef run(raw_data):\n    return {'predictions': predict_fn(input_fn(raw_data, None), model)}\n"
        with Served(run, "azure") as served:
            folder, script = self.environment(served, "/score", "AZUREML_MODEL_DIR", "AZUREML_ENTRY_SCRIPT")
            self.assertTrue(folder.endswith("/versions/1"), folder)
            self.assertEqual(script, "inference.py")
            self.check(served, [
                ("GET", "/", {}, None, 200, b"Healthy"),
                ("POST", "/score", JSON, {"instances": [[4]]}, 200, {"predictions": [8]}),
                ("POST", "/score", JSON, b"\xff", 400, "not UTF-8, which Azure ML asks for (--as azure)"),
                ("GET", "/ping", {}, None, 404, "nothing"),
            ])
        with Served(run, "azure", SCORING_TIMEOUT_MS="300") as served:
            self.check(served, [("POST", "/score", JSON, {"instances": [["sleep"]]}, 504, "300 ms")])

    def test_what_fails_there_fails_here(self):
        azure_only = "def init():\n    pass\n\ndef run(raw_data):\n    return raw_data\n"
        for contract, script, words in (
            ("azure", MODEL, "does not define init() and run(raw_data), which Azure ML calls (--as azure)"),
            ("sagemaker", azure_only, "does not define model_fn(model_dir), which is called there (--as sagemaker)"),
            ("vertex", azure_only, "does not define model_fn(model_dir), which is called there (--as vertex)"),
        ):
            with self.subTest(contract), self.assertRaises(AssertionError) as failed:
                Served(script, contract).__enter__()
            self.assertIn(words, str(failed.exception))


if __name__ == "__main__":
    if not TOOL.exists():
        sys.exit(77)
    unittest.main()
