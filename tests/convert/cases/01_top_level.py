# Plain statements from top to bottom; inference needs the fitted scaler.
# %% imports
import numpy as np
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
# %%
import matplotlib.pyplot as plt
plt.hist([1, 2, 3])
# %% preprocess
wine = load_wine()
X_train, X_test, y_train, y_test = train_test_split(wine.data, wine.target, random_state=3)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)
X_train.shape
# %% train
clf = LogisticRegression(max_iter=500)
clf.fit(X_train, y_train)
accuracy = clf.score(X_test, y_test)
print("accuracy", accuracy)
# %% inference
def predict(data):
    return clf.predict(scaler.transform(np.asarray(data, dtype=float)))
# %% check
metrics = ["accuracy"]
sample = wine.data[:7].tolist()
state = ["scaler"]
