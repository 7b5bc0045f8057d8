"""What inference.py reads and answers, as SageMaker's toolkits, Azure ML's server, Vertex AI and the command line use it."""
import json
import shutil
import tempfile

import harness
from harness import inference_data, train_data

FRAME = """
global X, parts, model
X = pd.DataFrame({"size": [1.0, 2.0, 3.0, 4.0], "kind": ["007", "7", "007", "7"], "count": [1, 2, 3, 4]})
parts = ColumnTransformer([("kind", OneHotEncoder(), ["kind"])], remainder="passthrough")
model = make_pipeline(parts, LinearRegression()).fit(X, [1.0, 5.0, 3.0, 7.0])
"""
IMPORTS = """import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
"""
ASK = """
import inference, io, json, numpy
model = inference.model_fn(MODEL)

def ask(body, kind="application/json", accept="application/json"):
    try:
        return inference.output_fn(inference.predict_fn(inference.input_fn(body, kind), model), accept)
    except inference.BadInput as error:
        return "BadInput: %s" % error
"""


class Serving(harness.Case):
    def answers(self, *asks):
        """The answers to several calls of ask(...), from one process."""
        code = ASK + "".join(f"print(json.dumps({ask}))\n" for ask in asks)
        return [json.loads(line) for line in self.infer(code).stdout.splitlines()]

    def check(self, table):
        for (ask, want), got in zip(table, self.answers(*[row[0] for row in table])):
            with self.subTest(ask):
                if isinstance(want, str) or want is None:
                    self.assertEqual(got, want)
                else:
                    self.assertEqual(got[1], "application/json")
                    for a, b in zip(json.loads(got[0])["predictions"], want, strict=True):
                        self.assertAlmostEqual(a, b, 6) if isinstance(b, float) else self.assertEqual(a, b)


