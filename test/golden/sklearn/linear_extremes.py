"""Writes fixtures/linear-extremes.json: linear models of scikit-learn from C = 1e-6 to C = 1e6.

Run: python test/golden/sklearn/linear_extremes.py   (scikit-learn 1.9, numpy 2)
The rows and queries are those of fixtures/linear-*.json, standardised: iris, whose classes overlap, and wine, which a plane
separates. Warnings of convergence are kept: the fixture says for which values scikit-learn is at its optimum.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.svm import LinearSVC

FIXTURES = Path(__file__).parent / "fixtures"
PENALTIES = [1e-6, 1e-4, 1e-2, 1e2, 1e4, 1e6]


def models(C):
    return {
        "linear-svm": LinearSVC(C=C, loss="squared_hinge", dual=False, tol=1e-12, max_iter=1_000_000),
        "crammer-singer": LinearSVC(C=C, multi_class="crammer_singer", tol=1e-9, max_iter=20_000_000),
        "logistic-regression": LogisticRegression(C=C, tol=1e-12, max_iter=100_000, solver="newton-cholesky"),
        "ridge": RidgeClassifier(alpha=1 / C),
    }


cases = []
for name in ["iris", "wine"]:
    data = json.loads((FIXTURES / f"linear-{name}.json").read_text())
    mean, scale = np.array(data["scaler"]["mean"]), np.array(data["scaler"]["scale"])
    Z = (np.array(data["X"]).reshape(-1, data["cols"]) - mean) / scale
    Q = (np.array(data["queries"]).reshape(-1, data["cols"]) - mean) / scale
    y = np.array(data["y"])
    for C in PENALTIES:
        for head, model in models(C).items():
            if head == "crammer-singer" and C > 100:
                continue  # LIBLINEAR's own steps do not end there
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                scores = model.fit(Z, y).decision_function(Q)
            converged = not any(issubclass(w.category, ConvergenceWarning) for w in caught)
            cases.append(
                {
                    "data": name,
                    "head": head,
                    "C": C,
                    "converged": converged,
                    "scores": [float(f"{v:.9g}") for v in scores.ravel()],
                }
            )
            print(name, head, C, converged, scores.ravel()[:3])
fixture = {"generator": f"linear_extremes.py, scikit-learn {sklearn.__version__}", "cases": cases}
path = FIXTURES / "linear-extremes.json"
path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
print(path.name, path.stat().st_size)
