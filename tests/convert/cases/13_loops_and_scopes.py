# Scoping: comprehensions, walrus, augmented assignment, del, exec, locals, nested functions, a name called main, type hints.
# %% imports
from __future__ import annotations
import json
from sklearn.dummy import DummyClassifier
# %% utils
counter: int = 0

def bump(by: int = 1) -> int:
    global counter
    counter += by
    return counter

main = "not a function"
args = {"strategy": "most_frequent"}
# %% preprocess
rows = [(i, j) for i in range(4) for j in range(i)]
total = 0
for i, j in rows:
    total += i * j
    bump()
if (size := len(rows)) > 3:
    label: str = "many"
else:
    label: str = "few"
extra = 0
exec("extra = 5")
here = sorted(k for k in locals() if k == "total")
del i, j
# %% train
X = [[a] for a, b in rows]
y = [b % 2 for a, b in rows]
dummy = DummyClassifier(**args)
dummy.fit(X, y)
score = dummy.score(X, y)
summary = json.dumps({"total": total, "size": size, "label": label, "extra": extra, "here": here, "counter": counter})
print(summary)
# %% check
metrics = ["score"]
values = ["total", "size", "label", "counter", "extra"]
sample = [[1], [2]]
