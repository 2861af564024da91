"""Writes fixtures/linear-*.json: what scikit-learn's linear models say on small real data.

Run: python test/golden/sklearn/linear.py   (scikit-learn 1.9, numpy 2)
The data are scikit-learn's built-in iris, wine and breast_cancer, every k-th row, rounded to float32.
Solvers run at tight tolerances, so that the fixtures hold the optimum and not a solver's path to it.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

warnings.simplefilter("error")
FIXTURES = Path(__file__).parent / "fixtures"

SETS = {"iris": (load_iris, 3), "wine": (load_wine, 3), "breast-cancer": (load_breast_cancer, 6)}

SVM_CASES = [
    {"loss": "squared-hinge", "C": 1},
    {"loss": "squared-hinge", "C": 0.01},
    {"loss": "hinge", "C": 0.5},
    {"loss": "squared-hinge", "C": 1, "fitIntercept": False},
    {"loss": "squared-hinge", "C": 0.1, "classWeight": "balanced"},
    {"loss": "squared-hinge", "C": 0.1, "classWeight": "first-heavy"},
]
LOGISTIC_CASES = [
    {"C": 1},
    {"C": 100},
    {"C": 0.01, "fitIntercept": False},
    {"C": 1, "classWeight": "balanced"},
    {"C": 1, "classWeight": "first-heavy"},
]


def class_weight(case):
    weight = case.get("classWeight")
    return {0: 5.0} if weight == "first-heavy" else weight


def options(case):
    return {**case, "classWeight": {"0": 5.0}} if case.get("classWeight") == "first-heavy" else case


def both(decision):
    """Two classes as [-d, d], as the project's heads give them."""
    return np.stack([-decision, decision], axis=1) if decision.ndim == 1 else decision


def numbers(values):
    return [float(f"{v:.10g}") for v in np.asarray(values, dtype=np.float64).ravel()]


for name, (load, step) in SETS.items():
    data = load()
    X = data.data[::step].astype(np.float32).astype(np.float64)
    y = data.target[::step]
    Q = data.data[1 :: step * 5].astype(np.float32).astype(np.float64)
    scaler = StandardScaler().fit(X)
    Z, ZQ = scaler.transform(X), scaler.transform(Q)
    svms = []
    for case in SVM_CASES:
        model = LinearSVC(
            C=case["C"],
            loss=case["loss"].replace("-", "_"),
            dual=True,
            tol=1e-9,
            max_iter=20_000_000,
            fit_intercept=case.get("fitIntercept", True),
            class_weight=class_weight(case),
            random_state=0,
        ).fit(Z, y)
        svms.append({"options": options(case), "scores": numbers(both(model.decision_function(ZQ)))})
    logistics = []
    for case in LOGISTIC_CASES:
        model = LogisticRegression(
            C=case["C"],
            tol=1e-10,
            max_iter=100_000,
            solver="newton-cg",
            fit_intercept=case.get("fitIntercept", True),
            class_weight=class_weight(case),
        ).fit(Z, y)
        logistics.append(
            {
                "options": options(case),
                "scores": numbers(both(model.decision_function(ZQ))),
                "probabilities": numbers(model.predict_proba(ZQ)),
            }
        )
    fixture = {
        "generator": f"linear.py, scikit-learn {sklearn.__version__}, numpy {np.__version__}",
        "cols": X.shape[1],
        "X": [float(f"{v:.9g}") for v in X.ravel()],
        "y": [str(v) for v in y],
        "queries": [float(f"{v:.9g}") for v in Q.ravel()],
        "scaler": {"mean": numbers(scaler.mean_), "scale": numbers(scaler.scale_)},
        "linearSvm": svms,
        "logisticRegression": logistics,
    }
    path = FIXTURES / f"linear-{name}.json"
    path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
    print(path.name, X.shape, Q.shape, path.stat().st_size)
