# A model class written by hand: pickled as __main__.Perceptron, loaded by another process.
# %% imports
import numpy as np
np.random.seed(7)
# %% model
class Perceptron:
    """A perceptron with labels -1 and 1."""

    rate = 0.1

    def __init__(self, size):
        self.weights = np.zeros(size)

    def train(self, X, y, epochs=10):
        for _ in range(epochs):
            for row, label in zip(X, y):
                if label * (row @ self.weights) <= 0:
                    self.weights = self.weights + self.rate * label * row

    def predict(self, X):
        return np.where(np.asarray(X) @ self.weights > 0, 1, -1)
# %% preprocess
X = np.random.randn(60, 2)
y = np.where(X[:, 0] + X[:, 1] > 0, 1, -1)
# %% train
model = Perceptron(2)
model.train(X, y)
train_accuracy = float((model.predict(X) == y).mean())
# %% check
metrics = []
values = ["train_accuracy"]
sample = X[:9].tolist()
