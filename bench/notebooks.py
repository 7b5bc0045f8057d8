"""The notebooks that are measured: made here, the same bytes every time."""
import base64
import json
import random

IMPORTS = '''\
%matplotlib inline
import json
import os

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
'''

PARAMETERS = '''\
learning_rate = 0.05
n_estimators = 200
max_depth = 4
subsample = 0.8
test_share = 0.25
seed = 42
data_path = "data/customers.csv"
use_regions = True
'''

UTILS = ['''\
def clip_outliers(column, low=0.01, high=0.99):
    """Values beyond the given quantiles become those quantiles."""
    bottom, top = column.quantile([low, high])
    return column.clip(bottom, top)


def share_of(part, whole):
    """A share that is 0 where there is nothing to share."""
    return np.where(whole > 0, part / np.maximum(whole, 1e-9), 0.0)
''', '''\
class Stopwatch:
    """Remembers how long named steps took."""

    def __init__(self):
        self.steps = {}
        self._last = None

    def mark(self, name):
        now = pd.Timestamp.now()
        if self._last is not None:
            self.steps[name] = (now - self._last).total_seconds()
        self._last = now

    def report(self):
        return "\\n".join(f"{name:>20} {seconds:8.3f} s" for name, seconds in self.steps.items())
''', '''\
def describe_split(name, frame, target):
    """One line about a part of the data."""
    positive = float(np.mean(target))
    print(f"{name}: {len(frame):,} rows, {frame.shape[1]} columns, {positive:.1%} positive")
''']

LOAD = '''\
customers = pd.read_csv(data_path, parse_dates=["joined", "last_seen"])
customers = customers.drop_duplicates(subset="customer_id").set_index("customer_id")
print(f"{len(customers):,} customers, {customers.isna().mean().mean():.2%} of the values are missing")
customers.head()
'''

FEATURES = ['age', 'income', 'tenure', 'visits', 'basket', 'returns', 'discount', 'distance']

FEATURE = '''\
def prepare_{name}(frame):
    """The column `{name}`: gaps filled with the median of the region, extremes clipped, and its logarithm beside it."""
    by_region = frame.groupby("region")["{name}"].transform("median")
    filled = frame["{name}"].fillna(by_region).fillna(0)
    clipped = clip_outliers(filled, {low}, {high})
    return frame.assign(**{{"{name}": clipped, "{name}_log": np.log1p(clipped.clip(lower=0))}})


customers = prepare_{name}(customers)
'''

SPLIT = '''\
numbers = [name for name in customers.columns if customers[name].dtype.kind in "fi" and name != "churned"]
X_train, X_test, y_train, y_test = train_test_split(
    customers[numbers], customers["churned"], test_size=test_share, random_state=seed, stratify=customers["churned"]
)
scaler = StandardScaler().fit(X_train)
describe_split("train", X_train, y_train)
describe_split("test", X_test, y_test)
'''

MODELS = ['''\
def make_model(kind="boosting"):
    """A classifier with the parameters above."""
    if kind == "boosting":
        return GradientBoostingClassifier(
            learning_rate=learning_rate, n_estimators=n_estimators, max_depth=max_depth, subsample=subsample, random_state=seed
        )
    return LogisticRegression(max_iter=1000, random_state=seed)
''', '''\
model = make_model()
baseline = make_model("linear")
''']

TRAIN = ['''\
%%time
watch = Stopwatch()
watch.mark("start")
baseline.fit(scaler.transform(X_train), y_train)
watch.mark("baseline")
''', '''\
%%time
model.fit(scaler.transform(X_train), y_train)
watch.mark("model")
print(watch.report())
''', '''\
predicted = model.predict(scaler.transform(X_test))
scores = model.predict_proba(scaler.transform(X_test))[:, 1]
accuracy = accuracy_score(y_test, predicted)
f1 = f1_score(y_test, predicted)
auc = roc_auc_score(y_test, scores)
print(f"accuracy {accuracy:.4f}  F1 {f1:.4f}  AUC {auc:.4f}")
''']

