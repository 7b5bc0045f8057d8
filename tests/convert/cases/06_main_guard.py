# All training inside a guard, with constants that the class reads; it must run exactly once.
# %% train
import numpy as np


class Mean:
    def fit(self, X, y):
        self.value = np.round(np.mean(y), DIGITS)
        return self

    def predict(self, X):
        return np.full(len(X), self.value)


if __name__ == "__main__":
    # how precise the answer is
    DIGITS = 3
    y = np.arange(10) / 7
    text = """first
    second"""
    mean = Mean()
    mean.fit(None, y)
    error = float(abs(mean.predict([1])[0] - y.mean()))
    print("trained once", len(text))
# %% check
metrics = []
values = ["error"]
sample = [[1.0], [2.0]]
stdout = ["trained once 16"]
once = "trained once"
