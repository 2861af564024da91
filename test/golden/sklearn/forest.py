"""Golden accuracies for the random forest, from scikit-learn.

Run: python test/golden/sklearn/forest.py   (scikit-learn 1.9.1)
Writes fixtures/forest-*.json. Forests differ from seed to seed, so the mean over ten seeds is compared:
within 1.5 points.
"""
import json
import pathlib

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

OUT = pathlib.Path(__file__).parent / "fixtures"
CASES = [
    {},
    {"criterion": "entropy", "min_samples_leaf": 3},
    {"max_depth": 5, "max_features": 0.5, "class_weight": "balanced"},
]


def write(name, X, y, test_size):
    train, test, y_train, y_test = train_test_split(X, y, test_size=test_size, stratify=y, random_state=0)
    cases = []
    for options in CASES:
        accuracy = [
            RandomForestClassifier(n_estimators=50, random_state=seed, **options).fit(train, y_train).score(test, y_test)
            for seed in range(10)
        ]
        cases.append({"options": options, "accuracy": round(float(np.mean(accuracy)), 5)})
    value = {
        "dim": X.shape[1],
        "train": [float(f"{v:.6g}") for v in train.ravel()],
        "trainLabels": y_train.tolist(),
        "test": [float(f"{v:.6g}") for v in test.ravel()],
        "testLabels": y_test.tolist(),
        "cases": cases,
    }
    for key in ("train", "test"):
        value[key] = [int(v) if v == int(v) else v for v in value[key]]
    OUT.mkdir(exist_ok=True)
    (OUT / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")
    print(name, [case["accuracy"] for case in cases])


digits = load_digits()
X, _, y, _ = train_test_split(digits.data, digits.target, train_size=800, stratify=digits.target, random_state=0)
write("forest-digits.json", X, y, 400)
cancer = load_breast_cancer()
write("forest-breast-cancer.json", cancer.data[:, :10], cancer.target, 250)
