"""Each framework of Debian's Python: train, then, in a new process, inference.py gives the training's own predictions."""

import harness

class Frameworks(harness.RoundTrip):
    # --- scikit-learn ---

    IMPORTS = "from sklearn.datasets import load_iris\nfrom sklearn.linear_model import LogisticRegression\n"

    def test_estimator_on_arrays(self):
        out = self.check(self.IMPORTS, """
global X, y, model, accuracy
X, y = load_iris(return_X_y=True)
model = LogisticRegression(max_iter=500).fit(X, y)
accuracy = model.score(X, y)
expected = model.predict(X[:3])
""", rows="X[:3].tolist()", frameworks=["sklearn"], metrics={"accuracy": "accuracy"}, packages=["scikit-learn", "nonesuch"])
        self.assertRegex(out, r"(?m)^metric accuracy=0\.97\d+$")
        self.assertEqual(self.files(), ["code/inference.py", "code/requirements.txt", "metrics.json", "model.joblib",
                                        "notebooked.json", "params.json"])
        details = self.results("notebooked.json")
        self.assertEqual(details["framework"], "sklearn")
        self.assertEqual(list(details["packages"]), ["scikit-learn"])
        self.assertEqual(details["input"], {"n_features": 4, "classes": [0, 1, 2]})
        self.assertEqual(details["model"], {"file": "model.joblib", "class": "LogisticRegression",
                                            "module": "sklearn.linear_model._logistic"})

    def test_estimator_on_a_frame_gets_frames(self):
        self.check(self.IMPORTS, """
global X, y, model
X, y = load_iris(return_X_y=True, as_frame=True)
model = LogisticRegression(max_iter=500).fit(X, y)
expected = model.predict(X[:3])
""", rows="X[:3].to_dict('records')", frameworks=["sklearn"], input_example="X")
        details = self.results("notebooked.json")["input"]
        self.assertEqual(details["feature_names"][0], "sepal length (cm)")
        self.assertEqual(details["dtypes"]["sepal length (cm)"], "float64")
        warned = self.infer("import inference, warnings\nwarnings.simplefilter('error')\n"
                            "m = inference.model_fn(MODEL)\nprint(inference.predict_fn(inference.input_fn('[[5, 3, 1, 0.2]]'), m))")
        self.assertEqual(warned.stdout, "[0]\n")

    def test_pipeline_with_texts(self):
        self.check("""from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
""", """
global model, texts
texts = ["good film", "bad film", "good book", "bad book"]
model = make_pipeline(TfidfVectorizer(), MultinomialNB()).fit(texts, [1, 0, 1, 0])
expected = model.predict(["good good", "bad bad"])
""", rows="['good good', 'bad bad']", frameworks=["sklearn"], input_example="texts")

    def test_search_over_a_booster(self):
        """GridSearchCV of XGBoost is scikit-learn's object, whatever is inside."""
        self.check(self.IMPORTS + "from sklearn.model_selection import GridSearchCV\nfrom xgboost import XGBClassifier\n", """
global X, y, model, other
other = LogisticRegression
X, y = load_iris(return_X_y=True)
model = GridSearchCV(XGBClassifier(n_estimators=3, n_jobs=1), {"max_depth": [1, 2]}, cv=2).fit(X, y)
expected = model.predict(X[:3])
""", rows="X[:3].tolist()", frameworks=["sklearn", "xgboost"])
        self.assertIn("model.joblib", self.files())
        self.assertNotIn("model.json", self.files())

    def test_multi_output_and_probabilities(self):
        self.check(self.IMPORTS, """
global X, y, model
X, y = load_iris(return_X_y=True)
model = LogisticRegression(max_iter=500).fit(X, y)
expected = model.predict_proba(X[:2]).ravel()
""", rows="X[:2].tolist()", frameworks=["sklearn"], inference={
            "inference": "def predict(model, rows):\n    return model.predict_proba(rows)", "predict_call": "predict(model, data)",
            "main_names": ["predict"]})

    # --- XGBoost ---

    def test_xgboost_booster(self):
        self.check("import xgboost as xgb\nfrom sklearn.datasets import load_iris\n", """
global X, y, model
X, y = load_iris(return_X_y=True, as_frame=True)
model = xgb.train({"objective": "reg:squarederror", "nthread": 1}, xgb.DMatrix(X, y), 3)
expected = model.predict(xgb.DMatrix(X[:3]))
""", rows="X[:3].to_dict('records')", frameworks=["xgboost", "sklearn"])
        self.assertLessEqual({"model.json", "model.bst"}, set(self.files()))
        self.assertEqual(self.results("notebooked.json")["model"]["file"], "model.json")

    def test_xgboost_booster_on_arrays_without_scikit_learn(self):
        self.check("import numpy as np\nimport xgboost\n", """
global X, y, model
X = np.arange(40.0).reshape(20, 2)
y = X.sum(axis=1)
model = xgboost.train({"nthread": 1}, xgboost.DMatrix(X, y), 3)
expected = model.predict(xgboost.DMatrix(X[:3]))
""", rows="X[:3].tolist()", frameworks=["xgboost"], input_example="X")

    def test_xgboost_wrapper_keeps_the_class(self):
        self.check("from sklearn.datasets import load_iris\nfrom xgboost import XGBClassifier\n", """
global X, y, model
X, y = load_iris(return_X_y=True)
model = XGBClassifier(n_estimators=3, n_jobs=1).fit(X, y)
expected = model.predict(X[:3])
""", rows="X[:3].tolist()", frameworks=["xgboost", "sklearn"])
        self.assertLessEqual({"model.json", "model.joblib"}, set(self.files()))
        self.assertEqual(self.results("notebooked.json")["framework"], "xgboost")

    # --- statsmodels ---

    def test_statsmodels_formula(self):
        self.check("import pandas as pd\nimport statsmodels.formula.api as smf\n", """
global frame, model
frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [0.0, 1.0, 0.5, 2.0], "y": [1.0, 3.1, 4.9, 7.2]})
model = smf.ols("y ~ a + b", frame).fit()
expected = model.predict(frame[["a", "b"]])
""", rows="frame[['a', 'b']].to_dict('records')", frameworks=["statsmodels"])
        self.assertEqual(self.results("notebooked.json")["framework"], "statsmodels")
        self.assertIn("model.pkl", self.files())

    def test_statsmodels_arrays(self):
        self.check("import numpy as np\nimport statsmodels.api as sm\n", """
global X, model
X = sm.add_constant(np.arange(10.0))
model = sm.OLS(3 * X[:, 1] + 1, X).fit()
expected = model.predict(X[:2])
""", rows="X[:2].tolist()", frameworks=["statsmodels"], input_example="X")

    # --- PyTorch ---

    TORCH = "import torch\nfrom torch import nn\n"
    NET = """
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, width), nn.Dropout(0.5), nn.Linear(width, 1))

    def forward(self, x):
        return self.layers(x)
"""

    def test_torch_module(self):
        self.check(self.TORCH, """
global X, model
torch.manual_seed(0)
X = torch.arange(8.0).reshape(4, 2)
model = Net(3)
model.eval()
expected = model(X).detach().ravel()
model.train()
""", rows="X.tolist()", frameworks=["torch"], input_example="X", tolerance=1e-5, utils=self.NET, inference={
            "imports": "import torch\nfrom torch import nn\n", "model": self.NET, "main_names": ["Net"], "frameworks": ["torch"]})
        self.assertLessEqual({"model.pth", "state_dict.bin"}, set(self.files()))
        self.assertEqual(self.results("notebooked.json")["input"], {"dtype": "float32", "shape": [2]})

    def test_torch_object_that_is_no_module(self):
        self.check("import torch\n", """
global model
model = {"w": torch.ones(2, requires_grad=True)}
expected = [3.0, 7.0]
""", rows="[[1.0, 2.0], [3.0, 4.0]]", frameworks=["torch"], inference={
            "imports": "import torch\n", "frameworks": ["torch"], "main_names": ["predict"],
            "inference": "def predict(data, model):\n    return torch.as_tensor(data, dtype=torch.float32) @ model['w']",
            "predict_call": "predict(data, model)"})

    def test_torch_script(self):
        self.check(self.TORCH, """
global model
torch.manual_seed(0)
model = torch.jit.script(nn.Linear(2, 1))
expected = model(torch.ones(2, 2)).detach().ravel()
""", rows="[[1, 1], [1.0, 1.0]]", frameworks=["torch"], tolerance=1e-5)

    def test_torch_with_scikit_learn_beside(self):
        """An estimator stays scikit-learn's although PyTorch is imported; the scaler is state."""
        self.check("import torch\nfrom sklearn.datasets import load_iris\nfrom sklearn.svm import SVC\n", """
global X, y, model, weights
X, y = load_iris(return_X_y=True)
weights = torch.ones(3)
model = SVC().fit(X, y)
expected = model.predict(X[:3])
""", rows="X[:3].tolist()", frameworks=["torch", "sklearn"], state=["weights"],
            inference={"state": ["weights"], "frameworks": ["torch", "sklearn"]})
        self.assertLessEqual({"model.joblib", "state.pkl"}, set(self.files()))

    # --- no framework ---

    def test_plain_python(self):
        model = """
class Line:
    def __init__(self, slope):
        self.slope = slope

    def predict(self, rows):
        return [self.slope * row[0] for row in rows]
"""
        self.check("", """
global model
model = Line(2.5)
expected = model.predict([[1], [2]])
""", rows="[[1], [2]]", inference={"model": model, "main_names": ["Line"], "frameworks": ()}, utils=model)
        self.assertEqual(self.results("notebooked.json")["framework"], "python")

    def test_a_function_is_a_model(self):
        self.check("", "global model\nmodel = double\nexpected = [2, 4]", rows="[1, 2]",
                   utils="def double(rows):\n    return [2 * row for row in rows]\n",
                   inference={"utils": "def double(rows):\n    return [2 * row for row in rows]\n", "main_names": ["double"],
                              "frameworks": ()})


if __name__ == "__main__":
    harness.main()