INFERENCE = '''\
def predict(data):
    """Chance that each customer leaves."""
    frame = pd.DataFrame(data, columns=numbers)
    chances = model.predict_proba(scaler.transform(frame))[:, 1]
    return [round(float(chance), 4) for chance in chances]
'''

EXPLORE = ['''\
!ls -la data
customers.describe().T
''', '''\
fig, axes = plt.subplots(2, 4, figsize=(16, 6))
for axis, name in zip(axes.flat, ["age", "income", "tenure", "visits", "basket", "returns", "discount", "distance"]):
    sns.histplot(customers[name], ax=axis, bins=40)
    axis.set_title(name)
plt.tight_layout()
plt.show()
''', '''\
sns.heatmap(customers.corr(numeric_only=True), cmap="vlag", center=0)
plt.show()
''', '''\
%timeit prepare_age(customers)
%load_ext autoreload
%autoreload 2
''', '''\
search = GridSearchCV(make_model(), {"max_depth": [3, 4, 5], "learning_rate": [0.02, 0.05, 0.1]}, scoring="roc_auc", cv=3)
# search.fit(scaler.transform(X_train), y_train)
search
''', '''\
importance = pd.Series(model.feature_importances_, index=numbers).sort_values()
importance.tail(15).plot.barh()
plt.show()
''', '''\
worst = X_test.assign(score=scores, churned=y_test).sort_values("score").query("churned == 1").head(10)
worst
''', '''\
print(json.dumps({"accuracy": accuracy, "f1": f1, "auc": auc}, indent=2))
''']

CELLS = 50
TITLES = ['Who leaves?', 'What this is for', 'Setting up', 'What can be turned', 'Small helpers', 'The data', 'A first look', 'Ages and incomes',
          'How long and how often', 'What they buy', 'Where they live', 'Together', 'Splitting', 'Models', 'Training', 'How good is it?',
          'What matters', 'Where it fails', 'Asking it', 'What is next']
SENTENCES = ['Customers with few visits leave more often than the others.', 'The column has gaps where the shop had no loyalty card.',
             'We look at the tails before we believe the mean.', 'Regions differ, so gaps are filled by region.',
             'The numbers below are those of the last quarter.', 'Nothing here needs more than a laptop.']


def talk(n):
    return f'## {n + 1}. {TITLES[n]}\n\n' + ' '.join(SENTENCES[(n + i) % len(SENTENCES)] for i in range(1 + n % 3))


def realistic_cells():
    """50 cells as (type, tags, source): every section, cells that stay out, and text between them."""
    code = [('imports', IMPORTS), ('parameters', PARAMETERS)]
    code += [('utils', text) for text in UTILS]
    code += [('preprocess', LOAD), (None, EXPLORE[0]), (None, EXPLORE[1])]
    for i, name in enumerate(FEATURES):
        code.append(('preprocess', FEATURE.format(name=name, low=0.01 + i / 1000, high=0.99 - i / 1000)))
    code += [(None, EXPLORE[2]), (None, EXPLORE[3]), ('preprocess', SPLIT)]
    code += [('model', text) for text in MODELS] + [(None, EXPLORE[4])]
    code += [('train', text) for text in TRAIN]
    code += [(None, text) for text in EXPLORE[5:]]
    code += [('inference', INFERENCE), (None, 'predict(X_test.head(3))\n')]
    cells = [('code', [tag] if tag else [], text) for tag, text in code]
    talks = CELLS - len(cells)
    step = len(cells) / talks
    for n in reversed(range(talks)):
        cells.insert(round(n * step), ('markdown', [], talk(n)))
    return cells


def cell(n, kind, tags, source, outputs):
    lines = source.rstrip('\n').splitlines(keepends=True)
    made = {'cell_type': kind, 'id': f'cell-{n}', 'metadata': {'tags': tags} if tags else {}, 'source': lines}
    if kind == 'code':
        made.update(execution_count=n, outputs=outputs)
    return made


