"""Writes fixtures/metrics.json: classification figures as scikit-learn and statsmodels' formula give them.

Run: python test/golden/sklearn/metrics.py   (scikit-learn 1.9)
"""

import json
import math
import pathlib
import random

from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
)


def wilson(hits: int, n: int, z: float = 1.959964) -> list[float]:
    p = hits / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return [max(0.0, centre - half), min(1.0, centre + half)]


def case(seed: int, classes: int, n: int, noise: float) -> dict:
    rng = random.Random(seed)
    truth = [min(int(rng.random() ** 2 * classes), classes - 1) for _ in range(n)]
    predicted = [t if rng.random() > noise else rng.randrange(classes) for t in truth]
    names = list(range(classes))
    precision, recall, f1, rows = precision_recall_fscore_support(truth, predicted, labels=names, zero_division=0)
    hits = sum(t == p for t, p in zip(truth, predicted))
    return {
        "classes": classes,
        "truth": truth,
        "predicted": predicted,
        "confusion": confusion_matrix(truth, predicted, labels=names).tolist(),
        "accuracy": accuracy_score(truth, predicted),
        "interval": wilson(hits, n),
        "balancedAccuracy": balanced_accuracy_score(truth, predicted),
        "macroF1": f1_score(truth, predicted, average="macro"),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "rows": rows.tolist(),
    }


cases = [case(1, 2, 40, 0.2), case(2, 5, 120, 0.5), case(3, 3, 7, 0.0), case(4, 9, 60, 0.9)]
path = pathlib.Path(__file__).parent / "fixtures" / "metrics.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(cases) + "\n")
