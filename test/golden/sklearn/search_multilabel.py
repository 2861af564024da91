"""Grid search over rows of several labels: one logistic regression a label, chosen by macro F1 in fixed folds.

Writes fixtures/search-multilabel.json. Run: python search_multilabel.py (scikit-learn 1.9.1).
"""

import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ROWS, COLS, FOLDS = 120, 6, 3
LABELS = ["a", "b", "rare"]
GRID = [0.001, 0.1, 10.0]


def main() -> None:
    rng = np.random.default_rng(5)
    Y = np.stack([rng.random(ROWS) < share for share in (0.5, 0.35, 0.12)], axis=1).astype(int)
    X = rng.normal(size=(ROWS, COLS))
    X[:, :3] += 1.1 * Y
    X = X.round(4).astype(np.float32)
    folds = rng.permutation(ROWS) % FOLDS
    scores = []
    for C in GRID:
        of_fold = []
        for fold in range(FOLDS):
            inside, held = folds != fold, folds == fold
            model = make_pipeline(
                StandardScaler(), OneVsRestClassifier(LogisticRegression(C=C, tol=1e-10, max_iter=10_000))
            ).fit(X[inside], Y[inside])
            of_fold.append(f1_score(Y[held], model.predict(X[held]), average="macro", zero_division=0))
        scores.append(of_fold)
    golden = {
        "labels": LABELS,
        "cols": COLS,
        "X": [float(x) for x in X.ravel()],
        "Y": Y.ravel().tolist(),
        "folds": folds.tolist(),
        "grid": GRID,
        "scores": scores,
        "best": int(np.argmax(np.mean(scores, axis=1))),
    }
    out = Path(__file__).parent / "fixtures" / "search-multilabel.json"
    out.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
