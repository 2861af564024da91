"""Writes fixtures/classic-*.json: what scikit-learn's closed-form classifiers and transforms say on small real data.

Run: python test/golden/sklearn/classic.py   (scikit-learn 1.9, numpy 2)
The data are those of linear.py's fixtures (every k-th row of iris, wine and breast_cancer as float32), which are read
from them. `wide` cases see the first 4 rows of each class only, so that wine and breast_cancer have fewer rows than columns.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics.pairwise import cosine_similarity, euclidean_distances
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import NearestCentroid
from sklearn.preprocessing import MinMaxScaler, normalize
from sklearn.svm import LinearSVC

warnings.simplefilter("error")
FIXTURES = Path(__file__).parent / "fixtures"

RIDGE = [
    {"alpha": 1},
    {"alpha": 1e-6},
    {"alpha": 100, "fitIntercept": False},
    {"alpha": 1, "classWeight": "balanced"},
    {"alpha": 0.1, "classWeight": {"0": 5.0}},
    {"alpha": 1, "wide": True},
    {"alpha": 0.01, "classWeight": "balanced", "wide": True},
]
LDA = [
    {"shrinkage": "none"},
    {"shrinkage": "auto"},
    {"shrinkage": 0.3},
    {"shrinkage": 1},
    {"shrinkage": "auto", "uneven": True},
    {"shrinkage": "auto", "wide": True},
    {"shrinkage": 0.1, "wide": True},
]
BAYES = [{}, {"varSmoothing": 1e-3}, {"uneven": True}]
CRAMMER_SINGER = [{"C": 1}, {"C": 0.05}, {"C": 1, "fitIntercept": False}, {"C": 0.2, "classWeight": {"0": 5.0}}]
PCAS = [{"components": 2}, {"components": 3, "whiten": True}, {"components": 0.9}]


def both(decision):
    """Two classes as [-d, d], as the project's heads give them."""
    return np.stack([-decision, decision], axis=1) if decision.ndim == 1 else decision


def numbers(values):
    return [float(f"{v:.10g}") for v in np.asarray(values, dtype=np.float64).ravel()]


def weight(case):
    given = case.get("classWeight")
    return {int(k): v for k, v in given.items()} if isinstance(given, dict) else given


for name in ["iris", "wine", "breast-cancer"]:
    source = json.loads((FIXTURES / f"linear-{name}.json").read_text())
    cols = source["cols"]
    X = np.array(source["X"], dtype=np.float32).astype(np.float64).reshape(-1, cols)
    Q = np.array(source["queries"], dtype=np.float32).astype(np.float64).reshape(-1, cols)
    y = np.array([int(label) for label in source["y"]])
    mean, scale = np.array(source["scaler"]["mean"]), np.array(source["scaler"]["scale"])
    Z, ZQ = (X - mean) / scale, (Q - mean) / scale
    classes = len(np.unique(y))
    few = np.sort(np.concatenate([np.flatnonzero(y == c)[:4] for c in range(classes)]))
    uneven = np.arange(1, classes + 1) / np.arange(1, classes + 1).sum()

    def rows(case):
        return few if case.get("wide") else np.arange(len(y))

    def priors(case):
        return uneven if case.get("uneven") else None

    def options(case):
        plain = {k: v for k, v in case.items() if k not in ("wide", "uneven")}
        if case.get("uneven"):
            plain["priors"] = {str(c): float(p) for c, p in enumerate(uneven)}
        return {"options": plain, "wide": bool(case.get("wide"))}

    ridges = []
    for case in RIDGE:
        model = RidgeClassifier(
            alpha=case["alpha"],
            fit_intercept=case.get("fitIntercept", True),
            class_weight=weight(case),
            solver="cholesky",
        ).fit(Z[rows(case)], y[rows(case)])
        ridges.append({**options(case), "scores": numbers(both(model.decision_function(ZQ)))})
    ldas = []
    for case in LDA:
        shrinkage = None if case["shrinkage"] == "none" else case["shrinkage"]
        model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage, priors=priors(case))
        model.fit(Z[rows(case)], y[rows(case)])
        scores, probabilities = both(model.decision_function(ZQ)), model.predict_proba(ZQ)
        ldas.append({**options(case), "scores": numbers(scores), "probabilities": numbers(probabilities)})
    # Fewer rows than columns and no shrinkage: the solver's cut of tiny singular values is left to chance there, so
    # the shortest solution is worked out by the pseudo-inverse.
    inside, means, prior = Z[few], np.stack([Z[few][y[few] == c].mean(0) for c in range(classes)]), 1 / classes
    spread = sum(prior * np.cov(inside[y[few] == c].T, bias=True) for c in range(classes))
    planes = np.linalg.pinv(spread, rcond=1e-10, hermitian=True) @ means.T
    scores = ZQ @ planes - 0.5 * np.diag(means @ planes) + np.log(prior)
    shifted = np.exp(scores - scores.max(1, keepdims=True))
    ldas.append(
        {
            **options({"shrinkage": "none", "wide": True}),
            "scores": numbers(both(scores[:, 1] - scores[:, 0]) if classes == 2 else scores),
            "probabilities": numbers(shifted / shifted.sum(1, keepdims=True)),
        }
    )
    bayes = []
    for case in BAYES:
        model = GaussianNB(var_smoothing=case.get("varSmoothing", 1e-9), priors=priors(case)).fit(X, y)
        scores, probabilities = model.predict_joint_log_proba(Q), model.predict_proba(Q)
        bayes.append({**options(case), "scores": numbers(scores), "probabilities": numbers(probabilities)})
    near = NearestCentroid().fit(X, y)
    near_unit = NearestCentroid().fit(normalize(X), y)
    centroids = [
        {**options({"metric": "euclidean"}), "scores": numbers(-(euclidean_distances(Q, near.centroids_) ** 2))},
        {**options({"metric": "cosine"}), "scores": numbers(cosine_similarity(Q, near_unit.centroids_))},
    ]
    singers = []
    for case in CRAMMER_SINGER:
        model = LinearSVC(
            multi_class="crammer_singer",
            C=case["C"],
            fit_intercept=case.get("fitIntercept", True),
            class_weight=weight(case),
            tol=1e-9,
            max_iter=20_000_000,
            random_state=0,
        ).fit(Z, y)
        singers.append({**options(case), "scores": numbers(both(model.decision_function(ZQ)))})
    pcas = []
    for case in PCAS:
        for wide in [False, True]:
            model = PCA(case["components"], whiten=case.get("whiten", False), svd_solver="full")
            model.fit(Z[few] if wide else Z)
            pcas.append(
                {
                    **options({**case, "wide": wide}),
                    "components": numbers(model.components_),
                    "explainedVariance": numbers(model.explained_variance_),
                    "explainedVarianceRatio": numbers(model.explained_variance_ratio_),
                    "values": numbers(model.transform(ZQ)),
                }
            )
    fixture = {
        "generator": f"classic.py, scikit-learn {sklearn.__version__}, numpy {np.__version__}",
        "few": few.tolist(),
        "ridge": ridges,
        "lda": ldas,
        "gaussianNb": bayes,
        "nearestCentroid": centroids,
        "crammerSinger": singers,
        "minMax": numbers(MinMaxScaler().fit(X).transform(Q)),
        "l2": numbers(normalize(Q)),
        "pca": pcas,
    }
    path = FIXTURES / f"classic-{name}.json"
    path.write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
    print(path.name, X.shape, Q.shape, path.stat().st_size)
