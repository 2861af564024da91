"""Writes fixtures/metrics.json: classification figures as scikit-learn and statsmodels' formula give them, and
fixtures/score-metrics.json: figures of probabilities and rankings, weighted and not (the calibration error, which
scikit-learn lacks, by numpy's histogram), and fixtures/paired-tests.json: tests and splits by scipy and scikit-learn.

Run: python test/golden/sklearn/metrics.py   (scikit-learn 1.9, scipy 1.17)
"""

import json
import math
import pathlib
import random

import numpy as np
import scipy.stats
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    confusion_matrix,
    f1_score,
    log_loss,
    matthews_corrcoef,
    precision_recall_fscore_support,
    roc_auc_score,
)
from sklearn.model_selection import TimeSeriesSplit


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
        "microF1": f1_score(truth, predicted, average="micro"),
        "weightedF1": f1_score(truth, predicted, average="weighted"),
        "mcc": matthews_corrcoef(truth, predicted),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "rows": rows.tolist(),
    }


cases = [case(1, 2, 40, 0.2), case(2, 5, 120, 0.5), case(3, 3, 7, 0.0), case(4, 9, 60, 0.9)]
path = pathlib.Path(__file__).parent / "fixtures" / "metrics.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(cases) + "\n")


def calibration_error(truth: np.ndarray, probabilities: np.ndarray, weights: np.ndarray, bins: int = 15) -> float:
    top = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    right = (top == truth).astype(float)
    error = 0.0
    for b in range(bins):
        inside = (confidence > b / bins) & (confidence <= (b + 1) / bins)
        if weights[inside].sum() > 0:
            gap = np.average(right[inside], weights=weights[inside]) - np.average(confidence[inside], weights=weights[inside])
            error += weights[inside].sum() / weights.sum() * abs(gap)
    return error


def score_case(seed: int, classes: int, n: int, skill: float, levels: int | None) -> dict:
    rng = np.random.default_rng(seed)
    truth = np.concatenate([np.arange(classes), rng.integers(0, classes, n - classes)])
    scores = rng.normal(size=(n, classes)) + skill * np.eye(classes)[truth]
    if levels is not None:  # ties
        scores = np.round(scores * levels) / levels
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    weights = rng.integers(0, 4, n)
    weights[:classes] = 1

    def figures(weight: np.ndarray) -> dict:
        ranked = scores[:, 1] - scores[:, 0] if classes == 2 else scores
        columns = [(truth, ranked)] if classes == 2 else [((truth == k).astype(int), ranked[:, k]) for k in range(classes)]
        probable = probabilities[:, 1] if classes == 2 else probabilities
        return {
            "logLoss": log_loss(truth, probabilities, sample_weight=weight),
            "brier": brier_score_loss(truth, probable, sample_weight=weight),
            "calibrationError": calibration_error(truth, probabilities, weight.astype(float)),
            "scoreRocAuc": float(np.mean([roc_auc_score(y, s, sample_weight=weight) for y, s in columns])),
            "scorePrAuc": float(np.mean([average_precision_score(y, s, sample_weight=weight) for y, s in columns])),
            "rocAuc": roc_auc_score(truth, probable, sample_weight=weight, multi_class="ovr"),
            "prAuc": average_precision_score(truth, probable, sample_weight=weight),
        }

    return {
        "classes": classes,
        "truth": truth.tolist(),
        "scores": scores.ravel().tolist(),
        "probabilities": probabilities.ravel().tolist(),
        "weights": weights.tolist(),
        "plain": figures(np.ones(n, dtype=int)),
        "weighted": figures(weights),
    }


def corrected_t(a: list[float], b: list[float], train: int, test: int) -> dict:
    d = np.subtract(a, b)
    k = len(d)
    t = d.mean() / math.sqrt((1 / k + test / train) * d.var(ddof=1))
    return {"a": a, "b": b, "train": train, "test": test, "t": t, "p": 2 * scipy.stats.t.sf(abs(t), k - 1)}


def mcnemar(b: int, c: int) -> dict:
    n, least = b + c, min(b, c)
    exact = scipy.stats.binomtest(least, n, 0.5).pvalue if n > 0 else 1.0
    point = scipy.stats.binom.pmf(least, n, 0.5)
    return {"onlyA": b, "onlyB": c, "p": exact, "midP": exact - (point if b != c else point / 2)}


score_cases = [score_case(1, 2, 60, 1.0, None), score_case(2, 2, 50, 0.7, 2), score_case(3, 4, 80, 1.5, 3), score_case(4, 7, 90, 3.0, None)]
(path.parent / "score-metrics.json").write_text(json.dumps(score_cases) + "\n")

rng = random.Random(11)
accuracies = [[round(rng.uniform(0.7, 0.9), 4) for _ in range(10)] for _ in range(4)]
tests = {
    "mcnemar": [mcnemar(b, c) for b, c in [(0, 0), (1, 0), (3, 3), (10, 2), (59, 6), (0, 25), (120, 155), (3000, 3100), (40000, 41000)]],
    "correctedT": [
        corrected_t(accuracies[0], accuracies[1], 90, 10),
        corrected_t(accuracies[2], accuracies[3], 450, 50),
        corrected_t(accuracies[0][:2], accuracies[3][:2], 50, 50),
        corrected_t([x + 0.05 + 0.001 * i for i, x in enumerate(accuracies[2])], accuracies[2], 900, 100),
    ],
    "studentT": [[t, df, float(2 * scipy.stats.t.sf(t, df))] for t in [0.0, 0.3, 1.0, 2.0, 5.0, 30.0] for df in [1, 2, 4, 9, 49, 999]],
    "timeOrdered": [
        {
            "rows": n, "folds": k, "gap": gap,
            "splits": [[train.tolist(), test.tolist()] for train, test in TimeSeriesSplit(n_splits=k, gap=gap).split(range(n))],
        }
        for n, k, gap in [(12, 3, 0), (17, 5, 0), (20, 4, 2)]
    ],
}
(path.parent / "paired-tests.json").write_text(json.dumps(tests) + "\n")
