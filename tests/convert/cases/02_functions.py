# Everything in functions; one cell calls them. The model is what the function returns.
# %% imports
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split
# %% preprocess
def load_data():
    data = load_diabetes()
    return train_test_split(data.data, data.target, random_state=0)
# %% train
def train_model(X, y, alpha=0.5):
    model = Ridge(alpha=alpha)
    model.fit(X, y)
    return model
# %% train
X_train, X_test, y_train, y_test = load_data()
ridge = train_model(X_train, y_train)
mse = mean_squared_error(y_test, ridge.predict(X_test))
# %% check
metrics = ["mse"]
sample = X_test[:5].tolist()
model = "ridge"
