"""The Open Inference Protocol as clients of any make see it: paths, metadata, tensors in all datatypes, errors, binary tensors."""

import json
import struct
import unittest

from model_front import ModelFrontTest

INFER = "/v2/models/iris/infer"


def tensor(data, shape=None, datatype="FP64", name="x", **more):
    return {"name": name, "shape": shape or [len(data)], "datatype": datatype, "data": data, **more}


class OipTest(ModelFrontTest):
    def infer(self, *inputs, path=INFER, **more):
        answer, body = self.ask("POST", path, {"inputs": list(inputs), **more})
        return answer.status, json.loads(body)

    def predictions(self, *inputs, **more):
        status, body = self.infer(*inputs, **more)
        self.assertEqual(status, 200, body)
        return body["outputs"][0]["data"]

    def test_server(self):
        answer, body = self.ask("GET", "/v2")
        document = json.loads(body)
        self.assertEqual((answer.status, document["name"], document["extensions"]), (200, "notebooked", ["binary_tensor_data"]))
        for path, member in (("/v2/health/live", "live"), ("/v2/health/ready", "ready"), ("/v2/models/iris/ready", "ready")):
            answer, body = self.ask("GET", path)
            self.assertEqual((answer.status, json.loads(body)[member]), (200, True), path)
            self.assertEqual(self.ask("HEAD", path)[1], b"")

    def test_metadata(self):
        for path in ("/v2/models/iris", "/v2/models/iris/versions/2"):
            answer, body = self.ask("GET", path)
            self.assertEqual(answer.status, 200)
            self.assertEqual(
                json.loads(body),
                {
                    "name": "iris",
                    "versions": ["1", "2"],
                    "platform": "sklearn",
                    "inputs": [{"name": "input", "datatype": "FP64", "shape": [-1, 4]}],
                    "outputs": [{"name": "predict", "datatype": "FP64", "shape": [-1]}],
                },
            )

    def test_infer(self):
        status, body = self.infer(tensor([1, 2, 3, 4, 5.5, 6, 7, 8], [2, 4]), id="mine", outputs=[{"name": "predict"}])
        self.assertEqual(status, 200)
        self.assertEqual(body["outputs"], [{"name": "predict", "datatype": "FP64", "shape": [2], "data": [10, 26.5]}])
        self.assertEqual((body["model_name"], body["model_version"], body["id"]), ("iris", "1", "mine"))
        self.assertEqual(self.predictions(tensor([[1, 2], [3, 4]], [2, 2])), [3, 7])
        self.assertEqual(self.infer(tensor([1], [1, 1]), path="/v2/models/iris/versions/2/infer")[1]["model_version"], "2")

    def test_each_datatype(self):
        for datatype in ("UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64"):
            self.assertEqual(self.predictions(tensor([1, 2], [2, 1], datatype)), [1, 2], datatype)
        self.assertEqual(self.predictions(tensor([True, False], [2, 1], "BOOL")), [1, 0])
        self.assertEqual(self.predictions(tensor(["echo"], [1, 1], "BYTES")), ["echo"])

    def test_digits_are_kept(self):
        body = '{"inputs": [{"name": "x", "shape": [1, 1], "datatype": "UINT64", "data": [18446744073709551615]}]}'
        answer, body = self.ask("POST", INFER, body)
        self.assertIn(b'"datatype": "UINT64", "shape": [1], "data": [18446744073709551615]', body)

    def test_several_inputs_are_columns(self):
        self.assertEqual(self.predictions(tensor([1, 2], name="a"), tensor([10, 20], [2, 1], "INT64", "b")), [11, 22])

    def test_errors(self):
        cases = [
            (INFER, {}, 400, "no 'inputs'"),
            (INFER, {"inputs": [tensor([1, 2, 3], [2, 2])]}, 400, "3 elements; its shape says 4"),
            (INFER, {"inputs": [tensor([1])], "outputs": [{"name": "other"}]}, 400, "no output 'other'; this model has: predict"),
            (INFER, {"inputs": [tensor(["a"], [1, 1], "BYTES")]}, 400, "values must be numbers"),
            ("/v2/models/other/infer", {"inputs": [tensor([1])]}, 404, "no model 'other'"),
            ("/v2/models/iris/versions/7/infer", {"inputs": [tensor([1])]}, 404, "not up"),
            ("/v2/models/iris/versions/x/infer", {"inputs": [tensor([1])]}, 404, "version 'x'"),
        ]
        for path, request, status, message in cases:
            answer, body = self.ask("POST", path, request)
            self.assertEqual(answer.status, status, body)
            self.assertIn(message, json.loads(body)["error"])
        for path, status in (("/v2/models/other", 404), ("/v2/models/iris/versions/7", 404), ("/v2/models/other/ready", 404)):
            answer, body = self.ask("GET", path)
            self.assertEqual(answer.status, status)
            self.assertIn("error", json.loads(body))
        self.assertEqual(self.ask("GET", "/v2/nothing")[0].status, 404)
        answer, body = self.ask("GET", INFER)
        self.assertEqual((answer.status, answer.headers["Allow"]), (405, "POST"))
        answer, body = self.ask("POST", INFER, "{", {"Content-Encoding": "gzip"})
        self.assertEqual(answer.status, 415)
        answer, body = self.ask("POST", INFER, "{", {"Inference-Header-Content-Length": "x"})
        self.assertEqual(answer.status, 400)

    def test_binary_tensors(self):
        inputs = [{"name": "x", "shape": [2, 2], "datatype": "FP32", "parameters": {"binary_data_size": 16}}]
        head = json.dumps({"inputs": inputs, "parameters": {"binary_data_output": True}}).encode()
        body = head + struct.pack("<4f", 1.5, 2, 3, 4.25)
        answer, body = self.ask("POST", INFER, body, {"Inference-Header-Content-Length": str(len(head))})
        self.assertEqual(answer.status, 200, body)
        size = int(answer.headers["Inference-Header-Content-Length"])
        output = json.loads(body[:size])["outputs"][0]
        self.assertEqual((output["datatype"], output["parameters"]), ("FP64", {"binary_data_size": 16}))
        self.assertEqual(struct.unpack("<2d", body[size:]), (3.5, 7.25))


if __name__ == "__main__":
    unittest.main()
