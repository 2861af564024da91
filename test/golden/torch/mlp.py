"""Writes fixtures/mlp.json: short training runs of small perceptrons in PyTorch, float64.

Run: python test/golden/torch/mlp.py   (torch 2.13 or later, numpy 2)
Each case holds the rows, the weights to begin with, each epoch's mean loss and the weights at the end. Batches are
cut in the order of the rows, floor(b n / batches) to floor((b + 1) n / batches), and nothing is dropped out.
Row weights average 1 over the rows. Weight decay is decoupled: AdamW's, and for SGD the weights shrink before the
step. Tolerance: 1e-8 in float64, 2e-3 in float32.
"""

import json
from pathlib import Path

import numpy as np
import torch

FIXTURES = Path(__file__).parent / "fixtures"
ROWS, DIM = 50, 6

CASES = [
    {"hidden": [8], "classes": 3, "optimizer": "adam", "weightDecay": 0, "batchSize": 16, "learningRate": 0.01},
    {"hidden": [7, 5], "classes": 2, "optimizer": "adam", "weightDecay": 0.1, "batchSize": 50, "learningRate": 0.01,
     "batchNorm": True, "schedule": "cosine"},
    {"hidden": [9, 4], "classes": 4, "optimizer": "sgd", "momentum": 0.9, "weightDecay": 0.05, "batchSize": 20,
     "learningRate": 0.05, "batchNorm": True, "schedule": "step", "decay": 0.5, "decayEvery": 3},
    {"hidden": [], "classes": 2, "optimizer": "sgd", "momentum": 0.5, "weightDecay": 0, "batchSize": 10,
     "learningRate": 0.1, "schedule": "exponential", "decay": 0.5, "decayEvery": 4, "classWeight": [1, 3]},
    {"hidden": [6, 6, 6], "classes": 5, "optimizer": "adam", "weightDecay": 0.01, "batchSize": 13,
     "learningRate": 0.005, "classWeight": [1, 4, 1, 0.5, 2]},
]
EPOCHS = 8


def exact(values):
    """Numbers that float32 holds too."""
    return np.asarray(values, dtype=np.float32).astype(np.float64)


def numbers(values):
    return [float(f"{v:.12g}") for v in np.asarray(values, dtype=np.float64).ravel()]


def state(layers):
    return [
        {
            "inputs": dense.in_features,
            "units": dense.out_features,
            "weights": numbers(dense.weight.detach().numpy().T),
            "bias": numbers((dense if norm is None else norm).bias.detach().numpy()),
            "norm": None
            if norm is None
            else {
                "gain": numbers(norm.weight.detach().numpy()),
                "mean": numbers(norm.running_mean.numpy()),
                "variance": numbers(norm.running_var.numpy()),
            },
        }
        for dense, norm in layers
    ]


def run(index, case):
    rng = np.random.default_rng(100 + index)
    classes = case["classes"]
    codes = np.arange(ROWS) * 7 % classes
    X = exact(rng.normal(size=(ROWS, DIM)) + rng.normal(size=(classes, DIM))[codes])
    outputs = 1 if classes == 2 else classes
    sizes = [DIM, *case["hidden"], outputs]
    layers = []
    for l in range(len(sizes) - 1):
        last = l == len(sizes) - 2
        normed = case.get("batchNorm", False) and not last
        dense = torch.nn.Linear(sizes[l], sizes[l + 1], bias=not normed, dtype=torch.float64)
        norm = torch.nn.BatchNorm1d(sizes[l + 1], dtype=torch.float64) if normed else None
        with torch.no_grad():
            dense.weight.copy_(torch.tensor(exact(rng.normal(size=dense.weight.shape) * 0.4)))
            (norm if normed else dense).bias.copy_(torch.tensor(exact(rng.normal(size=sizes[l + 1]) * 0.1)))
            if normed:
                norm.weight.copy_(torch.tensor(exact(1 + 0.2 * rng.normal(size=sizes[l + 1]))))
        layers.append((dense, norm))
    start = state(layers)

    weights = [dense.weight for dense, _ in layers]
    others = [p for pair in layers for m in pair if m is not None for p in m.parameters()]
    others = [p for p in others if not any(p is w for w in weights)]
    rate, decay = case["learningRate"], case["weightDecay"]
    if case["optimizer"] == "adam":
        groups = [{"params": weights, "weight_decay": decay}]
        if others:
            groups.append({"params": others, "weight_decay": 0})
        optimizer = torch.optim.AdamW(groups, lr=rate)
    else:
        optimizer = torch.optim.SGD(weights + others, lr=rate, momentum=case["momentum"])
    schedule = {
        "constant": lambda e: 1.0,
        "cosine": lambda e: 0.5 * (1 + np.cos(np.pi * e / EPOCHS)),
        "step": lambda e: case["decay"] ** (e // case["decayEvery"]),
        "exponential": lambda e: case["decay"] ** (e / case["decayEvery"]),
    }[case.get("schedule", "constant")]

    class_weights = np.asarray(case.get("classWeight", [1] * classes), dtype=np.float64)
    row_weights = class_weights[codes] / class_weights[codes].mean()
    XT, w = torch.tensor(X), torch.tensor(row_weights)
    y = torch.tensor(codes)
    batches = -(-ROWS // case["batchSize"])
    losses = []
    for epoch in range(EPOCHS):
        total = 0.0
        for group in optimizer.param_groups:
            group["lr"] = rate * schedule(epoch)
        for b in range(batches):
            part = slice(b * ROWS // batches, (b + 1) * ROWS // batches)
            values = XT[part]
            for l, (dense, norm) in enumerate(layers):
                values = dense(values)
                if norm is not None:
                    values = norm(values)
                if l < len(layers) - 1:
                    values = torch.relu(values)
            if outputs == 1:
                each = torch.nn.functional.binary_cross_entropy_with_logits(
                    values[:, 0], y[part].double(), reduction="none"
                )
            else:
                each = torch.nn.functional.cross_entropy(values, y[part], reduction="none")
            loss = (each * w[part]).mean()
            optimizer.zero_grad()
            loss.backward()
            if case["optimizer"] == "sgd" and decay > 0:
                with torch.no_grad():
                    for weight in weights:
                        weight.mul_(1 - rate * schedule(epoch) * decay)
            optimizer.step()
            total += loss.item() * len(values)
        losses.append(total / ROWS)
    options = {key: value for key, value in case.items() if key not in ("classes", "classWeight")}
    return {
        "options": {**options, "epochs": EPOCHS, "dropout": 0, "shuffle": False, "earlyStopping": False},
        "rows": ROWS,
        "dim": DIM,
        "X": numbers(X),
        "codes": codes.tolist(),
        "rowWeights": numbers(row_weights),
        "start": start,
        "losses": numbers(losses),
        "end": state(layers),
    }


FIXTURES.mkdir(exist_ok=True)
text = json.dumps([run(i, case) for i, case in enumerate(CASES)], separators=(",", ":"))
(FIXTURES / "mlp.json").write_text(text + "\n")
