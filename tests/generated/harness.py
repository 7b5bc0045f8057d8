"""Renders the templates with data such as the generator makes, and runs what comes out.

An experiment is written as the generator would split a notebook: blocks of definitions, the training function, the
names that go from training to inference. Everything that a test does not say has the value of an empty notebook.
"""
import ast
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

BUILD = pathlib.Path(os.environ.get("NB_BUILD_DIR", "build/debug")).resolve()
SOURCE = pathlib.Path(os.environ.get("NB_SOURCE_DIR", ".")).resolve()
TEMPLATES = SOURCE / "src/gen/templates"
DEBIAN_PYTHON = os.environ.get("NB_SYSTEM_PYTHON") or "/usr/bin/python3"
FRAMEWORKS = ("sklearn", "xgboost", "lightgbm", "catboost", "torch", "keras", "tensorflow", "statsmodels")
PARSERS = {"int": "integer", "float": "real", "bool": "boolean", "str": "string", "json": "structure"}


def names():
    """The names and the modules that names.txt lists."""
    text = (TEMPLATES / "names.txt").read_text()
    plain, modules = re.sub(r"#.*", "", text).split("[modules]")
    return plain.split(), modules.split()


def imported_modules(imports):
    """Names that lines of plain imports bind to the module of that name."""
    found = set(re.findall(r"^import (\w+)(?:\.\w+)*$", imports, re.M))
    return found | set(re.findall(r"^from tensorflow import (keras)$", imports, re.M))


def common(imports, taken=(), **values):
    """Data that every template reads: names with those in `taken` giving way, and modules to import."""
    plain, modules = names()
    bound = imported_modules(imports)
    alias = {name: name + "_" if name in taken and name not in bound else "" for name in modules}
    given = {name: name + "_" if name in taken else name for name in plain}
    given.update({name: alias[name] or name for name in modules})
    frameworks = set(values.pop("frameworks", ()))
    hyperparameters = values.pop("hyperparameters", ())
    data = {
        "experiment": "iris", "notebook": "notebooks/iris.ipynb", "notebook_sha256": "ab" * 32,
        "regenerate": "notebooked convert iris", "version": "0.1.0", "n": given, "alias": alias,
        "need": {name: name not in bound for name in modules}, "future_imports": "", "user_imports": imports.strip(),
        "frameworks": {name: name in frameworks for name in FRAMEWORKS}, "plots": "matplotlib" in imports,
        "numpy": bool(frameworks) or "numpy" in imports, "pandas": "pandas" in imports, "has_flavor": bool(frameworks),
        "utils": "", "preprocess": "", "model": "", "has_data_path": False, "data_path_default": "",
        "is_async": False, "uses_show": False, "uses_beside": False, "os_first": False, "sys_first": False, "has_local_modules": False, "local_modules": [], "description": "", "has_description": False,
        "has_hyperparameters": bool(hyperparameters),
        "hyperparameters": [
            {"constant": name.upper(), "flag": name.replace("_", "-"), "flag_alt": name, "type": kind, "aliased": False,
             "default": json.dumps(default) if isinstance(default, str) else repr(default), "help": help_, "parser": given[PARSERS[kind]]}
            for name, kind, default, help_ in hyperparameters],
    }
    for kind in PARSERS:
        data["has_" + kind] = any(row[1] == kind for row in hyperparameters)
    data["os_first"], data["sys_first"] = data["plots"] or bool(values.get("has_local_modules")), bool(values.get("has_local_modules"))
    data.update({key: value.strip("\n") if isinstance(value, str) else value for key, value in values.items()})
    return data


def train_data(imports, training, model, **values):
    """Data of train.py; `training` is the body of the training function, its globals declared."""
    values = dict({"tracking": "", "own_mlflow": False, "uses_mlflow": False, "state": (), "metrics": {}, "packages": (),
                   "input_example": "", "calls_exit": False, "training_definitions": "", "local": (), "include": ()}, **values)
    tracking, state, metrics = values.pop("tracking"), values.pop("state"), values.pop("metrics")
    packages, local, include = values.pop("packages"), values.pop("local"), values.pop("include")
    values.update(
        training_function=function("run_training", training, values.get("is_async", False)), model_expression=model,
        input_example_expression=values.pop("input_example"), tracking=bool(tracking), tracking_uri=tracking,
        mlflow_experiment="iris", logs=bool(tracking) and not values["own_mlflow"],
        imports_mlflow="mlflow" not in imported_modules(imports),
        metrics=[{"name": name, "expression": expression} for name, expression in metrics.items()],
        has_metrics=bool(metrics), state_names=[{"name": name} for name in state], has_state=bool(state),
        packages=[{"name": name} for name in packages], has_packages=bool(packages),
        local_modules=[{"name": name} for name in local], has_local_modules=bool(local),
        include=[{"path": path, "name": path} for path in include], has_include=bool(include), copies=bool(local or include),
        uses_sys=bool(metrics or state or tracking or local or include or "keras" in values.get("frameworks", ())))
    return common(imports, **values)


