# A parameters cell, a configured value that wins over it, a constant in capitals, a tuple assignment.
# config: {"hyperparameters": {"n_estimators": 5, "SEED": 11}}
# args: --max-depth 2
# %% imports
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
# %% parameters
max_depth = 3  # how deep each tree may grow
bootstrap = True
# %% preprocess
SEED = 0
iris = load_iris()
# %% train
n_estimators, criterion = 50, "gini"
forest = RandomForestClassifier(n_estimators=n_estimators, max_depth=max_depth, criterion=criterion,
                                bootstrap=bootstrap, random_state=SEED)
forest.fit(iris.data, iris.target)
accuracy = forest.score(iris.data, iris.target)
trees = len(forest.estimators_)
# %% kernel
SEED = 11
max_depth = 2
forest = RandomForestClassifier(n_estimators=5, max_depth=2, criterion="gini", bootstrap=True, random_state=11)
forest.fit(iris.data, iris.target)
accuracy = forest.score(iris.data, iris.target)
trees = 5
# %% check
metrics = ["accuracy"]
values = ["trees"]
sample = iris.data[::25].tolist()