class Frames(Serving):
    """A model that was trained on a DataFrame."""

    def setUp(self):
        """One training serves all tests of the class."""
        super().setUp()
        if not hasattr(Frames, "kept"):
            self.write(train_data(IMPORTS, FRAME, "model", frameworks=["sklearn"], input_example="X"),
                       inference_data("", frameworks=["sklearn"]))
            self.train()
            Frames.kept = tempfile.TemporaryDirectory()
            self.addClassCleanup(Frames.kept.cleanup)
            shutil.copytree(self.folder, Frames.kept.name, dirs_exist_ok=True)
        shutil.copytree(Frames.kept.name, self.folder, dirs_exist_ok=True)

    def test_forms_of_input(self):
        rows = '[[1.0, "007", 1], [2.0, "7", 2]]'
        want = [1.0, 5.0]
        records = '[{"size": 1.0, "kind": "007", "count": 1}, {"count": 2, "kind": "7", "size": 2, "other": 0}]'
        split = '{"columns": ["count", "kind", "size"], "data": [[1, "007", 1.0], [2, "7", 2.0]]}'
        table = [(repr(body), want) for body in (
            rows, '{"instances": %s}' % rows, '{"inputs": %s}' % rows, '{"data": %s}' % rows, '{"instances": %s}' % records, records,
            '{"dataframe_records": %s}' % records, '{"dataframe_split": %s}' % split,
            '{"inputs": {"size": [1, 2], "kind": ["007", "7"], "count": [1, 2]}}', '{"instances": %s, "parameters": {"a": 1}}' % rows,
            "\ufeff" + rows)]
        table = [(f"ask({body}.encode())", want) for body, want in table] + [
            (f"ask({rows!r})", want), (f"ask(bytearray({rows!r}.encode()))", want),
            (f"ask({rows!r}, 'application/json; charset=utf-8')", want), (f"ask({rows!r}, None)", want),
            (f"ask({rows!r}, 'Application/JSON')", want), (f"ask({rows!r}, 'application/x-www-form-urlencoded')", want),
            ("ask('[1.0, \"007\", 1]')", [1.0]),
            ("ask('{\"inputs\": {\"size\": 1, \"kind\": \"007\", \"count\": 1}}')", [1.0]),
            ("ask('size,kind,count\\n1.0,007,1\\n2.0,7,2\\n', 'text/csv')", want),
            ("ask('count,other,kind,size\\r\\n1,x,007,1.0\\r\\n2,x,7,2\\r\\n', 'text/csv')", want),
            ("ask('1.0,007,1\\n\\n2.0,7,2', 'text/csv; header=absent')", want),
            ("ask('\"1.0\",\"007\",\"1\"', 'text/csv')", [1.0]),
        ]
        self.check(table)

    def test_refusals(self):
        table = [
            ("ask('{')", "BadInput: the body is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
            ("ask('{\"rows\": []}')",
             "BadInput: the body has none of the keys instances, inputs, dataframe_split, dataframe_records, data"),
            ("ask(b'\\xff\\xfe')", "BadInput: the body is not UTF-8: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
            ("ask('[[1, 2]]')", "BadInput: row 1 has 2 values; the model takes 3: size, kind, count"),
            ("ask('[[1, \"7\", 3], 4]')", "BadInput: row 2 has 1 values; the model takes 3: size, kind, count"),
            ("ask('[{\"size\": 1}]')", "BadInput: columns are missing: kind, count"),
            ("ask('[{\"sise\": 1, \"kind\": \"7\", \"count\": 1}]')", "BadInput: columns are missing: size; unknown: sise"),
            ("ask('[{\"size\": \"big\", \"kind\": \"7\", \"count\": 1}]')", "BadInput: row 1, column 'size': \"big\" is no number"),
            ("ask('[[1, \"7\", 1], [2, \"7\", \"x\"]]')", "BadInput: row 2, column 'count': \"x\" is no number"),
            ("ask('[[1, \"7\", []]]')", "BadInput: row 1, column 'count': [] is no number"),
            ("ask('[[1, 7, 1]]')", "BadInput: row 1, column 'kind': 7 is no text"),
            ("ask('[[1, [\"7\"], 1]]')", "BadInput: row 1, column 'kind': [\"7\"] is no text"),
            ("ask('[[1, {}, 1]]')", "BadInput: row 1, column 'kind': {} is no text"),
            ("ask('[[1, \"7\", 1], {\"size\": 1}]')", "BadInput: row 1 is no object, as other rows are"),
            ("ask('{\"dataframe_split\": {\"columns\": true, \"data\": [[1]]}}')", "BadInput: 'columns' must be a list of names"),
            ("ask('{\"dataframe_split\": {\"columns\": [[1]], \"data\": [[1]]}}')", "BadInput: 'columns' must be a list of names"),
            ("ask('{\"dataframe_split\": {\"columns\": [\"size\"], \"data\": 5}}')", "BadInput: 'data' must be a list of rows"),
            ("ask('{\"dataframe_split\": {\"columns\": [\"size\"], \"data\": [5]}}')", "BadInput: row 1 must be a list of values"),
            ("ask('{\"dataframe_split\": {\"columns\": [\"size\", \"kind\"], \"data\": [[1, \"7\"], [5]]}}')",
             "BadInput: row 2 has 1 values for 2 columns: size, kind"),
            ("ask('size,kind,count\\n1,7', 'text/csv')", "BadInput: row 1 has 2 values for 3 columns: size, kind, count"),
            ("ask('size,kind,count\\n', 'text/csv')", "BadInput: the body has no rows"),
            ("ask('[]')", "BadInput: the body has no rows"),
            ("ask('null')", "BadInput: the body has no rows"),
            ("ask('{\"instances\": []}')", "BadInput: the body has no rows"),
            ("ask('{\"inputs\": {\"size\": [1, 2], \"kind\": [\"7\"], \"count\": [1]}}')", "BadInput: the columns differ in length"),
            ("ask('', 'text/csv')", "BadInput: the body has no rows"),
            ("ask('<a/>', 'application/xml')", "BadInput: cannot read application/xml; send application/json or text/csv"),
            ("ask('[[1.0, \"7\", 1]]', accept='image/png')",
             "BadInput: cannot answer with image/png; accept application/json or text/csv"),
            ("issubclass(inference.BadInput, ValueError)", None),
        ]
        table[-1] = (table[-1][0], True)
        for (ask, want), got in zip(table, self.answers(*[row[0] for row in table])):
            with self.subTest(ask):
                self.assertEqual(got, want)

    def test_forms_of_answers(self):
        row = "'[[1.0, \"007\", 1], [2.0, \"7\", 2]]'"
        got = self.answers(*[f"ask({row}, accept={accept!r})" for accept in (
            "*/*", None, "", "application/json", "text/html, application/json;q=0.9", "text/csv", "text/csv; header=absent, */*")])
        for body, kind in got[:5]:
            self.assertEqual(kind, "application/json")
            self.assertEqual([round(value, 6) for value in json.loads(body)["predictions"]], [1.0, 5.0])
        for body, kind in got[5:]:
            self.assertEqual(kind, "text/csv")
            self.assertEqual([round(float(line), 6) for line in body.splitlines()], [1.0, 5.0])

    def test_npy(self):
        self.check([("ask(b'no array', 'application/x-npy')[:34]", "BadInput: the body is no NPY array"),
                    ("ask('text', 'application/x-npy')[:34]", "BadInput: the body is no NPY array")])
        pickled = ("(lambda f: (numpy.save(f, numpy.array([[{}]], dtype=object), allow_pickle=True), ask(f.getvalue(), "
                   "'application/x-npy')))(io.BytesIO())[1]")
        self.assertIn("BadInput: the body is no NPY array: Object arrays cannot be loaded", self.answers(pickled)[0])

    def test_command_line(self):
        script, work = self.scripts / "inference.py", self.work
        (work / "in.csv").write_text("size,kind,count\n1.0,007,1\n")
        (work / "in.json").write_text('{"instances": [[1.0, "007", 1]]}')
        (work / "bad.json").write_text("[[1]]")
        run = lambda *arguments, code=0: harness.run(self.python, script, "--model-dir", self.model, *arguments, cwd=work, code=code)
        self.assertRegex(run("--input", "in.csv").stdout, r'^\{"predictions": \[(1\.0+\d*|0\.9+\d*)\]\}\n$')
        self.assertEqual(run("--input", "in.json", "--output", "out.csv").stdout, "")
        self.assertAlmostEqual(float((work / "out.csv").read_text()), 1.0, 6)
        run("--input", "in.json", "--output", "out.json")
        self.assertAlmostEqual(json.loads((work / "out.json").read_text())["predictions"][0], 1.0, 6)
        bad = run("--input", "bad.json", code=1).stderr
        self.assertEqual(bad, "error: cannot predict on 'bad.json': row 1 has 1 values; the model takes 3: size, kind, count\n")
        self.assertIn("No such file", run("--input", "none.json", code=1).stderr)
        missing = harness.run(self.python, script, "--model-dir", "nowhere", "--input", "in.json", cwd=work, code=1).stderr
        self.assertEqual(missing, "error: cannot load the model from 'nowhere': [Errno 2] No such file or directory: "
                                  "'nowhere/notebooked.json'\n")

    def test_azure(self):
        (self.work / "one.json").write_text('[[1.0, "007", 1]]')
        (self.work / "two.csv").write_text("1.0,007,1\n")
        code = f"""
import inference, os, sys, types
os.environ["AZUREML_MODEL_DIR"] = {str(self.folder / 'registered')!r}
inference.init()
row = '[[1.0, "007", 1]]'
show = lambda answer: print(type(answer).__name__, [round(v, 6) for v in answer["predictions"]])
show(inference.run(row))
show(inference.run(raw_data='{{"data": [[1.0, "007", 1]]}}', request_headers={{"Content-Type": "application/json; charset=utf-8"}}))
show(inference.run(row, request_headers={{"content-type": "application/x-www-form-urlencoded"}}))
print(round(float(inference.run(row, request_headers={{"Accept": "text/csv"}})), 6))
print(len(inference.run([{str(self.work / 'one.json')!r}, {str(self.work / 'two.csv')!r}])))
try:
    inference.run("{{")
except ValueError as error:
    print(type(error).__name__, error.__cause__)
server = types.ModuleType("azureml_inference_server_http.api.aml_response")
class AMLResponse:
    def __init__(self, message, status_code, response_headers={{}}, json_str=False):
        print(status_code, sorted(message), json_str)
server.AMLResponse = AMLResponse
for name in ("azureml_inference_server_http", "azureml_inference_server_http.api"):
    sys.modules[name] = types.ModuleType(name)
sys.modules[server.__name__] = server
print(type(inference.run("{{")).__name__)
"""
        (self.folder / "registered").mkdir()
        self.model.rename(self.folder / "registered/the model")
        self.assertEqual(self.infer(code).stdout, "dict [1.0]\n" * 3 + "1.0\n2\nBadInput None\n400 ['message'] True\nAMLResponse\n")

    def test_signatures(self):
        code = """
import inspect, inference
for name in ("model_fn", "input_fn", "predict_fn", "output_fn", "init", "run"):
    parameters = inspect.signature(getattr(inference, name)).parameters
    print(name, list(parameters), all(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters.values()))
print(hasattr(inference, "transform_fn"))
"""
        self.assertEqual(self.infer(code).stdout, """model_fn ['model_dir'] True
input_fn ['body', 'content_type'] True
predict_fn ['data', 'model'] True
output_fn ['prediction', 'accept'] True
init [] True
run ['raw_data', 'request_headers'] True
False
""")


class Arrays(Serving):
    """A model that was trained on arrays."""

    def test_rows(self):
        self.write(train_data("import numpy as np\nfrom sklearn.linear_model import LinearRegression\n", """
global X, model
X = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
model = LinearRegression().fit(X, [1, 2, 3])
""", "model", frameworks=["sklearn"], input_example="X"), inference_data("", frameworks=["sklearn"]))
        self.train()
        npy = "(lambda f: (numpy.save(f, numpy.ones((2, 2))), ask(f.getvalue(), 'application/x-npy')))(io.BytesIO())[1]"
        self.check([
            ("ask('[[1, 1], [0, 1]]')", [3.0, 1.0]), ("ask('[1, 1]')", [3.0]), ("ask('1,1\\n0,1\\n', 'text/csv')", [3.0, 1.0]),
            ("ask('a,b\\n1,1\\n', 'text/csv')", [3.0]), ("ask('[{\"a\": 1, \"b\": 1}]')", [3.0]), (npy, [3.0, 3.0]),
            ("ask('[[1, 1, 1]]')", "BadInput: a row has 3 values; the model takes 2"),
            ("ask('[1]')", "BadInput: a row has 1 values; the model takes 2"),
            ("ask('[[\"1\", 1]]')", [3.0]),
            ("ask('[[1, 1], [1]]')", "BadInput: row 2 has 1 values; the model takes 2"),
            ("ask('[[1, 1], [1, \"x\"]]')", "BadInput: row 2, value 2: \"x\" is no number"),
            ("ask('[[1, {}]]')", "BadInput: row 1, value 2: {} is no number"),
            ("ask('[[[1], [1]]]')", "BadInput: a row has the shape [2, 1]; the model takes [2]"),
            ("ask('\"x\"')", "BadInput: row 1 has 1 values; the model takes 2"),
        ])

    def test_missing_values(self):
        self.write(train_data("import numpy as np\nfrom sklearn.ensemble import HistGradientBoostingRegressor as Model\n", """
global X, model
X = np.array([[0.0, np.nan], [1.0, 0.0], [np.nan, 1.0]] * 10)
model = Model(max_iter=2).fit(X, np.arange(30.0))
""", "model", frameworks=["sklearn"]), inference_data("", frameworks=["sklearn"]))
        self.train()
        answers = self.answers("ask('[[null, 1]]')", "ask('[[NaN, 1]]')", "ask(',1', 'text/csv')")
        self.assertEqual(len({answer[0] for answer in answers}), 1)

    def test_one_feature_and_texts(self):
        self.write(train_data("from sklearn.feature_extraction.text import CountVectorizer\n"
                              "from sklearn.neighbors import KNeighborsClassifier\nfrom sklearn.pipeline import make_pipeline\n", """
global model
model = make_pipeline(CountVectorizer(token_pattern="."), KNeighborsClassifier(1)).fit(["aa", "bb", "12"], ["A", "B", "N"])
""", "model", frameworks=["sklearn"]), inference_data("", frameworks=["sklearn"]))
        self.train()
        self.check([("ask('[\"aaa\", \"12\"]')", ["A", "N"]), ("ask('{\"instances\": [\"bb\"]}')", ["B"]),
                    ("ask('aaaa\\nbbb\\n', 'text/csv')", ["A", "B"]), ("ask('{\"inputs\": \"bb\"}')", ["B"])])

    def test_texts_are_known_to_be_texts(self):
        for texts in ('list(pd.Series(["aa", "bb", "12"]))', 'pd.Series(["aa", "bb", "12"], index=[7, 8, 9])'):
            self.write(train_data("import pandas as pd\nfrom sklearn.feature_extraction.text import CountVectorizer\n"
                                  "from sklearn.neighbors import KNeighborsClassifier\nfrom sklearn.pipeline import make_pipeline\n", f"""
global X, model
X = {texts}
model = make_pipeline(CountVectorizer(token_pattern="."), KNeighborsClassifier(1)).fit(X, ["A", "B", "N"])
""", "model", frameworks=["sklearn"], input_example="X"), inference_data("", frameworks=["sklearn"]))
            shutil.rmtree(self.model, ignore_errors=True)
            self.train()
            self.check([("ask('[\"aaa\", \"12\"]')", ["A", "N"]), ("ask('[[\"aaa\"], [\"12\"]]')", ["A", "N"]),
                        ("ask('[{\"text\": \"bb\"}]')", ["B"]), ("ask('aaaa\\nbbb\\n', 'text/csv')", ["A", "B"]),
                        ("ask('[\"aaa\", 12]')", "BadInput: row 2 must be a text, not 12"),
                        ("ask('[[\"a\", \"b\"]]')", "BadInput: row 1 must be a text, not [\"a\", \"b\"]")])

    def test_one_number_is_one_row(self):
        self.write(train_data("import numpy as np\nfrom sklearn.linear_model import LinearRegression\n", """
global X, model
X = np.arange(4.0).reshape(-1, 1)
model = LinearRegression().fit(X, 2 * X.ravel())
""", "model", frameworks=["sklearn"]), inference_data("", frameworks=["sklearn"]))
        self.train()
        self.check([("ask('[[1], [2]]')", [2.0, 4.0]), ("ask('[1, 2]')", [2.0, 4.0]), ("ask('1\\n2', 'text/csv')", [2.0, 4.0])])


class UserCode(Serving):
    """Handlers and predict functions of the notebook."""

    def test_predict_gets_what_was_sent(self):
        """The notebook's own function prepares raw rows, whose columns are not those of the model."""
        self.write(train_data("import pandas as pd\nfrom sklearn.linear_model import LinearRegression\n", """
global X, model
X = pd.DataFrame({"size": [1.0, 2.0], "is_a": [1, 0]})
model = LinearRegression().fit(X, [3.0, 4.0])
""", "model", frameworks=["sklearn"], input_example="X"), inference_data(
            "import pandas as pd\n", frameworks=["sklearn"], predict_call="predict(data, net)", model_names=["net"], inference='''
def predict(frame, model):
    frame = pd.DataFrame({"size": frame["size"], "is_a": (frame["kind"] == "a").astype(int)})
    return pd.DataFrame({"value": model.predict(frame).round(6), "when": pd.Timestamp("2024-01-01")})
'''))
        self.train()
        want = '{"predictions": [{"value": 3.0, "when": "2024-01-01 00:00:00"}]}'
        answers = self.answers("ask('[{\"size\": 1, \"kind\": \"a\"}]')", "ask('size,kind\\n1,a\\n', 'text/csv')",
                               "ask('[{\"size\": 1, \"kind\": \"a\"}]', accept='text/csv')")
        self.assertEqual(answers[0][0], want)
        self.assertEqual(answers[1][0], want)
        self.assertEqual(answers[2][0], "value,when\n3.0,2024-01-01 00:00:00\n")

    def test_predict_fails_on_other_rows_than_of_training(self):
        """What the notebook's own function raises is the client's fault when the rows are not like training's."""
        self.write(train_data("import pandas as pd\nfrom sklearn.linear_model import LinearRegression\n", """
global X, model
X = pd.DataFrame({"size": [1.0, 2.0], "age": [1, 0]})
model = LinearRegression().fit(X, [3.0, 4.0])
""", "model", frameworks=["sklearn"], input_example="X"), inference_data(
            "import pandas as pd\n", frameworks=["sklearn"], predict_call="predict(data, net)", model_names=["net"], inference='''
def predict(rows, model):
    frame = pd.DataFrame(rows, columns=["size", "age"])
    if frame["age"].max() > 100:
        raise ValueError("nobody is so old")
    return model.predict(frame * 1.0).round(6)
'''))
        self.train()
        fails, trained = "BadInput: cannot predict on these rows: ", "; trained on 'size' (float64), 'age' (int64)"
        self.check([("ask('[[1, 1]]')", [3.0]), ("ask('[{\"size\": 1, \"age\": 1}]')", [3.0])])
        answers = self.answers("ask('[[1, 1, 1]]')", "ask('[[1, \"x\"]]')", "ask('[{\"size\": \"y\", \"age\": 1}]')")
        for answer, place in zip(answers, ("", "; row 1, column 'age' is 'x'", "; row 1, column 'size' is 'y'"), strict=True):
            self.assertTrue(answer.startswith(fails), answer)
            self.assertTrue(answer.endswith(place + trained), answer)
        own = self.infer(ASK + "try:\n    ask('[[1, 101]]')\nexcept ValueError as error:\n    print(type(error).__name__)\n")
        self.assertEqual(own.stdout, "ValueError\n")

    def test_handlers_of_the_notebook_replace_ours(self):
        handlers = '''
def model_fn(model_dir):
    return lambda rows: [row * scale for row in rows]


def input_fn(body, content_type):
    return [int(word) for word in body.split()]


def predict_fn(data, model):
    return model(data)


def output_fn(prediction, accept):
    return ",".join(map(str, prediction))
'''
        names = ["model_fn", "input_fn", "predict_fn", "output_fn"]
        self.write(train_data("", "global scale, model\nscale = 3\nmodel = len", "model", state=["scale"]),
                   inference_data("", state=["scale"], inference=handlers, handlers=names))
        self.train()
        (self.work / "in.txt").write_text("1 2")
        code = ("import inference, os\nm = inference.model_fn(MODEL)\n"
                "print(inference.output_fn(inference.predict_fn(inference.input_fn('1 2', ''), m), ''))\n"
                "os.environ['AZUREML_MODEL_DIR'] = MODEL\ninference.init()\n")
        self.assertEqual(self.infer(code).stdout, "3,6\n")
        for name in names:
            with self.subTest(name):  # each alone
                only = "def " + next(part for part in handlers.split("def ") if part.startswith(name)).rstrip()
                if name == "model_fn":
                    only = only.replace("scale", "2")
                self.write(train_data("", "global model\nmodel = len", "model"), inference_data("", inference=only, handlers=[name]))

    def test_plain_python_without_numpy(self):
        own = "class Model:\n    def predict(self, rows):\n        return rows\n"
        self.write(train_data("", "global model\nmodel = Model()", "model", utils=own),
                   inference_data("", utils=own, main_names=["Model"]))
        self.assertNotIn("import numpy", (self.scripts / "inference.py").read_text())
        self.train()
        asks = ["[[1, \"a\"]]", "[{\"a\": 1}]", "{\"inputs\": {\"a\": [1, 2]}}", "\"x\""]
        answers = self.answers(*[f"ask({ask!r})" for ask in asks], "ask('a,b\\n1,x\\n', 'text/csv')", "ask('x', 'application/x-npy')")
        self.assertEqual([json.loads(answer[0])["predictions"] for answer in answers[:-1]],
                         [[[1, "a"]], [{"a": 1}], [{"a": 1}, {"a": 2}], ["x"], [{"a": 1, "b": "x"}]])
        self.assertEqual(answers[-1], "BadInput: cannot read application/x-npy; send application/json or text/csv")


class Answers(Serving):
    """Everything that a prediction can be."""

    def test_values(self):
        self.write(train_data("import torch\n", "global model\nmodel = len", "model", frameworks=["torch"]),
                   inference_data("", frameworks=["torch"]))
        self.train()
        table = [
            ("numpy.array([1, 2])", [1, 2]), ("numpy.float32(0.5)", 0.5), ("numpy.array([[1.5, numpy.nan]])", [[1.5, None]]),
            ("[numpy.int64(3), numpy.bool_(True), numpy.str_('a')]", [3, True, "a"]), ("[float('inf'), -1.0]", [None, -1.0]),
            ("torch.ones(2, requires_grad=True)", [1.0, 1.0]), ("torch.tensor(3)", 3), ("(1, 'b', None)", [1, "b", None]),
            ("pandas.Series([1, 2])", [1, 2]), ("pandas.DataFrame({'a': [1.0, None]})", [{"a": 1.0}, {"a": None}]),
            ("{'a': numpy.array([1])}", {"a": [1]}), ("{1: {2, }}", {"1": [2]}), ("scipy.sparse.csr_matrix([[0, 1]])", [[0, 1]]),
            ("complex(1, 2)", "(1+2j)"), ("None", None), ("numpy.array(['x', None], dtype=object)", ["x", None]),
        ]
        code = "import inference, json, numpy, pandas, scipy.sparse, torch\n" + "".join(
            f"print(inference.output_fn({expression}, 'application/json')[0])\n" for expression, _ in table)
        for (expression, want), got in zip(table, self.infer(code).stdout.splitlines(), strict=True):
            with self.subTest(expression):
                self.assertEqual(json.loads(got, parse_constant=self.fail), {"predictions": want})
        code = ("import inference, numpy\nprint(inference.output_fn({'predictions': [1], 'more': 2}, None)[0])\n"
                "print(repr(inference.output_fn(numpy.array([[1, 2], [3, 4]]), 'text/csv')[0]))\n"
                "print(repr(inference.output_fn(['a,b', 'c'], 'text/csv')[0]))\n")
        self.assertEqual(self.infer(code).stdout, '{"predictions": [1], "more": 2}\n\'1,2\\n3,4\\n\'\n\'"a,b"\\nc\\n\'\n')


if __name__ == "__main__":
    harness.main()