def inference_data(imports, **values):
    """Data of inference.py."""
    values = dict({"state": (), "main_names": (), "model_names": (), "predict_call": "", "inference": "", "constants": "",
                   "late_definitions": "", "needs_model_dir": False, "handlers": (), "local": ()}, **values)
    state, main_names, local = values.pop("state"), values.pop("main_names"), values.pop("local")
    handlers = values.pop("handlers")
    constants = re.findall(r"^(\w+) =", values["constants"], re.M)
    placeholders = [name for name in state if name not in constants]
    for name in ("model_fn", "input_fn", "predict_fn", "output_fn"):
        values["user_" + name] = name in handlers
    model_names = values.pop("model_names")
    values.update(
        model_names=[{"name": name} for name in model_names], has_model_names=bool(model_names),
        state_names=[{"name": name} for name in state], has_state=bool(state),
        placeholders=[{"name": name, "initial": "None"} for name in placeholders], has_placeholders=bool(placeholders),
        main_names=[{"name": name} for name in main_names], has_main_names=bool(main_names),
        local_modules=[{"name": name} for name in local], has_local_modules=bool(local),
        has_late_definitions=bool(values["late_definitions"]), unpickles="model_fn" not in handlers or bool(state),
        uses_csv=not {"input_fn", "output_fn"} <= set(handlers),
        uses_records=bool(values["predict_call"]) or "predict_fn" in handlers)
    return common(imports, **values)


def preprocess_data(imports, preprocess, results=(), **values):
    """Data of preprocess.py."""
    values = dict({"blocks": "", "needs_model_dir": False}, **values)
    values.update(preprocess_function=function("run_preprocess", preprocess, values.get("is_async", False)),
                  results=[{"name": name} for name in results], has_results=bool(results))
    data = common(imports, **values)
    data["uses_json"] = data["has_str"] or data["has_json"]
    return data


def function(name, body, is_async=False):
    """A function of the generator's: `body` is indented, its docstring added."""
    body = "\n".join("    " + line if line.strip() else line for line in body.strip("\n").split("\n"))
    head = "async def" if is_async else "def"
    return f'{head} {name}():\n    """What the cells of the notebook do, in their order."""\n{body}'


