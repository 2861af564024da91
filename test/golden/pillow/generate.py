"""Writes resize.json: digests of Pillow's own results, to which ours must be equal byte for byte.

Run with Pillow 12.0.0 (Pillow 13 swaps the two passes for some tall shrinks):
    python generate.py
"""

import hashlib
import json
import random
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

FILTERS = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"]
SIZES = [
    ((50, 37), (34, 25)),
    ((37, 50), (80, 111)),
    ((64, 48), (64, 20)),
    ((64, 48), (30, 48)),
    ((64, 48), (64, 48)),
    ((201, 133), (7, 5)),
    ((5, 3), (40, 41)),
    ((1, 1), (9, 4)),
    ((300, 2), (33, 8)),
    ((500, 375), (341, 256)),
]


def synthetic(width: int, height: int) -> np.ndarray:
    """Noise on the left, a ramp in the middle, hard edges on the right; test/golden/pillow/synthetic.ts makes the same."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    noise = ((x * 7919 + y * 104729 + c * 1299709) * 2654435761 % 4294967296) >> 24
    ramp = (x * 5 + y * 3 + c * 40) % 256
    edges = np.where(((x // 3) + (y // 2) + c) % 2 == 0, 255, 0)
    third = (x * 3) // width
    return np.choose(third, [noise, ramp, edges]).astype(np.uint8)


def main() -> None:
    assert PIL.__version__ == "12.0.0", PIL.__version__
    rng = random.Random(12)
    sizes = list(SIZES)
    for _ in range(40):
        sizes.append(tuple((rng.randint(1, 120), rng.randint(1, 120)) for _ in range(2)))
    cases = []
    for (width, height), (to_width, to_height) in sizes:
        image = Image.fromarray(synthetic(width, height))
        for number, name in enumerate(FILTERS):
            resized = image.resize((to_width, to_height), resample=number).tobytes()
            digest = hashlib.sha256(resized).hexdigest()[:16]
            cases.append(f"{name} {width}x{height} {to_width}x{to_height} {digest}")
    text = json.dumps({"pillow": PIL.__version__, "cases": cases}, indent=1)
    Path(__file__).with_name("resize.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
