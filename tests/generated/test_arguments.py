"""The command line of train.py: types, spellings, what platforms pass, what they set, and what is refused."""
import json

import harness
from harness import train_data

HYPERPARAMETERS = [
    ("learning_rate", "float", 0.1, "step size, 5% of something"), ("epochs", "int", 3, "passes over the data"),
    ("shuffle", "bool", True, "mix the rows"), ("name", "str", "base", "what to call it"),
    ("layers", "json", [8, 4], "widths"), ("options", "json", {"a": 1}, "more"),
]
SHOW = """
global model, values
values = [LEARNING_RATE, EPOCHS, SHUFFLE, NAME, LAYERS, OPTIONS, DATA_PATH, MODEL_DIR]
print("VALUES", json.dumps(values))
model = len
"""


class Arguments(harness.Case):
    def setUp(self):
        super().setUp()
        self.write(train_data("import json\n", SHOW, "model", hyperparameters=HYPERPARAMETERS, has_data_path=True,
                              data_path_default='"data/iris"'))

    def values(self, *arguments, **environment):
        done = harness.run(self.python, self.scripts / "train.py", *arguments, cwd=self.work,
                           env=harness.clean_environment(**environment))
        return json.loads(done.stdout.split("VALUES ")[1].split("\n")[0])

    def refused(self, *arguments):
        done = harness.run(self.python, self.scripts / "train.py", *arguments, cwd=self.work, code=2)
        self.assertNotIn("Traceback", done.stderr)
        self.assertFalse((self.work / "model").exists())
        return done.stderr.strip().split("\n")[-1]

    def test_defaults(self):
        self.assertEqual(self.values(), [0.1, 3, True, "base", [8, 4], {"a": 1}, "data/iris", "model"])

    def test_types_and_spellings(self):
        table = [
            (0, "--learning-rate=1e-3", 0.001), (0, "--learning_rate=-1e-3", -0.001), (0, '--learning-rate="0.5"', 0.5),
            (0, "--learning-rate=2", 2.0), (1, "--epochs=12", 12), (1, "--epochs=12.0", 12), (1, '--epochs="7"', 7),
            (1, "--epochs=123456789012345678901", 123456789012345678901), (1, "--epochs=-2", -2),
            (2, "--shuffle=False", False), (2, "--shuffle=false", False), (2, "--shuffle=0", False), (2, "--shuffle=no", False),
            (2, "--shuffle=True", True), (2, "--shuffle=1", True), (2, "--shuffle=YES", True), (2, "--shuffle=", False),
            (3, "--name=plain", "plain"), (3, '--name="quoted \\" text"', 'quoted " text'), (3, "--name=true", "true"),
            (3, "--name=", ""), (3, '--name="', '"'), (3, '--name=a"b', 'a"b'), (3, "--name=12", "12"),
            (4, "--layers=[1, 2, 3]", [1, 2, 3]), (4, "--layers=['a', 'b']", ["a", "b"]), (4, "--layers=[]", []),
            (5, '--options={"b": [true, null]}', {"b": [True, None]}), (5, "--options={'b': True}", {"b": True}),
            (5, "--options=k=1,other=word", {"k": 1, "other": "word"}),
            (6, "--data-path=/somewhere", "/somewhere"), (6, "--data_path=gs://bucket/x", "/gcs/bucket/x"),
            (6, "--data-path=s3://bucket/x", "s3://bucket/x"),
        ]
        for index, argument, value in table:
            with self.subTest(argument):
                self.assertEqual(self.values(argument)[index], value)
                self.assertIs(type(self.values(argument)[index]), type(value))

    def test_values_as_separate_arguments(self):
        self.assertEqual(self.values("--epochs", "4", "--learning_rate", "0.2", "--name", "two words", "--layers", "[1]")[:5],
                         [0.2, 4, True, "two words", [1]])

    def test_refusals(self):
        table = [
            ("--epoch=4", "error: unknown argument --epoch=4; did you mean --epochs?"),
            ("--learning-rat", "error: unknown argument --learning-rat; did you mean --learning-rate?"),
            ("--zzz=1", "error: unknown argument --zzz=1"),
            ("stray", "error: unknown argument stray"),
            ("--epochs=3.5", "invalid integer value: '3.5'"),
            ("--epochs=three", "invalid integer value: 'three'"),
            ("--epochs=inf", "invalid integer value: 'inf'"),
            ("--learning-rate=fast", "invalid real value: 'fast'"),
            ("--shuffle=maybe", "invalid boolean value: 'maybe'"),
            ("--layers=[1", "invalid structure value: '[1'"),
        ]
        for argument, message in table:
            with self.subTest(argument):
                self.assertTrue(self.refused(argument).endswith(message), self.refused(argument))

    def test_help_shows_defaults(self):
        text = harness.run(self.python, self.scripts / "train.py", "--help", cwd=self.work).stdout
        flat = " ".join(text.split())
        self.assertIn("step size, 5% of something (default: 0.1)", flat)
        self.assertIn("--learning-rate LEARNING-RATE, --learning_rate LEARNING-RATE", flat)
        self.assertIn("where the training data is (default: data/iris)", flat)
        self.assertNotIn("tuning_objective", flat)

    def test_platforms_add_arguments(self):
        values = self.values("--_tuning_objective_metric", "accuracy", "--local_rank", "0", "--local-rank=1",
                             "--model_dir", "s3://bucket/job/model", SM_MODEL_DIR=str(self.model))
        self.assertEqual(values[7], str(self.model))

    def test_platforms_set_folders(self):
        model, data = str(self.model), str(self.folder / "data")
        for variable in ("SM_MODEL_DIR", "AIP_MODEL_DIR", "AZUREML_MODEL_DIR"):
            self.assertEqual(self.values(**{variable: model})[7], model)
        for variable in ("SM_CHANNEL_TRAINING", "SM_CHANNEL_TRAIN", "AIP_TRAINING_DATA_URI"):
            self.assertEqual(self.values(**{variable: data})[6], data)
        self.assertEqual(self.values(AIP_TRAINING_DATA_URI="gs://bucket/data/*.csv")[6], "/gcs/bucket/data/*.csv")
        self.assertEqual(self.values(SM_MODEL_DIR="", AIP_MODEL_DIR=model)[7], model)
        self.assertEqual(self.values("--model-dir", model, SM_MODEL_DIR=str(self.folder / "other"))[7], model)

    def test_parameters_are_written(self):
        self.train("--epochs=9")
        self.assertEqual(self.results("params.json"), {"learning_rate": 0.1, "epochs": 9, "shuffle": True, "name": "base",
                                                       "layers": [8, 4], "options": {"a": 1}})


class WithoutParameters(harness.Case):
    def test_smallest_script(self):
        self.write(train_data("", "global model\nmodel = len", "model"))
        self.train()
        self.assertEqual(self.results("params.json"), {})
        self.assertEqual(self.results("metrics.json"), {})
        text = (self.scripts / "train.py").read_text()
        for word in ("mlflow", "METRICS", "data-path", "joblib", "torch", "state", "boolean", "signal"):
            self.assertNotIn(word, text)
        self.assertLess(text.count("\n"), 260)


if __name__ == "__main__":
    harness.main()
