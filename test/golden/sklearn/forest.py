"""Golden accuracies for forests and gradient boosting, from scikit-learn.

Run: python test/golden/sklearn/forest.py   (scikit-learn 1.9.1)
Writes fixtures/forest-*.json. Trees differ from seed to seed, so the mean over ten seeds is compared: within 1.5
points for these small sets, whose standard error is of that size (half a point on more rows: see the benchmark).
Regression: the mean R2 over ten seeds, within 0.02. Importances: the mean over ten seeds of forests of 50 trees, within
0.004 + 25%: where features say the same, which of them a forest takes varies by that much (40 seeds looked at).
"""
import json
import pathlib

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.model_selection import train_test_split

OUT = pathlib.Path(__file__).parent / "fixtures"
CASES = [
    ("random-forest", RandomForestClassifier, {}),
    ("random-forest", RandomForestClassifier, {"criterion": "entropy", "min_samples_leaf": 3}),
    ("random-forest", RandomForestClassifier, {"max_depth": 5, "max_features": 0.5, "class_weight": "balanced"}),
    ("extra-trees", ExtraTreesClassifier, {}),
    ("extra-trees", ExtraTreesClassifier, {"criterion": "entropy", "bootstrap": True, "min_samples_leaf": 2}),
]
BOOSTING = [
    {"max_iter": 50},
    {"max_iter": 30, "max_leaf_nodes": 8, "l2_regularization": 1.0, "learning_rate": 0.2},
    {"max_iter": 60, "early_stopping": True, "class_weight": "balanced"},
]
REGRESSION = [
    ("random-forest", RandomForestRegressor, {}),
    ("random-forest", RandomForestRegressor, {"max_features": 3, "min_samples_leaf": 5}),
    ("extra-trees", ExtraTreesRegressor, {"max_features": 0.5, "max_depth": 8}),
]


def rounded(values):
    values = [float(f"{v:.6g}") for v in np.ravel(values)]
    return [int(v) if v == int(v) else v for v in values]


def accuracy(make, train, y_train, test, y_test):
    scores = [make(seed).fit(train, y_train).score(test, y_test) for seed in range(10)]
    return round(float(np.mean(scores)), 5)


def save(name, value):
    OUT.mkdir(exist_ok=True)
    (OUT / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")
    print(name, [(case["options"], case.get("accuracy", case.get("r2"))) for case in value["cases"]])


def write(name, X, y, test_size):
    X = np.array(rounded(X), dtype=np.float64).reshape(X.shape)
    train, test, y_train, y_test = train_test_split(X, y, test_size=test_size, stratify=y, random_state=0)
    sets = train, y_train, test, y_test
    cases = []
    for head, make, options in CASES:
        build = lambda seed: make(n_estimators=50, random_state=seed, **options)
        cases.append({"head": head, "options": options, "accuracy": accuracy(build, *sets)})
    for options in BOOSTING:
        build = lambda seed: HistGradientBoostingClassifier(random_state=seed, **options)
        cases.append({"head": "gradient-boosting", "options": options, "accuracy": accuracy(build, *sets)})
    importances = np.mean(
        [RandomForestClassifier(50, random_state=s).fit(train, y_train).feature_importances_ for s in range(10)], axis=0
    )
    save(
        name,
        {
            "dim": X.shape[1],
            "train": rounded(train),
            "trainLabels": y_train.tolist(),
            "test": rounded(test),
            "testLabels": y_test.tolist(),
            "importances": [round(float(v), 5) for v in importances],
            "cases": cases,
        },
    )


def write_regression(name, X, y):
    train, test, y_train, y_test = train_test_split(X, y, test_size=142, random_state=0)
    cases = []
    for head, make, options in REGRESSION:
        build = lambda seed: make(n_estimators=50, random_state=seed, **options)
        cases.append({"head": head, "options": options, "r2": accuracy(build, train, y_train, test, y_test)})
    save(
        name,
        {
            "dim": X.shape[1],
            "train": rounded(train),
            "trainTargets": rounded(y_train),
            "test": rounded(test),
            "testTargets": rounded(y_test),
            "cases": cases,
        },
    )


digits = load_digits()
X, _, y, _ = train_test_split(digits.data, digits.target, train_size=800, stratify=digits.target, random_state=0)
write("forest-digits.json", X, y, 400)
cancer = load_breast_cancer()
write("forest-breast-cancer.json", cancer.data[:, :10], cancer.target, 250)
diabetes = load_diabetes(scaled=False)
write_regression("forest-diabetes.json", diabetes.data, diabetes.target)
