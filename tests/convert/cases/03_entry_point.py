# The train cell only defines a function: the generated script must call it, with parameters bound by name.
# config: {"hyperparameters": {"alpha": 2.0}}
# %% imports
import numpy as np
from sklearn.linear_model import Ridge
# %% preprocess
rng = np.random.RandomState(0)
X = rng.rand(40, 3)
y = X @ np.array([1.0, 2.0, 3.0])
# %% train
def train(X, y, alpha=1.0):
    model = Ridge(alpha=alpha)
    model.fit(X, y)
    return model
# %% kernel
model = train(X, y, alpha=2.0)
# %% check
metrics = []
sample = X[:4].tolist()
