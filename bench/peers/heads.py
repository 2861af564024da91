"""One contender of bench/heads.ts: fits and predicts with scikit-learn, or with Intel's extension of it.

Reads one JSON line a task from stdin, {"X", "rows", "dim", "y", "classes", "train", "head", "repeats", "threads", "warm"},
and answers each with {"fit": [s], "predict": [s], "fitCpu": [s], "accuracy", "peakMegabytes"}. Loading is outside the
clock; one small fit before the first warms the libraries up, and one of the set itself where "warm" is "set". Each model
predicts one row before it is timed.
"""
import json
import resource
import sys
import time

if "--intel" in sys.argv:
    from sklearnex import patch_sklearn

    patch_sklearn(verbose=False)
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC


class Standardised:
    def __init__(self, model):
        self.model = model

    def fit(self, X, y):
        self.scaler = StandardScaler().fit(X)
        self.model.fit(self.scaler.transform(X), y)
        return self

    def predict(self, X):
        return self.model.predict(self.scaler.transform(X))


def make(head, threads):
    return {
        "linear-svm": lambda: LinearSVC(C=1),
        "logistic-regression": lambda: LogisticRegression(C=10, max_iter=1000),
        "svm": lambda: Standardised(SVC(C=2)),
        "random-forest": lambda: RandomForestClassifier(100, n_jobs=threads, random_state=0),
        "knn": lambda: KNeighborsClassifier(5, n_jobs=threads),
    }[head]()


rng = np.random.default_rng(0)
small = rng.normal(size=(200, 16)).astype(np.float32), rng.integers(0, 2, 200)
print("ready", flush=True)
for line in sys.stdin:
    task = json.loads(line)
    rows, dim, train = task["rows"], task["dim"], task["train"]
    X = np.fromfile(task["X"], dtype=np.float32).reshape(rows, dim)
    y = np.fromfile(task["y"], dtype=np.int32)
    make(task["head"], task["threads"]).fit(*small).predict(small[0])
    if task.get("warm") == "set":
        make(task["head"], task["threads"]).fit(X[:train], y[:train]).predict(X[train:])
    answer = {"fit": [], "predict": [], "fitCpu": []}
    for _ in range(task["repeats"]):
        started, cpu = time.perf_counter(), time.process_time()
        model = make(task["head"], task["threads"]).fit(X[:train], y[:train])
        answer["fit"].append(time.perf_counter() - started)
        answer["fitCpu"].append(time.process_time() - cpu)
        model.predict(X[train : train + 1])
        started = time.perf_counter()
        predicted = model.predict(X[train:])
        answer["predict"].append(time.perf_counter() - started)
    answer["accuracy"] = float(np.mean(predicted == y[train:]))
    answer["peakMegabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(answer), flush=True)
