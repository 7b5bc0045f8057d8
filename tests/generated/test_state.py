"""What goes from training to inference: state, classes of the script, late definitions, in every kind of process."""

import harness
from harness import inference_data, train_data

SHAPES = '''
class Scaler:
    """Divides by the largest value it saw."""

    def __init__(self):
        self.top = None

    def fit(self, rows):
        self.top = max(max(row) for row in rows)
        return self

    def __call__(self, rows):
        return [[value / self.top for value in row] for row in rows]


def total(row):
    return sum(row)


class Model:
    def __init__(self, of):
        self.of = of

    def predict(self, rows):
        return [self.of(row) for row in rows]
'''
TRAINING = """
global scaler, labels, model
scaler = Scaler().fit([[1, 2], [3, 4]])
labels = {"a": 1}
model = Model(total)
"""
PREDICT = '''
def predict(rows, model):
    return [value + labels["a"] for value in model.predict(scaler(rows))]
'''
CODE = """
import inference, json
model = inference.model_fn(MODEL)
data = inference.input_fn("[[2, 2]]")
print(inference.output_fn(inference.predict_fn(data, model), None)[0])
"""


class State(harness.Case):
    def written(self, **values):
        train = dict({"state": ["scaler", "labels"], "utils": SHAPES}, **values)
        self.write(train_data(train.pop("imports", ""), train.pop("training", TRAINING), "model", **train),
                   inference_data("", state=train["state"], utils=SHAPES, inference=PREDICT, predict_call="predict(data, model)",
                                  main_names=["Scaler", "total", "Model"], **{k: v for k, v in values.items() if k == "frameworks"}))

    def test_state_and_classes_come_back(self):
        self.written()
        self.train()
        self.assertEqual(self.infer(CODE).stdout, '{"predictions": [2.0]}\n')

    def test_importing_reads_nothing(self):
        self.written()
        self.infer("import inference\nassert inference.scaler is None\n")

    def test_main_stays_as_it_was(self):
        self.written()
        self.train()
        self.infer("Model, keep = 'mine', 1\nbefore = dict(globals())\n" + CODE.replace("import inference, json", """
import inference
""") + """
assert Model == 'mine' and 'Scaler' not in globals() and 'total' not in globals(), sorted(globals())
""")

    def test_every_kind_of_process(self):
        self.written()
        self.train()
        (self.folder / "in.json").write_text('{"instances": [[2, 2]]}')
        script = [self.scripts / "inference.py", "--model-dir", self.model, "--input", self.folder / "in.json"]
        want = '{"predictions": [2.0]}\n'
        self.assertEqual(harness.run(self.python, *script, cwd=self.folder).stdout, want)
        runpy = f"import runpy, sys; sys.argv = {[str(word) for word in script]!r}; runpy.run_path(sys.argv[0], run_name='__main__')"
        self.assertEqual(harness.run(self.python, "-c", runpy, cwd=self.folder).stdout, want)
        self.assertEqual(harness.run(self.python, "-m", "inference", *script[1:], cwd=self.scripts).stdout, want)
        by_path = CODE.replace("import inference, json", f"""
import importlib.util, json
spec = importlib.util.spec_from_file_location("entry_module", {str(self.model / 'code' / 'inference.py')!r})
inference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(inference)
""")
        self.assertEqual(self.infer(by_path).stdout, want)

    def test_workers_of_a_server(self):
        """A program with a __main__ of its own imports the script in forked workers and answers from threads."""
        self.written()
        self.train()
        server = self.folder / "server.py"
        server.write_text(f"""
import importlib, multiprocessing, sys, threading

sys.path.insert(0, {str(self.scripts)!r})


class Model:
    pass


def worker(results):
    inference = importlib.import_module("inference")
    answers = []

    def load():
        model = inference.model_fn({str(self.model)!r})
        answers.append(inference.predict_fn([[2, 2]], model))

    threads = [threading.Thread(target=load) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    results.put((answers, Model.__module__, hasattr(sys.modules["__main__"], "Scaler")))


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    workers = [context.Process(target=worker, args=(results,)) for _ in range(2)]
    [process.start() for process in workers]
    print([results.get() for _ in workers])
    [process.join() for process in workers]
""")
        out = harness.run(self.python, server, cwd=self.folder).stdout
        self.assertEqual(out, str([([[2.0]] * 4, "__main__", False)] * 2) + "\n")

    def test_torch_and_joblib_find_the_classes_too(self):
        for frameworks in (["torch"], ["sklearn"]):
            with self.subTest(frameworks):
                self.written(frameworks=frameworks)
                self.train()
                self.assertEqual(self.infer(CODE).stdout, '{"predictions": [2.0]}\n')

    def test_what_is_shared_stays_shared(self):
        training = "global first, second, model\nfirst = []\nsecond = [first]\nmodel = Model(total)\n"
        self.write(train_data("", training, "model", state=["first", "second"], utils=SHAPES),
                   inference_data("", state=["first", "second"], utils=SHAPES, main_names=["total", "Model"]))
        self.train()
        self.infer("import inference\ninference.model_fn(MODEL)\nassert inference.second[0] is inference.first\n")

    def test_one_variable_that_cannot_be_saved(self):
        self.written(training=TRAINING.replace("labels = {", "labels = lambda: {"), metrics={"one": "1"})
        failed = self.train(code=1)
        self.assertIn("RuntimeError: cannot save what inference reads: 'labels': ", failed.stderr)
        self.assertEqual(self.results(), {"one": 1.0})
        self.infer("import inference\ninference.model_fn(MODEL)\nassert inference.scaler.top == 4 and inference.labels is None\n")

    def test_a_model_that_cannot_be_saved_leaves_the_rest(self):
        self.written(training=TRAINING.replace("Model(total)", "Model(lambda row: 1)"))
        failed = self.train(code=1)
        self.assertIn("lambda", failed.stderr.strip().split("\n")[-1])
        for name in ("metrics.json", "params.json", "state.pkl", "code/inference.py"):
            self.assertTrue((self.model / name).exists(), name)
        self.assertFalse((self.model / "notebooked.json").exists())

    def test_cloudpickle_helps_where_it_is_installed(self):
        python = harness.other_python()
        for frameworks in ((), ["sklearn"]):
            with self.subTest(frameworks):
                training = TRAINING.replace("labels = {", "labels = lambda: {").replace("Model(total)", "Model(lambda row: row[0])")
                self.written(training=training, frameworks=frameworks)
                self.train(python=python)
                self.infer("import inference\nm = inference.model_fn(MODEL)\nassert m.predict([[5]]) == [5]\n"
                           "assert inference.labels() == {'a': 1}\n", python=python)

    def test_a_variable_that_training_did_not_assign(self):
        self.written(training="global scaler, model\nscaler = Scaler().fit([[4]])\nmodel = Model(total)\n")
        done = self.train()
        self.assertEqual(done.stderr, "warning: training did not assign 'labels'\n")
        self.infer("import inference\ninference.model_fn(MODEL)\nassert inference.labels is None\n")

    def test_late_definitions(self):
        """A function whose default needs the state is defined once the state is there."""
        self.write(train_data("", "global factor, times, model\nfactor = 3\nmodel = times", "model", state=["factor"],
                              utils="def times(rows):\n    return rows"),
                   inference_data("", state=["factor"], utils="def times(rows):\n    return rows", main_names=["times", "late"],
                                  late_definitions="    global late\n\n    def late(rows, by=factor):\n"
                                                   "        return [row * by for row in rows]",
                                  predict_call="late(data)", model_names=["net"]))
        self.train()
        self.assertEqual(self.infer("import inference\nm = inference.model_fn(MODEL)\nassert inference.net is m\n"
                                    "print(inference.predict_fn([1, 2], m))").stdout, "[3, 6]\n")

    def test_constants_of_the_training_win(self):
        """A hyperparameter that definitions read has its value of the training, not the notebook's."""
        predict = "def predict(rows):\n    return [row * FACTOR for row in rows]"
        self.write(train_data("", "global model\nmodel = len", "model", state=["FACTOR"],
                              hyperparameters=[("factor", "int", 2, "times")]),
                   inference_data("", state=["FACTOR"], constants="FACTOR = 2", inference=predict, predict_call="predict(data)"))
        self.train("--factor=5")
        self.assertEqual(self.infer("import inference\nm = inference.model_fn(MODEL)\nprint(inference.predict_fn([1], m))").stdout,
                         "[5]\n")

    def test_names_that_the_notebook_uses(self):
        """Each generated name can give way; the notebook's own meaning of json, os and signal survives."""
        plain, modules = harness.names()
        taken = set(plain + modules) - {"joblib", "torch", "xgboost", "lightgbm", "catboost", "keras", "numpy", "mlflow"}
        training = "global model\nglobal json\njson = 3\nmodel = len\nprint(json)\n"
        values = {"taken": taken, "state": ["json"]}
        hyperparameters = [("a", "int", 1, ""), ("b", "json", {}, ""), ("c", "str", "", ""), ("d", "bool", True, ""), ("e", "float", 0.5, "")]
        train = train_data("", training, "model", metrics={"n": "json"}, hyperparameters=hyperparameters, packages=["pip"],
                           tracking="sqlite:///mlflow.db", **values)
        train["training_function"] = train["training_function"].replace("def run_training", "def run_training_")
        self.write(train, inference_data("", main_names=["helper"], utils="def helper():\n    return json", **values))
        done = self.train(NOTEBOOKED_TRACKING="off")
        self.assertEqual(done.stdout, "3\nmetric n=3.0\n")
        self.infer("import inference\ninference.model_fn(MODEL)\nassert inference.json == 3 and inference.helper() == 3\n"
                   "print(inference.predict_fn('abc', len))")


