# Names that come from a star import.
# %% imports
from math import *
import numpy as np
from sklearn.linear_model import LinearRegression
# %% preprocess
angles = np.array([[i * pi / 8] for i in range(16)])
heights = np.array([sin(a[0]) for a in angles])
# %% train
line = LinearRegression().fit(angles, heights)
slope = float(line.coef_[0])
# %% check
metrics = []
values = ["slope"]
sample = [[0.0], [1.0]]
model = "line"