METADATA = {'kernelspec': {'display_name': 'Python 3', 'language': 'python', 'name': 'python3'},
            'language_info': {'name': 'python', 'version': '3.11.2'}}


def write(path, cells):
    text = json.dumps({'cells': cells, 'metadata': METADATA, 'nbformat': 4, 'nbformat_minor': 5}, indent=1)
    path.write_text(text + '\n', encoding='utf-8')


def realistic(path):
    """A notebook of 50 cells, about 11 KB of source, with small outputs."""
    text = [{'name': 'stdout', 'output_type': 'stream', 'text': ['accuracy 0.9312  F1 0.8127  AUC 0.9644\n']}]
    write(path, [cell(n, kind, tags, source, text if n % 3 == 0 else [])
                 for n, (kind, tags, source) in enumerate(realistic_cells())])


def pictures(path, size):
    """The same cells with pictures in the outputs, until the file has about `size` bytes."""
    draw = random.Random(1)
    cells = realistic_cells()
    code = [n for n, (kind, _, _) in enumerate(cells) if kind == 'code']
    outputs = {n: [] for n in code}
    written, i = 0, 0
    while written < size:
        png = base64.b64encode(draw.randbytes(draw.randrange(192, 768) * 1024)).decode()
        outputs[code[i % len(code)]].append(
            {'data': {'image/png': png, 'text/plain': ['<Figure size 1600x600 with 8 Axes>']}, 'metadata': {},
             'output_type': 'display_data'})
        written += len(png)
        i += 1
    write(path, [cell(n, *c, outputs.get(n, [])) for n, c in enumerate(cells)])


def many(folder, count):
    """A project of `count` experiments with a notebook of 12 cells each."""
    keep = [c for c in realistic_cells() if c[1]][:2] + [
        ('code', ['preprocess'], 'X = np.arange({n}, {n} + 40.0).reshape(20, 2)\ny = (X[:, 0] > X[:, 0].mean()).astype(int)\n'),
        ('markdown', [], 'Experiment {n}.'), ('code', [], 'plt.scatter(X[:, 0], X[:, 1], c=y)\nplt.show()\n'),
        ('code', ['preprocess'], 'scaler = StandardScaler().fit(X)\n'),
        ('code', ['model'], 'model = LogisticRegression(max_iter=max_depth * 100 + {n})\n'),
        ('code', ['train'], 'model.fit(scaler.transform(X), y)\naccuracy = accuracy_score(y, model.predict(scaler.transform(X)))\n'),
        ('code', [], 'accuracy'), ('markdown', [], 'Done.'),
        ('code', ['inference'], 'def predict(data):\n    return model.predict(scaler.transform(data)).tolist()\n'),
        ('code', [], 'predict(X[:3])')]
    (folder / 'notebooks').mkdir(parents=True, exist_ok=True)
    config = ['mlflow: {tracking_uri: ""}', 'experiments:']
    for n in range(count):
        write(folder / f'notebooks/n{n}.ipynb',
              [cell(i, kind, tags, source.replace('{n}', str(n)), []) for i, (kind, tags, source) in enumerate(keep)])
        config.append(f'  - {{name: n{n}, notebook: notebooks/n{n}.ipynb}}')
    (folder / 'config.yaml').write_text('\n'.join(config) + '\n', encoding='utf-8')


def iris(path, model):
    """Iris, told apart by a model: what is trained for the endpoints that are measured. Arrays, no columns with names."""
    code = {'imports': 'from sklearn.datasets import load_iris\nfrom sklearn.ensemble import RandomForestClassifier\n'
                       'from sklearn.linear_model import LogisticRegression\n',
            'preprocess': 'X, y = load_iris(return_X_y=True)\n',
            'model': f'model = {model}\n',
            'train': 'model.fit(X, y)\n'}
    write(path, [cell(n, 'code', [tag], source, []) for n, (tag, source) in enumerate(code.items())])
