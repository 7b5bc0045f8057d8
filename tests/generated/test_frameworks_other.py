"""LightGBM, CatBoost and Keras, from the Python of tests/requirements.txt; see test_frameworks.py for the others."""

import harness


def setUpModule():
    global PYTHON
    PYTHON = harness.other_python()


class Frameworks(harness.RoundTrip):
    IRIS = "from sklearn.datasets import load_iris\n"

    def check(self, *arguments, **values):
        return super().check(*arguments, python=PYTHON, **values)

    def test_lightgbm_booster(self):
        self.check("import lightgbm as lgb\n" + self.IRIS, """
global X, y, model
X, y = load_iris(return_X_y=True)
parameters = {"verbose": -1, "num_threads": 1, "objective": "regression"}
model = lgb.train(parameters, lgb.Dataset(X, y), 3)
expected = model.predict(X[:3])
""", rows="X[:3].tolist()", frameworks=["lightgbm", "sklearn"])
        self.assertIn("model.txt", self.files())
        self.assertEqual(self.results("notebooked.json")["model"]["file"], "model.txt")

    def test_lightgbm_wrapper_on_a_frame_with_categories(self):
        self.check("import pandas as pd\nfrom lightgbm import LGBMClassifier\n", """
global X, y, model
X = pd.DataFrame({"kind": ["a", "b"] * 40, "size": range(80)})
X["kind"] = X["kind"].astype("category")
y = [0, 1] * 40
model = LGBMClassifier(n_estimators=3, n_jobs=1, verbose=-1).fit(X, y)
expected = model.predict(X[:3])
""", rows="X[:3].astype({'kind': str}).to_dict('records')", frameworks=["lightgbm"], input_example="X")
        self.assertLessEqual({"model.txt", "model.pkl"}, set(self.files()))

    def test_catboost(self):
        self.check("from catboost import CatBoostClassifier\n" + self.IRIS, """
global X, y, model
X, y = load_iris(return_X_y=True, as_frame=True)
model = CatBoostClassifier(iterations=3, verbose=False, thread_count=1, allow_writing_files=False).fit(X, y)
expected = model.predict(X[:3]).ravel()
""", rows="X[:3].to_dict('records')", frameworks=["catboost", "sklearn"], input_example="X")
        self.assertIn("model.cbm", self.files())
        self.assertEqual(self.results("notebooked.json")["model"]["class"], "CatBoostClassifier")

    def test_catboost_extended_by_the_notebook(self):
        own = "class Own(CatBoostRegressor):\n    pass\n"
        self.check("import numpy as np\nfrom catboost import CatBoostRegressor\n", """
global X, model
X = np.arange(20.0).reshape(10, 2)
model = Own(iterations=3, verbose=False, thread_count=1, allow_writing_files=False).fit(X, X.sum(axis=1))
expected = model.predict(X[:3])
""", rows="X[:3].tolist()", frameworks=["catboost"], utils=own, inference={
            "imports": "from catboost import CatBoostRegressor\n", "model": own, "main_names": ["Own"], "frameworks": ["catboost"]})
        self.assertIn("model.pkl", self.files())

    KERAS = "import numpy as np\nfrom tensorflow import keras\n"

    def test_keras(self):
        self.check(self.KERAS, """
global X, model
keras.utils.set_random_seed(1)
X = np.arange(8.0, dtype="float32").reshape(4, 2)
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.Dense(1)])
model.compile(loss="mse")
model.fit(X, X.sum(axis=1), epochs=1, verbose=0)
expected = model.predict(X[:2], verbose=0).ravel()
""", rows="X[:2].tolist()", frameworks=["keras", "tensorflow"], input_example="X", tolerance=1e-5)
        self.assertLessEqual({"model.keras", "1/saved_model.pb"}, set(self.files()))

    def test_keras_with_a_layer_and_a_loss_of_the_notebook(self):
        own = '''
class Scale(keras.layers.Layer):
    def __init__(self, by=2.0, **options):
        super().__init__(**options)
        self.by = by

    def call(self, inputs):
        return inputs * self.by

    def get_config(self):
        return {**super().get_config(), "by": self.by}


def own_loss(y, predicted):
    return keras.ops.mean(keras.ops.abs(y - predicted))
'''
        self.check(self.KERAS, """
global X, model
keras.utils.set_random_seed(1)
X = np.arange(8.0, dtype="float32").reshape(4, 2)
model = keras.Sequential(
    [keras.Input((2,)), Scale(3.0), keras.layers.Lambda(lambda t: t + 1.0), keras.layers.Dense(1)]
)
model.compile(loss=own_loss)
model.fit(X, X.sum(axis=1, keepdims=True), epochs=1, verbose=0)
expected = model.predict(X[:2], verbose=0).ravel()
""", rows="X[:2].tolist()", frameworks=["keras", "tensorflow"], input_example="X", tolerance=1e-5, utils=own, inference={
            "imports": self.KERAS.replace("import numpy as np\n", ""), "model": own, "main_names": ["Scale", "own_loss"],
            "frameworks": ["keras", "tensorflow"]})

    def test_scikit_learn_of_today(self):
        self.check(self.IRIS + "from sklearn.linear_model import LogisticRegression\n", """
global X, y, model
X, y = load_iris(return_X_y=True, as_frame=True)
model = LogisticRegression().fit(X, y)
expected = model.predict(X[:3])
""", rows="X[:3].to_dict('records')", frameworks=["sklearn"], input_example="X")


if __name__ == "__main__":
    harness.main()