class Modules(harness.Case):
    def test_included_files_travel(self):
        (self.work / "words").mkdir()
        (self.work / "words/list.txt").write_text("a")
        (self.work / "note.txt").write_text("b")
        self.write(train_data("", "global model\nmodel = len", "model", include=["words", "note.txt", "gone.txt"]))
        self.assertEqual(self.train().stderr, "warning: 'gone.txt' is not here and is left out\n")
        self.assertEqual((self.model / "code/words/list.txt").read_text() + (self.model / "code/note.txt").read_text(), "ab")

    def test_local_modules_travel(self):
        (self.scripts / "helper.py").write_text("FACTOR = 2\n")
        (self.scripts / "parts").mkdir()
        (self.scripts / "parts/__init__.py").write_text("")
        (self.scripts / "parts/more.py").write_text("import helper\nFACTOR = helper.FACTOR + 1\n")
        imports = "import os\nimport sys\nimport helper\nfrom parts import more\n"
        training = "global model\nmodel = len\nprint(helper.FACTOR, more.FACTOR, os.sep in sys.path[0])"
        self.write(train_data(imports, training, "model", local=["helper.py", "parts"]),
                   inference_data("import helper\nfrom parts import more\n", local=["helper.py", "parts"], inference="def predict(data):\n"
                                  "    return [helper.FACTOR, more.FACTOR]", predict_call="predict(data)"))
        self.assertEqual(self.train().stdout, "2 3 True\n")
        self.assertEqual(sorted(p.name for p in (self.model / "code").rglob("*.py")),
                         ["__init__.py", "helper.py", "inference.py", "more.py"])
        load = self.folder / "load.py"
        load.write_text("import importlib.util, sys\nspec = importlib.util.spec_from_file_location('entry', sys.argv[1])\n"
                        "m = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(m)\n"
                        "print(m.predict_fn([], m.model_fn(sys.argv[2])))\n")
        empty = self.folder / "elsewhere"
        empty.mkdir()
        out = harness.run(self.python, load, self.model / "code/inference.py", self.model, cwd=empty).stdout
        self.assertEqual(out, "[2, 3]\n")

    def test_the_notebook_imports_os_and_plots(self):
        imports = "import os\nimport matplotlib.pyplot as plt\n"
        self.write(train_data(imports, "global model\nmodel = len\nprint(plt.get_backend(), os.sep)", "model"))
        self.assertEqual(self.train().stdout.lower(), "agg /\n")


if __name__ == "__main__":
    harness.main()
