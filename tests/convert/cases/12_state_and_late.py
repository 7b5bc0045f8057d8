# Inference needs a vocabulary, a function that depends on it when it is defined, and a decorator made while training.
# %% imports
import re
import numpy as np
from sklearn.naive_bayes import MultinomialNB
# %% preprocess
texts = ["good fun", "bad day", "good day", "bad bad fun"]
labels = [1, 0, 1, 0]
words = sorted({w for t in texts for w in re.findall(r"\w+", t)})
vocabulary = {w: i for i, w in enumerate(words)}

def count(text, size=len(words)):
    row = np.zeros(size)
    for w in re.findall(r"\w+", text):
        if w in vocabulary:
            row[vocabulary[w]] += 1
    return row
# %% train
bayes = MultinomialNB()
bayes.fit(np.array([count(t) for t in texts]), labels)
accuracy = bayes.score(np.array([count(t) for t in texts]), labels)
# %% inference
names = {0: "negative", 1: "positive"}

def predict(texts):
    return [names[int(i)] for i in bayes.predict(np.array([count(t) for t in texts]))]
# %% check
metrics = ["accuracy"]
sample = ["good good", "bad fun day"]
state = ["vocabulary", "words"]
