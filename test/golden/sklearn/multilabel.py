"""Writes fixtures/multilabel.json: OneVsRestClassifier's decision values and probabilities, and scikit-learn's figures
of several labels a row (F1 over rows with zero_division=1, as a row without labels that is given none is right).

Run: python test/golden/sklearn/multilabel.py   (scikit-learn 1.9)
"""

import json
import pathlib

import numpy as np
from sklearn.datasets import make_multilabel_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score, average_precision_score, balanced_accuracy_score, brier_score_loss, f1_score, hamming_loss,
    label_ranking_average_precision_score, log_loss, matthews_corrcoef, precision_recall_fscore_support, roc_auc_score,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

X, Y = make_multilabel_classification(n_samples=200, n_features=8, n_classes=5, n_labels=2, allow_unlabeled=True, random_state=3)
X = np.float32(np.round((X - X.mean(axis=0)) / X.std(axis=0), 3)).astype(float)
train, test = slice(0, 140), slice(140, 200)


def fitted(estimator, features):
    model = OneVsRestClassifier(estimator).fit(features[train], Y[train])
    return model, model.decision_function(features[test])


def figures(truth, decided, scores, probabilities):
    precision, recall, f1, support = precision_recall_fscore_support(truth, decided, average=None, zero_division=0)
    each = [
        {"precision": p, "recall": r, "f1": f, "rows": int(s), "averagePrecision": average_precision_score(truth[:, k], probabilities[:, k])}
        for k, (p, r, f, s) in enumerate(zip(precision, recall, f1, support))
    ]
    labels = range(truth.shape[1])
    return {
        "subsetAccuracy": accuracy_score(truth, decided),
        "hammingLoss": hamming_loss(truth, decided),
        "macroF1": f1_score(truth, decided, average="macro", zero_division=0),
        "microF1": f1_score(truth, decided, average="micro", zero_division=0),
        "weightedF1": f1_score(truth, decided, average="weighted", zero_division=0),
        "samplesF1": f1_score(truth, decided, average="samples", zero_division=1),
        "labelRankingAveragePrecision": label_ranking_average_precision_score(truth, scores),
        "balancedAccuracy": float(np.mean([balanced_accuracy_score(truth[:, k], decided[:, k]) for k in labels])),
        "mcc": float(np.mean([matthews_corrcoef(truth[:, k], decided[:, k]) for k in labels])),
        "rocAuc": roc_auc_score(truth, probabilities, average="macro"),
        "prAuc": average_precision_score(truth, probabilities, average="macro"),
        "logLoss": float(np.mean([log_loss(truth[:, k], probabilities[:, k]) for k in labels])),
        "brier": float(np.mean([brier_score_loss(truth[:, k], probabilities[:, k]) for k in labels])),
        "perLabel": each,
    }


logistic, logits = fitted(LogisticRegression(C=1, tol=1e-10, max_iter=10000), X)
_, margins = fitted(LinearSVC(C=1, tol=1e-10, max_iter=1000000), X)
_, kernel = fitted(SVC(C=2, kernel="rbf", gamma="scale", tol=1e-8), StandardScaler().fit(X[train]).transform(X))
probabilities = logistic.predict_proba(X[test])
decided = logistic.predict(X[test])
document = {
    "dim": X.shape[1],
    "labels": [f"label {k}" for k in range(Y.shape[1])],
    "train": {"X": X[train].ravel().tolist(), "Y": Y[train].ravel().tolist()},
    "test": {"X": X[test].ravel().tolist(), "Y": Y[test].ravel().tolist()},
    "scores": {"logistic-regression": logits.ravel().tolist(), "linear-svm": margins.ravel().tolist(), "svm": kernel.ravel().tolist()},
    "probabilities": probabilities.ravel().tolist(),
    "decided": decided.ravel().tolist(),
    "figures": figures(Y[test], decided, logits, probabilities),
}
path = pathlib.Path(__file__).parent / "fixtures" / "multilabel.json"
path.write_text(json.dumps(document) + "\n")
print({name: value for name, value in document["figures"].items() if name != "perLabel"}, "empty rows", int((Y.sum(axis=1) == 0).sum()), path.stat().st_size)
