"""The scripts as a whole: their names, their layout, how they run, fail and leave the notebook's names alone; preprocess.py."""
import json
import re
import shutil
import subprocess
import unittest

import harness
from harness import inference_data, preprocess_data, train_data

EVERYTHING = {
    "hyperparameters": [("learning_rate", "float", 0.1, "a"), ("epochs", "int", 3, "b"), ("shuffle", "bool", True, "c"),
                        ("layers", "json", [1], "d"), ("words", "str", "", "e")],
    "has_data_path": True, "data_path_default": '"data"', "uses_show": True, "packages": ["pip", "numpy"], "calls_exit": True,
    "tracking": "sqlite:///mlflow.db", "metrics": {"one": "1"}, "state": ["kept", "other"], "input_example": "[1]",
    "utils": "def helper():\n    return plt, np", "local": ["helper"], "is_async": True,
}
TRAINING = "global model, kept, other\nmodel, kept, other = len, 1, 2\nshow(model)\n"


def every_variant():
    """Name and text of scripts with all and none of the sections, for each framework alone and all together."""
    all_of_them = [name for name in harness.FRAMEWORKS]
    for frameworks in [[], all_of_them] + [[name] for name in all_of_them if name != "tensorflow"]:
        label = "+".join(frameworks) or "none"
        imports = "import matplotlib.pyplot as plt\nimport numpy as np\n"
        yield f"train small {label}", "train.py.tmpl", train_data("", TRAINING[:-12], "model", frameworks=frameworks)
        yield f"train {label}", "train.py.tmpl", train_data(imports, TRAINING, "model", frameworks=frameworks, **EVERYTHING)
        yield f"inference small {label}", "inference.py.tmpl", inference_data("", frameworks=frameworks)
        yield f"inference {label}", "inference.py.tmpl", inference_data(
            imports, frameworks=frameworks, state=["kept", "WIDTH"], constants="WIDTH = 2", main_names=["helper", "late"],
            model_names=["net"], local=["helper"], utils="def helper(data):\n    return plt, np", predict_call="helper(data)",
            late_definitions="    global late\n\n    def late(a=kept):\n        return a", needs_model_dir=True)
    yield "train own", "train.py.tmpl", train_data("import mlflow\n", TRAINING, "model", **dict(
        EVERYTHING, own_mlflow=True, uses_mlflow=True, future_imports="from __future__ import annotations", utils=""))
    yield "train beside", "train.py.tmpl", train_data("import mlflow\n", TRAINING, "model", **dict(
        EVERYTHING, uses_mlflow=True, utils="def helper():\n    mlflow.log_metric(\"a\", 1)"))
    handlers = ["model_fn", "input_fn", "predict_fn", "output_fn"]
    functions = "\n\n\n".join(f"def {name}(a{', b' if name != 'model_fn' else ''}):\n    return a" for name in handlers)
    yield "inference handlers", "inference.py.tmpl", inference_data("", handlers=handlers, inference=functions)
    shared = {key: EVERYTHING[key] for key in ("hyperparameters", "has_data_path", "data_path_default", "uses_show", "is_async")}
    yield "preprocess", "preprocess.py.tmpl", preprocess_data("import numpy as np\n", "show(np.ones(1))", ["x", "y"], **shared)
    yield "preprocess small", "preprocess.py.tmpl", preprocess_data("", "print(1)")


