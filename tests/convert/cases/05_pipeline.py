# A pipeline with a function of the notebook inside, imports in untagged cells, a score that is only displayed.
# %%
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
# %% imports
import numpy as np
from sklearn.tree import DecisionTreeClassifier
# %% utils
def add_product(X):
    X = np.asarray(X, dtype=float)
    return np.column_stack([X, X[:, 0] * X[:, 1]])
# %% preprocess
grid = np.array([[a, b] for a in range(-4, 5) for b in range(-4, 5)], dtype=float)
labels = (grid[:, 0] * grid[:, 1] > 0).astype(int)
# %% train
pipe = make_pipeline(FunctionTransformer(add_product), DecisionTreeClassifier(random_state=0))
pipe.fit(grid, labels)
score = pipe.score(grid, labels)
pipe.score(grid, labels)
# %% check
metrics = ["score"]
sample = [[1.0, 1.0], [-1.0, 2.0], [3.0, -2.0]]
stdout = ["1.0"]
