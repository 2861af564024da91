"""Seven small synthetic pictures: odd sizes, both orientations, smaller than a crop, grey, palette, alpha, thin."""

import numpy as np
from PIL import Image


def _colours(width: int, height: int, seed: int) -> np.ndarray:
    """Gradients under a few hard-edged blocks: smooth enough to compress, sharp enough to tell filters apart."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for _ in range(3):
        a, b, c = rng.uniform(-1, 1, 3)
        planes.append(127 + 100 * np.sin(a * x / 7 + b * y / 7 + 6 * c))
    colours = np.stack(planes, axis=-1)
    for _ in range(6):
        top, left = int(rng.integers(0, height)), int(rng.integers(0, width))
        colours[top : top + height // 4 + 1, left : left + width // 4 + 1] = rng.integers(0, 256, 3)
    return np.clip(np.round(colours), 0, 255).astype(np.uint8)


def pictures() -> dict[str, Image.Image]:
    """By name, in the modes that files come in."""
    alpha = np.dstack([_colours(45, 30, 6), np.linspace(0, 255, 45 * 30).reshape(30, 45).astype(np.uint8)])
    return {
        "wide": Image.fromarray(_colours(87, 61, 1)),
        "tall": Image.fromarray(_colours(53, 90, 2)),
        "small": Image.fromarray(_colours(17, 23, 3)),
        "grey": Image.fromarray(_colours(48, 41, 4)[:, :, 0]),
        "palette": Image.fromarray(_colours(40, 52, 5)).quantize(32, dither=Image.Dither.NONE),
        "alpha": Image.fromarray(alpha),
        "thin": Image.fromarray(_colours(50, 1, 7)),
    }


def as_rgb(image: Image.Image) -> Image.Image:
    """Transparency over white, the rest as Pillow converts."""
    if "A" not in image.getbands():
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
