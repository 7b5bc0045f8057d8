# Data below a configured folder, files saved by the notebook itself.
# config: {"data_path": "data/points"}
# file: data/points/train.csv: a,b,label\n0,0,0\n0,1,0\n1,0,1\n1,1,1\n2,1,1\n
# %% imports
import pickle
import pandas as pd
from sklearn.linear_model import LogisticRegression
# %% preprocess
DATA = "data/points"
frame = pd.read_csv("data/points/train.csv")
again = pd.read_csv(f"{DATA}/train.csv")
assert frame.equals(again)
features = frame[["a", "b"]]
# %% train
model = LogisticRegression()
model.fit(features, frame["label"])
accuracy = model.score(features, frame["label"])
with open("lr.pkl", "wb") as f:
    pickle.dump(model, f)
# %% inference
loaded = pickle.load(open("lr.pkl", "rb"))

def predict(data):
    return loaded.predict(pd.DataFrame(data, columns=["a", "b"]))
# %% check
metrics = ["accuracy"]
sample = [[0, 0], [2, 2]]
saved = ["lr.pkl"]
