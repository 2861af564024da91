"""Golden values for the kernel SVMs (classes, one class, regression) and k nearest neighbours, from scikit-learn.

Run: python test/golden/sklearn/kernel.py   (scikit-learn 1.9.1, numpy 2)
Writes fixtures/svm-*.json, fixtures/svm-sums-*.json and fixtures/knn-*.json. Features are standardised and rounded
to float32.
Tolerances: decision values 1e-3 absolute (both sides solved to tol 1e-8), neighbour shares 1e-6.
"""
import json
import pathlib

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR, OneClassSVM

OUT = pathlib.Path(__file__).parent / "fixtures"
SVMS = [
    {"kernel": "rbf"},
    {"kernel": "rbf", "C": 10.0, "gamma": 0.05, "class_weight": "balanced"},
    {"kernel": "linear", "C": 0.5},
    {"kernel": "poly", "degree": 2, "coef0": 1.0},
    {"kernel": "sigmoid", "gamma": 0.01},
    {"kernel": "rbf", "gamma": "auto"},
]
ONE_CLASS = [
    {"nu": 0.5},
    {"nu": 0.1, "gamma": 0.05},
    {"kernel": "poly", "degree": 2, "coef0": 1.0, "nu": 0.3},
    {"kernel": "sigmoid", "gamma": 0.01, "nu": 0.4},
    {"kernel": "precomputed", "nu": 0.25},
]
REGRESSIONS = [
    {},
    {"C": 20.0, "epsilon": 0.01, "gamma": 0.03},
    {"kernel": "linear", "C": 0.5, "epsilon": 0.2},
    {"kernel": "poly", "degree": 2, "coef0": 1.0, "C": 0.1},
    {"kernel": "sigmoid", "gamma": 0.01, "coef0": 0.1},
    {"kernel": "precomputed", "C": 2.0},
]
NEIGHBOURS = [
    {"n_neighbors": 5},
    {"n_neighbors": 7, "weights": "distance"},
    {"n_neighbors": 5, "metric": "cosine"},
    {"n_neighbors": 4, "metric": "cosine", "weights": "distance"},
]


def rounded(values, digits=7):
    return [float(f"{v:.{digits}g}") for v in np.asarray(values, dtype=np.float64).ravel()]


def write(name, value):
    OUT.mkdir(exist_ok=True)
    (OUT / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")


for name, load, rows in [("iris", load_iris, 150), ("wine", load_wine, 178), ("breast-cancer", load_breast_cancer, 200)]:
    data = load()
    X, y = data.data, data.target
    if rows < len(X):
        X, _, y, _ = train_test_split(X, y, train_size=rows, stratify=y, random_state=0)
    X = StandardScaler().fit_transform(X)
    # Seven digits name a float32; the fixture and the fit see the same numbers.
    X = np.array(rounded(X.astype(np.float32), 6)).astype(np.float32).astype(np.float64).reshape(X.shape)
    train, test, y_train, y_test = train_test_split(X, y, test_size=40, stratify=y, random_state=1)
    # Some test rows are training rows: their distance is exactly zero.
    test[:5], y_test[:5] = train[:5], y_train[:5]
    base = {
        "dim": X.shape[1],
        "train": rounded(train.astype(np.float32), 6),
        "trainLabels": y_train.tolist(),
        "test": rounded(test.astype(np.float32), 6),
        "testLabels": y_test.tolist(),
    }
    svms = []
    for options in SVMS:
        model = SVC(tol=1e-8, **options).fit(train, y_train)
        decisions = model.decision_function(test)
        svms.append({"options": options, "decisions": rounded(decisions), "support": model.n_support_.tolist()})
    neighbours = []
    for options in NEIGHBOURS:
        model = KNeighborsClassifier(algorithm="brute", **options).fit(train, y_train)
        neighbours.append({"options": options, "shares": rounded(model.predict_proba(test))})
    write(f"svm-{name}.json", {**base, "cases": svms})
    if name != "breast-cancer":
        write(f"knn-{name}.json", {**base, "cases": neighbours})


def gram(a, b):
    """Exponential of minus the L1 distance: a kernel that no estimator has; rounded to float32."""
    distances = np.abs(a[:, None, :] - b[None, :, :]).sum(axis=2)
    return np.array(rounded(np.exp(-0.1 * distances).astype(np.float32), 6)).astype(np.float32).reshape(distances.shape)


# Regression and one class. In units of the target's deviation, the tube of 0.1 is as wide as it should be.
X, target = load_diabetes(return_X_y=True)
X, target = X[:110], target[:110]
X = StandardScaler().fit_transform(X)
X = np.array(rounded(X.astype(np.float32), 6)).astype(np.float32).astype(np.float64).reshape(X.shape)
target = np.array(rounded((target - target.mean()) / target.std(), 6))
train, test, y_train = X[:75], X[70:], target[:75]
cases = []
for kind, make, all_options in [("one-class-svm", OneClassSVM, ONE_CLASS), ("svr", SVR, REGRESSIONS), ("svm", SVC, [{"kernel": "precomputed", "C": 3.0}])]:
    for options in all_options:
        is_gram = options.get("kernel") == "precomputed"
        model = make(tol=1e-8, **options)
        fit_on, ask = (gram(train, train), gram(test, train)) if is_gram else (train, test)
        y = np.digitize(y_train, [-0.5, 0.5]) if kind == "svm" else y_train
        model.fit(fit_on.astype(np.float64), y)
        values = (model.predict if kind == "svr" else model.decision_function)(ask.astype(np.float64))
        cases.append({"kind": kind, "options": options, "values": rounded(values)})
write(
    "svm-sums-diabetes.json",
    {
        "dim": X.shape[1],
        "train": rounded(train, 6),
        "test": rounded(test, 6),
        "targets": rounded(y_train, 6),
        "classes": np.digitize(y_train, [-0.5, 0.5]).tolist(),
        "gram": rounded(gram(train, train), 6),
        "testGram": rounded(gram(test, train), 6),
        "cases": cases,
    },
)
