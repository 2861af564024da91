"""
EfficientNet-Lite0 in PyTorch on photographs and on strange files: Pillow opens, resizes and crops, timm's network runs
with the weights that an ONNX export holds, one picture at a time.

    python lite0.py <folder of the checkpoint> <folder of photographs> <folder for the result>

Needs torch, timm, onnx and Pillow; the test runs it. Of the photographs the first 100 of every so many are taken; the
strange pictures are made here. Writes vectors.json: { "pillow", "pictures": [path], "dim", "vectors": [base64 of float32] }.
The export has its batch normalisations inside its convolutions, so timm's are set to add the convolutions' biases only.
"""

import json
import sys
from base64 import b64encode
from io import BytesIO
from pathlib import Path

import numpy as np
import onnx
import PIL
import timm
import torch
from images import as_rgb, pictures
from onnx import numpy_helper
from PIL import Image, ImageCms, ImageOps


def network(path: Path) -> torch.nn.Module:
    graph = onnx.load(path).graph
    weights = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in graph.initializer}
    convolutions = [[weights[name] for name in node.input[1:]] for node in graph.node if node.op_type == "Conv"]
    model = timm.create_model("tf_efficientnet_lite0").eval().requires_grad_(False)
    layers = [layer for layer in model.modules() if isinstance(layer, torch.nn.Conv2d)]
    norms = [layer for layer in model.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
    assert len(layers) == len(norms) == len(convolutions)
    for layer, norm, (weight, bias) in zip(layers, norms, convolutions):
        assert layer.weight.shape == weight.shape
        layer.weight.copy_(weight)
        norm.weight.fill_(1)
        norm.bias.copy_(bias)
        norm.running_mean.fill_(0)
        norm.running_var.fill_(1 - norm.eps)
    model.classifier.weight.copy_(weights["_fc.weight"])
    model.classifier.bias.copy_(weights["_fc.bias"])
    return model


def opened(path: Path) -> Image.Image:
    """Upright, in sRGB, transparency over white."""
    image = ImageOps.exif_transpose(Image.open(path))
    profile = image.info.get("icc_profile")
    if profile and image.mode == "RGB":
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "sRGB" not in ImageCms.getProfileDescription(source):
            image = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
    return as_rgb(image)


def pixels(image: Image.Image, config: dict) -> torch.Tensor:
    """As preprocessor_config.json says, written down from the definition of its keys."""
    short, long = sorted(image.size)
    edge = config["size"]["shortest_edge"]
    other = int(edge * long / short)
    size = (edge, other) if image.width <= image.height else (other, edge)
    image = image.resize(size, config["resample"])
    height, width = config["crop_size"]["height"], config["crop_size"]["width"]
    left, top = (image.width - width) // 2, (image.height - height) // 2
    image = image.crop((left, top, left + width, top + height))
    values = np.asarray(image).astype(np.float64) * config["rescale_factor"]
    mean, std = (np.array(config[key], dtype=np.float32) for key in ("image_mean", "image_std"))
    return torch.from_numpy(((values.astype(np.float32) - mean) / std).transpose(2, 0, 1).copy())[None]


def strange(folder: Path, photograph: Image.Image) -> list[Path]:
    """Files that are no plain JPEG of a usual size."""
    small = photograph.convert("RGB").resize((310, 233))
    made = {f"{name}.png": (picture, {}) for name, picture in pictures().items()}
    turned = Image.Exif()
    turned[0x0112] = 6
    noise = np.random.default_rng(0).integers(0, 256, (301, 299, 3)).astype(np.uint8)
    made |= {
        "noise.png": (Image.fromarray(noise), {}),
        "black.png": (Image.new("RGB", (300, 200)), {}),
        "one-pixel.png": (Image.new("RGB", (1, 1), (200, 30, 90)), {}),
        "column.png": (small.resize((3, 700)), {}),
        "cmyk.jpg": (small.convert("CMYK"), {"quality": 90}),
        "grey.jpg": (small.convert("L"), {"quality": 90}),
        "progressive.jpg": (small, {"quality": 70, "progressive": True}),
        "turned.jpg": (small, {"quality": 90, "exif": turned}),
        "bilevel.png": (small.convert("1"), {}),
        "grey-alpha.png": (Image.merge("LA", [small.convert("L"), small.getchannel("G")]), {}),
        "picture.webp": (small, {"lossless": True}),
        "picture.gif": (small.quantize(64), {}),
        "picture.tif": (small, {}),
        "picture.bmp": (small, {}),
    }
    for name, (picture, options) in made.items():
        picture.save(folder / name, **options)
    return [folder / name for name in made]


def main() -> None:
    checkpoint, photographs, target = (Path(argument).resolve() for argument in sys.argv[1:])
    config = json.loads((checkpoint / "preprocessor_config.json").read_text())
    model = network(checkpoint / "onnx" / "model.onnx")
    torch.set_num_threads(1)
    photos = sorted(path for path in photographs.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    paths = photos[:: max(1, len(photos) // 100)][:100]
    paths += strange(target, Image.open(photos[0]))
    vectors = []
    with torch.no_grad():
        for path in paths:
            states = model.forward_features(pixels(opened(path), config))
            vector = model.forward_head(states, pre_logits=True)[0].numpy().astype("<f4")
            vectors.append(b64encode(vector.tobytes()).decode())
    result = {"pillow": PIL.__version__, "pictures": [str(path) for path in paths], "dim": len(vector), "vectors": vectors}
    (target / "vectors.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main()