def render(template, data):
    """The text of a template, by the product's own engine."""
    done = subprocess.run([str(BUILD / "tool_render"), template], input=json.dumps(data), capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stdout


def clean_environment(**more):
    """The environment without what steers generated scripts, and quiet."""
    keep = {k: v for k, v in os.environ.items() if not re.match(r"(SM|AIP|AZUREML|AZURE_ML|MLFLOW|NOTEBOOKED)_", k)}
    keep.update(PYTHONDONTWRITEBYTECODE="1", OMP_NUM_THREADS="1", TF_CPP_MIN_LOG_LEVEL="3", MLFLOW_DISABLE_TELEMETRY="true",
                GIT_PYTHON_REFRESH="quiet", **more)
    return keep


def run(python, *arguments, cwd, code=0, env=None, input=None):
    """Run Python; returns the finished process after checking its exit status (None: any)."""
    done = subprocess.run([python, *map(str, arguments)], cwd=cwd, env=env or clean_environment(), capture_output=True,
                          text=True, timeout=300, input=input)
    if code is not None and done.returncode != code:
        raise AssertionError(f"exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-5000:]}")
    return done


def other_python():
    """The Python of tests/requirements.txt; what needs it is skipped where it is not installed."""
    digest = hashlib.sha256((SOURCE / "tests/requirements.txt").read_bytes()).hexdigest()[:16]
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    python = os.environ.get("NB_TEST_PYTHON") or f"{cache}/notebooked/tests-{digest}/bin/python"
    if not os.path.exists(python):
        raise unittest.SkipTest(f"there is no {python}: make test installs it")
    return python


def main():
    """Run the tests of the calling file; a run that skips everything is a skipped test for CTest too."""
    done = unittest.main(exit=False).result
    nothing_ran = done.testsRun == 0 or len(done.skipped) >= done.testsRun
    sys.exit(77 if done.wasSuccessful() and nothing_ran else not done.wasSuccessful())


class Case(unittest.TestCase):
    """A test with a folder of its own, named with a blank in it."""

    python = DEBIAN_PYTHON

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="generated ")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.scripts = self.folder / "scripts"
        self.scripts.mkdir()
        self.work = self.folder / "work"
        self.work.mkdir()
        self.model = self.folder / "the model"

    def write(self, train=None, inference=None, preprocess=None, requirements="scikit-learn\n"):
        """Render what is given into the folder of scripts, and check it as a reviewer would."""
        for name, data in (("train", train), ("inference", inference), ("preprocess", preprocess)):
            if data:
                text = render(f"{name}.py.tmpl", data)
                (self.scripts / f"{name}.py").write_text(text)
                self.check_style(f"{name}.py", text, data)
        (self.scripts / "requirements.txt").write_text(requirements)

    def check_style(self, name, text, data):
        """Python 3.8, no unused or undefined names, no line of ours too long, blank lines as PEP 8 wants them."""
        ast.parse(text, name, feature_version=(3, 8))
        done = subprocess.run([DEBIAN_PYTHON, "-m", "pyflakes", str(self.scripts / name)], capture_output=True, text=True)
        self.assertEqual(done.stdout + done.stderr, "")
        lines, users = text.split("\n"), "\n".join(value for value in data.values() if isinstance(value, str))
        for number, line in enumerate(lines, 1):
            self.assertTrue(len(line) <= 100 or line in users, f"{name}:{number}: {line}")
            self.assertEqual(line, line.rstrip(), f"{name}:{number}: trailing blanks")
            if re.match(r"def |class |async def |@|if __name__", line):
                above = lines[max(number - 3, 0) : number - 1]
                self.assertTrue(above == ["", ""] or above[1].startswith(("@", "#")), f"{name}:{number}: {above}")
        self.assertNotIn("\n\n\n\n", text, name)
        self.assertNotRegex(text, r"(?m)^import (sys|os|traceback)\n(import|from) (joblib|numpy|torch|sklearn)", name)
        self.assertTrue(text.endswith("\n") and not text.endswith("\n\n"), name)

    def train(self, *arguments, code=0, python=None, **environment):
        """Run train.py in the folder `work`."""
        return run(python or self.python, self.scripts / "train.py", "--model-dir", self.model, *arguments, cwd=self.work,
                   code=code, env=clean_environment(**environment))

    def infer(self, code, python=None, cwd=None, status=0):
        """Run code in a fresh process, in an empty folder, where `inference` can be imported and MODEL is the path."""
        empty = self.folder / "empty"
        empty.mkdir(exist_ok=True)
        before = f"import sys; sys.path.insert(0, {str(self.scripts)!r}); MODEL = {str(self.model)!r}\n"
        return run(python or self.python, "-c", before + code, cwd=cwd or empty, code=status)

    def results(self, name="metrics.json"):
        return json.loads((self.model / name).read_text())


class RoundTrip(Case):
    """Training and inference in two processes."""

    def check(self, imports, training, model="model", rows="X[:3]", tolerance=1e-6, python=None, inference=None, **values):
        """Train, predict on `rows` with inference.py's defaults, and compare with `expected` of the training."""
        training += "\nglobal expected\n" if "global expected" not in training else ""
        lines = training.strip("\n").split("\n")
        globals_ = [line for line in lines if line.startswith("global ")]
        body = "\n".join(globals_ + [line for line in lines if not line.startswith("global ")])
        body += "\nprint('EXPECTED', [float(value) for value in expected])\nprint('ROWS', json.dumps(" + rows + "))"
        self.write(train_data("import json\n\n" + imports, body, model, **values),
                   inference_data(**dict({"imports": "", "frameworks": values.get("frameworks", ())}, **(inference or {}))))
        out = self.train(python=python).stdout
        expected = json.loads(out.split("EXPECTED ")[1].split("\n")[0])
        rows = out.split("ROWS ")[1].split("\n")[0]
        code = f"""
import inference, json
model = inference.model_fn(MODEL)
body = json.dumps({{"instances": {rows.replace("null", "None").replace("NaN", "None")}}})
answer, kind = inference.output_fn(inference.predict_fn(inference.input_fn(body, "application/json"), model), "application/json")
assert kind == "application/json", kind
flat = lambda v: [f for item in v for f in flat(item)] if isinstance(v, list) else [v]
print("GOT", flat(json.loads(answer)["predictions"]))
"""
        got = json.loads(self.infer(code, python=python).stdout.split("GOT ")[1])
        self.assertEqual(len(got), len(expected))
        for a, b in zip(got, expected):
            self.assertAlmostEqual(a, b, delta=tolerance)
        return out

    def files(self):
        return sorted(p.relative_to(self.model).as_posix() for p in self.model.rglob("*") if p.is_file())
