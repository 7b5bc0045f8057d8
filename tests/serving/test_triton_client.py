"""NVIDIA's tritonclient against an endpoint, with binary tensors and without: it speaks the Open Inference Protocol to whoever does."""

import unittest

import client_python

client_python.run_here()

import numpy
from model_front import ModelFrontTest
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

DTYPES = {
    "UINT8": numpy.uint8,
    "UINT16": numpy.uint16,
    "UINT32": numpy.uint32,
    "UINT64": numpy.uint64,
    "INT8": numpy.int8,
    "INT16": numpy.int16,
    "INT32": numpy.int32,
    "INT64": numpy.int64,
    "FP16": numpy.float16,
    "FP32": numpy.float32,
    "FP64": numpy.float64,
    "BOOL": numpy.bool_,
}


def tensor(rows, datatype, binary, name="x"):
    """Return an input of the client."""
    array = numpy.array(rows, dtype=object if datatype == "BYTES" else DTYPES[datatype])
    made = InferInput(name, list(array.shape), datatype)
    made.set_data_from_numpy(array, binary_data=binary)
    return made


class TritonClientTest(ModelFrontTest):
    """What its documentation shows, asked of our endpoint."""

    def setUp(self):
        self.client = InferenceServerClient(f"127.0.0.1:{self.port}")

    def tearDown(self):
        self.client.close()

    def predictions(self, inputs, **more):
        return self.client.infer("iris", inputs, **more).as_numpy("predict").tolist()

    def test_health_and_metadata(self):
        self.assertTrue(self.client.is_server_live())
        self.assertTrue(self.client.is_server_ready())
        self.assertTrue(self.client.is_model_ready("iris"))
        self.assertTrue(self.client.is_model_ready("iris", "2"))
        self.assertFalse(self.client.is_model_ready("iris", "7"))
        self.assertEqual(self.client.get_server_metadata()["name"], "notebooked")
        metadata = self.client.get_model_metadata("iris")
        self.assertEqual(metadata["inputs"], [{"name": "input", "datatype": "FP64", "shape": [-1, 4]}])

    def test_inputs_of_each_datatype(self):
        for binary in (True, False):
            for datatype in DTYPES:
                if datatype == "FP16" and not binary:
                    continue  # the client sends it in one way
                rows = [[True, False], [True, True]] if datatype == "BOOL" else [[1, 2], [3, 4]]
                with self.subTest(datatype=datatype, binary=binary):
                    self.assertEqual(self.predictions([tensor(rows, datatype, binary)]), [sum(row) for row in rows])
            self.assertEqual(self.predictions([tensor([["echo"]], "BYTES", binary)]), [b"echo"])

    def test_values_are_exact(self):
        array = numpy.random.default_rng(4).normal(size=(200, 1)) * 10.0 ** numpy.arange(-100, 100).reshape(200, 1)
        for binary in (True, False):
            self.assertEqual(self.predictions([tensor(array, "FP64", binary)]), array[:, 0].tolist())
        single = array[70:130].astype(numpy.float32)
        self.assertEqual(self.predictions([tensor(single, "FP32", True)]), single[:, 0].astype(float).tolist())

    def test_outputs(self):
        inputs = [tensor([[1.5, 2]], "FP64", True)]
        for binary in (True, False):
            wanted = [InferRequestedOutput("predict", binary_data=binary)]
            self.assertEqual(self.predictions(inputs, outputs=wanted), [3.5])
        with self.assertRaisesRegex(InferenceServerException, "there is no output 'other'"):
            self.client.infer("iris", inputs, outputs=[InferRequestedOutput("other")])

    def test_columns_versions_and_ids(self):
        inputs = [tensor([1, 2], "INT64", True, "a"), tensor([0.5, 1], "FP64", False, "b")]
        result = self.client.infer("iris", inputs, model_version="2", request_id="mine")
        self.assertEqual(result.as_numpy("predict").tolist(), [1.5, 3])
        self.assertEqual((result.get_response()["id"], result.get_response()["model_version"]), ("mine", "2"))

    def test_errors(self):
        with self.assertRaisesRegex(InferenceServerException, "there is no model 'other'"):
            self.client.infer("other", [tensor([[1]], "INT64", True)])
        with self.assertRaisesRegex(InferenceServerException, "values must be numbers"):
            self.client.infer("iris", [tensor([["a"]], "BYTES", True)])


if __name__ == "__main__":
    unittest.main()