class Texts(unittest.TestCase):
    maxDiff = None

    def test_names_are_listed(self):
        """names.txt says exactly what the templates use."""
        plain, modules = harness.names()
        text = "".join(path.read_text() for path in harness.TEMPLATES.glob("*.tmpl"))
        used = set(re.findall(r"<%n\.(\w+)%>", text))
        self.assertEqual(set(plain) | set(modules), used)
        for kind in ("need", "alias"):
            self.assertEqual(set(re.findall(rf"<%[#^]{kind}\.(\w+)%>", text)), set(modules))
        self.assertEqual(plain, sorted(plain, key=lambda name: (name.lower(), name)))
        self.assertEqual(modules, sorted(modules))
        self.assertFalse(set(plain) & set(modules))

    def test_module_level_names_are_variables_of_the_templates(self):
        """Nothing is bound at module level that could not give way."""
        fixed = {"model_fn", "input_fn", "predict_fn", "output_fn", "init", "run"}
        for path in harness.TEMPLATES.glob("*.tmpl"):
            for match in re.finditer(r"(?m)^(?:async def|def|class) (\w+)|^(\w+) = ", path.read_text()):
                name = match[1] or match[2]
                self.assertTrue(name in fixed or name in ("model_dir", "values"), f"{path.name}: {name}")  # two are indented later

    def test_black_agrees(self):
        python = harness.other_python()
        for name, template, data in every_variant():
            with self.subTest(name):
                text = harness.render(template, data)
                done = subprocess.run([python, "-m", "black", "-q", "-l", "100", "-t", "py38", "--diff", "-"], input=text,
                                      capture_output=True, text=True)
                self.assertEqual(done.stdout + done.stderr, "")


class Variants(harness.Case):
    def test_style(self):
        for name, template, data in every_variant():
            with self.subTest(name):
                self.write(**{template.partition(".")[0]: data})

    def test_hostile_names(self):
        """What stands in the configuration cannot leave its place in the script."""
        evil = '"""\nimport os\nos.abort()\n"""\\'
        values = {key: evil for key in ("experiment", "notebook", "regenerate", "version", "notebook_sha256")}
        train = train_data("", "global model\nmodel = len", "model", tracking="sqlite:///" + evil, packages=[evil],
                           metrics={evil: "1"}, hyperparameters=[("a", "int", 1, evil + "%s")])
        train.update(values, mlflow_experiment=evil)
        inference = dict(inference_data(""), **values)
        for name, data in (("train", train), ("inference", inference)):
            text = harness.render(f"{name}.py.tmpl", data)
            (self.scripts / f"{name}.py").write_text(text)
        self.train("--a=2", NOTEBOOKED_TRACKING="off")
        self.assertEqual(self.results(), {evil: 1.0})
        self.train("--help")
        self.infer("import inference\ninference.model_fn(MODEL)\n")


