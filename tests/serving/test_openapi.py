"""The endpoint's own description: it is valid, its examples work, and requests made up from it are answered as it says."""

import json
import os
import subprocess
import sys
import unittest

import client_python

client_python.run_here()

from model_front import MODEL, ModelFrontTest
from openapi_spec_validator import validate

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance"


def operations(document):
    """Yield (path, method, operation) of a description."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


class OpenapiTest(ModelFrontTest):
    def document(self, path="/openapi.json"):
        answer, body = self.ask("GET", path)
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "application/json"))
        return json.loads(body)

    def test_it_is_valid(self):
        document = self.document()
        validate(document)
        self.assertEqual((document["openapi"], document["info"]["title"]), ("3.1.0", "iris"))
        self.assertNotIn("security", document)
        validate(self.document("/swagger.json?version=2"))
        self.assertEqual(self.document("/swagger.json")["swagger"], "2.0")
        self.assertEqual(self.document("/swagger.json?version=3"), document)

    def test_every_path_answers(self):
        tried = 0
        for path, method, operation in operations(self.document()):
            for kind, media in operation.get("requestBody", {"content": {"": {}}})["content"].items():
                if method == "post" and "example" not in media:
                    continue
                body = media.get("example")
                answer, text = self.ask(method.upper(), path.replace("{version}", "2"), body, {"Content-Type": kind})
                self.assertEqual(answer.status, 200, (path, text))
                content = operation["responses"]["200"].get("content", {None: {}})
                self.assertIn((answer.headers["Content-Type"] or "").partition(";")[0] or None, content, path)
                if "InferAnswer" in json.dumps(content):
                    self.assertEqual(json.loads(text)["outputs"][0]["data"], [10.2, 14.7])
                elif method == "post":
                    self.assertEqual(json.loads(text)["predictions"], [10.2, 14.7])
                tried += 1
        self.assertGreaterEqual(tried, 29)

    def test_rows_are_described(self):
        row = self.document()["components"]["schemas"]["Row"]
        number = {"type": "number", "format": "double"}
        self.assertEqual(row, {"type": "array", "items": number, "minItems": 4, "maxItems": 4})

    def test_requests_made_up_from_it(self):
        """Bounded in examples; a time-out of 1 ms, which may be asked for, is no failure of ours."""
        document = self.document()
        for _, _, operation in operations(document):
            operation["parameters"] = [p for p in operation["parameters"] if not p["$ref"].endswith("/Timeout")]
        path = self.root / "openapi.json"
        path.write_text(json.dumps(document))
        program = os.path.join(os.path.dirname(sys.executable), "schemathesis")
        command = [program, "run", str(path), "--url", self.url, "--max-examples", "5", "--seed", "1", "--no-color"]
        command += ["--phases", "examples,coverage,fuzzing", "--checks", CHECKS]
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, timeout=900)
        self.assertEqual(done.returncode, 0, done.stdout[-6000:] + done.stderr[-2000:])


class NamedColumnsTest(ModelFrontTest):
    """A model that was trained on a table."""

    details = {"input": {"feature_names": ["size", "kind"], "dtypes": {"size": "int64", "kind": "object"}}}
    example = {"instances": [{"size": 1, "kind": "a"}, {"size": 2, "kind": "b"}]}
    model = MODEL.replace("return [total(row)", 'return [{"label": "x", "score": 0.5}')
    versions = (1,)

    def test_columns_are_described(self):
        _, body = self.ask("GET", "/openapi.json")
        document = json.loads(body)
        validate(document)
        named, plain = document["components"]["schemas"]["Row"]["anyOf"]
        self.assertEqual(list(named["properties"]), ["size", "kind"])
        self.assertEqual(plain, {"type": "array"})
        example = document["paths"]["/v2/models/iris/infer"]["post"]["requestBody"]["content"]["application/json"]["example"]
        self.assertEqual([(i["name"], i["datatype"], i["data"]) for i in example["inputs"]], [("size", "INT64", [1, 2]), ("kind", "BYTES", ["a", "b"])])
        answer, body = self.ask("POST", "/v2/models/iris/infer", example)
        self.assertEqual([(o["name"], o["data"]) for o in json.loads(body)["outputs"]], [("label", ["x", "x"]), ("score", [0.5, 0.5])])
        _, body = self.ask("GET", "/v2/models/iris")
        metadata = json.loads(body)
        self.assertEqual(metadata["inputs"][1], {"name": "kind", "datatype": "BYTES", "shape": [-1, 1]})
        self.assertEqual([output["name"] for output in metadata["outputs"]], ["label", "score"])


class PlainRowsTest(NamedColumnsTest):
    """The same model, tried with rows that have no names."""

    example = {"instances": [[1, "a"], [2, "b"]]}

    def test_columns_are_described(self):
        _, body = self.ask("GET", "/openapi.json")
        named, plain = json.loads(body)["components"]["schemas"]["Row"]["anyOf"]
        self.assertEqual([item["type"] for item in plain["prefixItems"]], ["integer", "string"])


class UnknownModelTest(ModelFrontTest):
    """A script that tells nothing of its model."""

    details, example, versions = {}, None, (1,)

    def test_it_is_described_nevertheless(self):
        _, body = self.ask("GET", "/openapi.json")
        validate(json.loads(body))
        answer, body = self.ask("GET", "/docs")
        self.assertEqual(answer.status, 200)
        self.assertIn(b"The model does not tell.", body)


class AzureTest(ModelFrontTest):
    """With --as azure there is what Azure's server has."""

    only, versions = "azure", (1,)
    model = MODEL + '''
def init():
    pass

def run(raw_data):
    return {"predictions": predict_fn(input_fn(raw_data, "application/json"), 1)}
'''

    @classmethod
    def ready_paths(cls):
        return ["/"]

    def test_swagger(self):
        _, body = self.ask("GET", "/swagger.json?version=2")
        document = json.loads(body)
        validate(document)
        example = document["definitions"]["ServiceInput"]["example"]
        answer, body = self.ask("POST", "/score", example, {"Content-Type": "application/json"})
        self.assertEqual((answer.status, json.loads(body)), (200, {"predictions": [10.2, 14.7]}))
        _, body = self.ask("GET", "/swagger.json?version=3")
        document = json.loads(body)
        validate(document)
        self.assertEqual(list(document["paths"]), ["/score"])
        self.assertEqual(self.ask("GET", "/")[1], b"Healthy")
        self.assertEqual(self.ask("GET", "/docs")[0].status, 404)


if __name__ == "__main__":
    unittest.main()
