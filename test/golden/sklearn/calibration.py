"""Writes fixtures/calibration.json: Platt's sigmoid, isotonic regression and calibrated probabilities as scikit-learn's
CalibratedClassifierCV makes them of given decision values (its own maps, one-vs-rest scaled to sum to 1).

Run: python test/golden/sklearn/calibration.py   (scikit-learn 1.9)
"""

import json
import pathlib

import numpy as np
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression


def maps(values: np.ndarray, positive: np.ndarray, queries: np.ndarray) -> dict:
    platt = _SigmoidCalibration().fit(values, positive)
    isotonic = IsotonicRegression(out_of_bounds="clip").fit(values, positive)
    return {
        "platt": {"slope": -platt.a_, "intercept": -platt.b_, "queries": platt.predict(queries).tolist()},
        "isotonic": {
            "x": isotonic.X_thresholds_.tolist(),
            "y": isotonic.y_thresholds_.tolist(),
            "queries": isotonic.predict(queries).tolist(),
        },
    }


def case(name: str, seed: int, classes: int, n: int, scale: float, decimals: int) -> dict:
    rng = np.random.default_rng(seed)
    truth = np.minimum((rng.random(n) ** 1.5 * classes).astype(int), classes - 1)
    scores = rng.normal(size=(n, classes)) + 1.2 * np.eye(classes)[truth] + rng.normal(size=classes)
    scores = np.round(scores * scale, decimals)
    queries = np.round((rng.normal(size=(40, classes)) * 2 + 0.5) * scale, decimals)
    if classes == 2:
        values, asked, codes = [scores[:, 1] - scores[:, 0]], [queries[:, 1] - queries[:, 0]], [1]
    else:
        values, asked, codes = list(scores.T), list(queries.T), list(range(classes))
    fitted = [maps(v, (truth == code).astype(float), q) for v, q, code in zip(values, asked, codes)]
    probabilities = {}
    for method in ("platt", "isotonic"):
        table = np.array([one[method]["queries"] for one in fitted]).T
        if classes == 2:
            table = np.hstack([1 - table, table])
        else:
            total = table.sum(axis=1, keepdims=True)
            table = np.where(total == 0, 1 / classes, table / np.where(total == 0, 1, total))
        probabilities[method] = table.ravel().tolist()
    return {
        "name": name,
        "classes": classes,
        "truth": truth.tolist(),
        "scores": scores.ravel().tolist(),
        "queries": queries.ravel().tolist(),
        "maps": fitted,
        "probabilities": probabilities,
    }


cases = [
    case("two classes", 1, 2, 120, 1, 4),
    case("two classes, many equal values", 2, 2, 150, 1, 1),
    case("two classes, large values", 3, 2, 100, 1000, 2),
    case("five classes", 4, 5, 150, 1, 4),
]
path = pathlib.Path(__file__).parent / "fixtures" / "calibration.json"
path.write_text(json.dumps({"cases": cases}) + "\n")