class Running(harness.Case):
    def test_globals_survive_runpy(self):
        """What a reader of the script's namespace finds: the notebook's variables, also those called like ours."""
        self.write(train_data("", "global model, arguments, parameters, value\nmodel = [3]\narguments = parameters = value = 7\n",
                              "model", metrics={"m": "value + arguments", "length": "len(model)"}))
        probe = ("import json, runpy, sys\nsys.argv = sys.argv[1:]\nspace = runpy.run_path(sys.argv[0], run_name='__main__')\n"
                 "print(json.dumps([space[n] for n in ('model', 'arguments', 'parameters', 'value', 'MODEL_DIR')]))")
        done = harness.run(self.python, "-c", probe, self.scripts / "train.py", "--model-dir", "m", cwd=self.work)
        self.assertEqual(done.stdout.splitlines(), ["metric m=14.0", "metric length=1.0", '[[3], 7, 7, 7, "m"]'])

    def test_async_training(self):
        self.write(train_data("import asyncio\n", "global model\nawait asyncio.sleep(0)\nmodel = len", "model", is_async=True))
        self.train()

    def test_displayed_values(self):
        self.write(train_data("", "global model\nmodel = 'text'\nshow(model)\nshow(None)\nshow(12)", "model", uses_show=True))
        self.assertEqual(self.train().stdout, "'text'\n12\n")

    def test_plots_need_no_screen(self):
        self.write(train_data("import matplotlib.pyplot as plt\n", "global model\nmodel = len\nplt.plot([1])\nplt.show()\n"
                              "print(plt.get_backend())", "model"))
        environment = harness.clean_environment()
        environment.pop("MPLBACKEND", None)
        done = harness.run(self.python, self.scripts / "train.py", cwd=self.work, env=environment)
        self.assertEqual(done.stdout.lower(), "agg\n")

    def test_metrics(self):
        metrics = {"plain": "0.5", "array": "numpy.array([1, 2])", "nested": "{'a': 1, 'b': {'c': (2, 3)}}", "flag": "True",
                   "nan": "float('nan')", "long": "[0] * 21", "missing": "nonesuch", "text": "'x'", "zero_d": "numpy.float32(0.25)"}
        self.write(train_data("import numpy\n", "global model\nmodel = len\nprint(numpy.nonesuch if model is None else 1)\n",
                              "model", metrics={k: v for k, v in metrics.items() if k != "missing"}))
        done = self.train()
        self.assertEqual(done.stdout.splitlines()[1:], [
            "metric plain=0.5", "metric array.0=1.0", "metric array.1=2.0", "metric nested.a=1.0", "metric nested.b.c.0=2.0",
            "metric nested.b.c.1=3.0", "metric flag=1.0", "metric nan=nan", "metric zero_d=0.25"])
        self.assertEqual(done.stderr.splitlines(), [
            "warning: no metric 'long': more than 20 values are no metric",
            "warning: no metric 'text': could not convert string to float: 'x'"])
        self.assertIsNone(self.results()["nan"])

    def test_training_input_of_any_kind(self):
        own = "class Table:\n    columns = ['a', 'b']\n    dtypes = ['Int64', 'String']\n"
        table = [("[[1, 2]]", {}), ("['a']", {"dtype": "str", "shape": []}), ("pandas.Series([1.5])", {"dtype": "float64", "shape": []}),
                 ("scipy.sparse.csr_matrix([[0, 1]])", {"dtype": "int64", "shape": [2]}), ("{'a': [1]}", {}),
                 ("numpy.zeros((2, 3, 4), 'float32')", {"dtype": "float32", "shape": [3, 4]}), ("iter([])", {}), ("None", {}),
                 ("pandas.DataFrame({'a': [1], 'b': ['x']})", {"dtypes": {"a": "int64", "b": "str"}, "feature_names": ["a", "b"]}),
                 ("pandas.DataFrame({'a': [1, 'x']})", {"dtypes": {"a": "object"}, "feature_names": ["a"]}),
                 ("Table()", {"dtypes": {"a": "Int64", "b": "String"}, "feature_names": ["a", "b"]})]
        for expression, want in table:
            with self.subTest(expression):
                self.write(train_data("import numpy\nimport pandas\nimport scipy.sparse\n", "global model, X\nmodel = len\n"
                                      f"X = {expression}\nprint(numpy, pandas, scipy)", "model", input_example="X", utils=own))
                self.train()
                self.assertEqual(self.results("notebooked.json")["input"], want)

    def test_failure(self):
        self.write(train_data("", "global model\nmodel = 1\nraise ValueError('x' * 2000 + 'the end')", "model"))
        output = self.folder / "output"
        output.mkdir()
        done = self.train(code=1, SM_OUTPUT_DIR=str(output))
        self.assertIn("Traceback", done.stderr)
        told = (output / "failure").read_text()
        self.assertEqual(len(told), 1024)
        self.assertTrue(told.endswith("the end\n"))
        done = self.train(code=1, SM_OUTPUT_DIR=str(self.folder / "none"))
        self.assertTrue(done.stderr.endswith("the end\n"))

    def test_exit_of_the_notebook(self):
        for status, code in (("", 0), ("0", 0), ("3", 3), ("'sorry'", 1)):
            with self.subTest(status):
                self.write(train_data("import sys\n", f"global model\nmodel = len\nsys.exit({status})", "model", calls_exit=True))
                self.train(code=code)
                self.assertEqual((self.model / "model.pkl").exists(), code == 0)
                for path in self.model.glob("*.*"):
                    path.unlink()

    def test_git_commit(self):
        git = ["git", "-c", "user.name=n", "-c", "user.email=e@example.invalid"]
        self.write(train_data("", "global model\nmodel = len", "model"))
        for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
            subprocess.run(git + command, cwd=self.scripts, check=True)
        head = subprocess.run(git + ["rev-parse", "HEAD"], cwd=self.scripts, capture_output=True, text=True).stdout.strip()
        self.train()
        self.assertEqual(self.results("notebooked.json")["git_commit"], head)
        self.train(NOTEBOOKED_GIT_COMMIT="feed")
        self.assertEqual(self.results("notebooked.json")["git_commit"], "feed")
        self.train(PATH="/nonexistent", python=harness.DEBIAN_PYTHON)
        self.assertIsNone(self.results("notebooked.json")["git_commit"])

    def test_model_dir_that_cannot_be_made(self):
        self.write(train_data("", "global model\nmodel = len\nprint('trained')", "model"))
        self.model.write_text("a file")
        done = self.train(code=1)
        self.assertNotIn("trained", done.stdout)


