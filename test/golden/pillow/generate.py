"""Writes resize.json and decode.json: digests of Pillow's results, to which ours must be equal byte for byte.

Run with Pillow 12.0.0 (Pillow 13 swaps the two passes for some tall shrinks):
    python generate.py
"""

import base64
import hashlib
import io
import json
import random
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageOps

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


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def write_decode() -> None:
    coarse = synthetic(12, 8).repeat(4, axis=0).repeat(4, axis=1)
    image = Image.fromarray(coarse)
    exif = Image.Exif()
    exif[0x0112] = 8
    files = {
        "jpeg 4:2:0": encoded(image, "JPEG", quality=85),
        "jpeg 4:4:4": encoded(image, "JPEG", quality=85, subsampling=0),
        "jpeg progressive": encoded(image, "JPEG", quality=70, progressive=True),
        "jpeg grey": encoded(image.convert("L"), "JPEG", quality=85),
        "jpeg cmyk": encoded(image.convert("CMYK"), "JPEG", quality=85),
        "jpeg turned": encoded(image, "JPEG", quality=85, exif=exif),
        "tiff cmyk": encoded(image.convert("CMYK"), "TIFF", compression="tiff_adobe_deflate"),
        "png one bit": encoded(image.convert("1"), "PNG"),
        "gif": encoded(image.convert("P"), "GIF"),
        "webp": encoded(image, "WEBP", quality=80),
    }
    cases = []
    for name, data in files.items():
        pixels = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
        digest = hashlib.sha256(pixels.tobytes()).hexdigest()
        cases.append({"name": name, "sha256": digest, "file": base64.b64encode(data).decode()})
    text = json.dumps({"pillow": PIL.__version__, "cases": cases}, indent=1)
    Path(__file__).with_name("decode.json").write_text(text + "\n")


def write_resize() -> None:
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
    assert PIL.__version__ == "12.0.0", PIL.__version__
    write_resize()
    write_decode()
