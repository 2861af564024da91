"""Writes fixtures/search.json: GridSearchCV on iris and wine, plain and nested, and
fixtures/label-audit.json: confident learning.

Run: python test/golden/sklearn/search.py   (scikit-learn 1.9, numpy 2)
The folds are scikit-learn's and are stored, a fold number a row. Features are rounded to float32 and standardised
inside each fold. Solvers run at tight tolerances. Fold accuracies are to be equal exactly: they are counts of rows.
The confident joint is computed from its definition in Northcutt, Jiang & Chuang 2021, section 3.1, by numpy alone.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.datasets import load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, PredefinedSplit, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

warnings.simplefilter("error")
FIXTURES = Path(__file__).parent / "fixtures"
GENERATOR = f"search.py, scikit-learn {sklearn.__version__}, numpy {np.__version__}"

HEADS = {
    "linear-svm": (LinearSVC(dual=True, tol=1e-8, max_iter=20_000_000, random_state=0), {"C": [0.01, 0.1, 1, 10]}),
    "logistic-regression": (
        LogisticRegression(tol=1e-9, max_iter=100_000, solver="newton-cg"),
        {"C": [0.001, 0.01, 0.1, 1, 10]},
    ),
    "svm": (SVC(tol=1e-6), {"C": [0.1, 1, 10], "gamma": ["scale", 0.01, 1]}),
}


def rounded(values, digits):
    return [float(f"{v:.{digits}g}") for v in np.asarray(values, dtype=np.float64).ravel()]


def write(name, fixture):
    path = FIXTURES / name
    path.write_text(json.dumps({"generator": GENERATOR, **fixture}, separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size)


def grid_search():
    sets = []
    for name, load in [("iris", load_iris), ("wine", load_wine)]:
        data = load()
        X = data.data.astype(np.float32).astype(np.float64)
        y = data.target
        fold_of = np.empty(len(y), dtype=int)
        splitter = StratifiedKFold(5, shuffle=True, random_state=3)
        for fold, (_, held) in enumerate(splitter.split(X, y)):
            fold_of[held] = fold
        inner = []
        for fold in range(5):
            inside = np.flatnonzero(fold_of != fold)
            parts = np.empty(len(inside), dtype=int)
            for part, (_, held) in enumerate(
                StratifiedKFold(3, shuffle=True, random_state=fold).split(X[inside], y[inside])
            ):
                parts[held] = part
            inner.append(parts)
        searches = []
        for head, (model, grid) in HEADS.items():
            pipeline = make_pipeline(StandardScaler(), model)
            step = pipeline.steps[-1][0]
            found = GridSearchCV(
                pipeline, {f"{step}__{k}": v for k, v in grid.items()}, cv=PredefinedSplit(fold_of)
            ).fit(X, y)
            table = found.cv_results_
            nested, winners = [], []
            for fold in range(5):
                inside, held = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
                chosen = GridSearchCV(
                    pipeline, {f"{step}__{k}": v for k, v in grid.items()}, cv=PredefinedSplit(inner[fold])
                ).fit(X[inside], y[inside])
                nested.append(float(chosen.score(X[held], y[held])))
                winners.append(int(chosen.best_index_))
            searches.append(
                {
                    "head": head,
                    "grid": grid,
                    "sets": [{k.split("__")[1]: v for k, v in one.items()} for one in table["params"]],
                    "accuracies": [
                        [float(table[f"split{f}_test_score"][i]) for f in range(5)]
                        for i in range(len(table["params"]))
                    ],
                    "best": int(found.best_index_),
                    "nested": nested,
                    "winners": winners,
                }
            )
        sets.append(
            {
                "name": name,
                "cols": X.shape[1],
                "X": rounded(X, 9),
                "y": [str(v) for v in y],
                "folds": fold_of.tolist(),
                "inner": [parts.tolist() for parts in inner],
                "searches": searches,
            }
        )
    write("search.json", {"sets": sets})


def confident_learning():
    cases = []
    for name, load, share in [("iris", load_iris, 0.1), ("wine", load_wine, 0.2)]:
        data = load()
        rng = np.random.default_rng(5)
        y = data.target.copy()
        flipped = rng.choice(len(y), int(share * len(y)), replace=False)
        y[flipped] = (y[flipped] + rng.integers(1, 3, len(flipped))) % 3
        model = make_pipeline(StandardScaler(), LogisticRegression())
        splitter = StratifiedKFold(5, shuffle=True, random_state=1)
        P = np.round(cross_val_predict(model, data.data, y, cv=splitter, method="predict_proba"), 6)
        n, k = P.shape
        thresholds = np.array([P[y == j, j].mean() for j in range(k)])
        masked = np.where(P >= thresholds, P, -np.inf)
        confident = np.isfinite(masked).any(axis=1)
        guess = masked.argmax(axis=1)
        joint = np.zeros((k, k), dtype=int)
        np.add.at(joint, (y[confident], guess[confident]), 1)
        calibrated = joint / joint.sum(axis=1, keepdims=True) * np.bincount(y)[:, None] / n
        own = P[np.arange(n), y]
        others = P.copy()
        others[np.arange(n), y] = -np.inf
        margin = own - others.max(axis=1)
        rows = np.flatnonzero(confident & (guess != y))
        rows = rows[np.argsort(margin[rows], kind="stable")]
        cases.append(
            {
                "name": name,
                "y": [str(v) for v in y],
                "probabilities": rounded(P, 9),
                "thresholds": rounded(thresholds, 12),
                "confidentJoint": joint.tolist(),
                "joint": [rounded(row, 12) for row in calibrated],
                "suspects": rows.tolist(),
                "suggested": [str(v) for v in guess[rows]],
                "margins": rounded(margin[rows], 9),
                "flipped": sorted(flipped.tolist()),
            }
        )
    write("label-audit.json", {"cases": cases})


grid_search()
confident_learning()