class Preprocess(harness.Case):
    BODY = """
global frame, series, array, words, tensor, sparse, text, sized
frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
series = pd.Series([1.5, 2.5], name="s")
array = np.arange(6).reshape(2, 3)
words = np.array(["a", "bb"], dtype=object)
sparse = csr_matrix([[0, 1]])
text = "not written"
sized = np.full(SIZE, 7)
"""

    def test_results(self):
        names = ["frame", "series", "array", "words", "sparse", "text", "sized", "unbound"]
        body = self.BODY.replace(" tensor,", "")
        self.write(preprocess=preprocess_data(
            "import numpy as np\nimport pandas as pd\nfrom scipy.sparse import csr_matrix\n", body, names, has_data_path=True,
            data_path_default='"data"', hyperparameters=[("size", "int", 2, "how many")]))
        for python in (self.python, harness.other_python()):  # without and with a package for Parquet
            out = harness.run(python, self.scripts / "preprocess.py", "--size=3", "--output-path", "out", cwd=self.work).stdout
            self.assertEqual([line.split()[1] for line in out.splitlines()],
                             ["frame", "series", "array", "words", "sparse", "sized"])
            load = ("import numpy as np, pandas as pd, json, glob\n"
                    "read = lambda n: (pd.read_parquet if glob.glob(f'out/{n}.parquet') else pd.read_csv)(glob.glob(f'out/{n}.[pc]*')[0])\n"
                    "print(json.dumps([read('frame').to_dict('list'), read('series').to_dict('list'), np.load('out/array.npy').tolist(),"
                    " np.load('out/words.npy').tolist(), np.load('out/sparse.npy').tolist(), np.load('out/sized.npy').tolist()]))")
            got = json.loads(harness.run(python, "-c", load, cwd=self.work).stdout)
            self.assertEqual(got, [{"a": [1, 2], "b": ["x", "y"]}, {"s": [1.5, 2.5]}, [[0, 1, 2], [3, 4, 5]], ["a", "bb"], [[0, 1]],
                                   [7, 7, 7]])
            shutil.rmtree(self.work / "out")

    def test_arguments(self):
        self.write(preprocess=preprocess_data("", "print(DATA_PATH)", has_data_path=True, data_path_default='"data"'))
        run = lambda *a, code=0, **e: harness.run(self.python, self.scripts / "preprocess.py", *a, cwd=self.work, code=code,
                                                  env=harness.clean_environment(**e))
        self.assertEqual(run("--data_path=x").stdout, "x\n")
        self.assertEqual(run(SM_CHANNEL_TRAINING="y").stdout, "y\n")
        self.assertIn("did you mean --output-path?", run("--output-pth=x", code=2).stderr)


if __name__ == "__main__":
    harness.main()
