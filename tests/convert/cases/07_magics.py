# IPython syntax in tagged cells.
# %% imports
%matplotlib inline
import os
import numpy as np
%config InlineBackend.figure_format = 'retina'
from sklearn.neighbors import KNeighborsClassifier
# %% requirements
%pip install -q scikit-learn
# %% preprocess
%env NB_TEST_FLAG=yes
X = np.arange(20, dtype=float).reshape(10, 2)
y = (X[:, 0] > 9).astype(int)
if y.sum() == 0:
    !echo nothing to learn
np.mean?
# %% train
%%time
knn = KNeighborsClassifier(n_neighbors=1)
%time knn.fit(X, y)
accuracy = knn.score(X, y)
flag = os.environ["NB_TEST_FLAG"]
# %% kernel
knn.fit(X, y)
accuracy = knn.score(X, y)
# %% check
metrics = ["accuracy"]
sample = X[:4].tolist()
