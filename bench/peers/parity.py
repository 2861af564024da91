"""scikit-learn's side of bench/parity.ts: cross-validates a head on given folds.

`parity.py data <name> <folder>` writes one of scikit-learn's own data sets as X.f32, y.i32 and prints {"rows", "dim"}.
Without arguments it reads one JSON line a task from stdin, {"X", "y", "folds", "rows", "dim", "head", "seeds", "standardise",
"scores"}, and answers {"accuracy"}, the mean over folds and seeds; decision values of the first fold go to "scores", float64.
"""
import json
import os
import sys
import warnings

import numpy as np

if sys.argv[1:2] == ["data"]:
    from sklearn import datasets

    data = getattr(datasets, f"load_{sys.argv[2]}")()
    data.data.astype(np.float32).tofile(os.path.join(sys.argv[3], "X.f32"))
    data.target.astype(np.int32).tofile(os.path.join(sys.argv[3], "y.i32"))
    print(json.dumps({"rows": data.data.shape[0], "dim": data.data.shape[1]}))
    sys.exit()

from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

warnings.simplefilter("ignore")
MAKE = {
    "linear-svm": lambda seed: LinearSVC(C=1, tol=1e-9, max_iter=100_000, dual=False),
    "logistic-regression": lambda seed: LogisticRegression(
        C=10, tol=1e-12, max_iter=10_000, solver="newton-cholesky"
    ),
    "ridge": lambda seed: RidgeClassifier(alpha=1, solver="cholesky"),
    # Not lsqr: MiniLM has three columns of variance 0, or nearly, and there lsqr adds large numbers that should cancel.
    "lda": lambda seed: LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto"),
    "svm": lambda seed: SVC(C=2, tol=1e-6, cache_size=1000),
    "gaussian-nb": lambda seed: GaussianNB(),
    "nearest-centroid": lambda seed: NearestCentroid(),
    "knn": lambda seed: KNeighborsClassifier(5),
    "random-forest": lambda seed: RandomForestClassifier(100, n_jobs=-1, random_state=seed),
    "extra-trees": lambda seed: ExtraTreesClassifier(100, n_jobs=-1, random_state=seed),
    "gradient-boosting": lambda seed: HistGradientBoostingClassifier(random_state=seed),
}

print("ready", flush=True)
for line in sys.stdin:
    task = json.loads(line)
    X = np.fromfile(task["X"], dtype=np.float32).reshape(task["rows"], task["dim"]).astype(np.float64)
    y = np.fromfile(task["y"], dtype=np.int32)
    folds = np.fromfile(task["folds"], dtype=np.int32)
    accuracies = []
    for seed in range(task["seeds"]):
        for fold in range(folds.max() + 1):
            held = folds == fold
            model = MAKE[task["head"]](seed)
            if task["standardise"]:
                model = make_pipeline(StandardScaler(), model)
            model.fit(X[~held], y[~held])
            accuracies.append(np.mean(model.predict(X[held]) == y[held]))
            if seed == 0 and fold == 0:
                scores = getattr(model, "decision_function", lambda Q: np.zeros(0))(X[held])
                np.asarray(scores, dtype=np.float64).tofile(task["scores"])
    print(json.dumps({"accuracy": float(np.mean(accuracies))}), flush=True)
