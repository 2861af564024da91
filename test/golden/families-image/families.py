"""
Tiny random checkpoints of the families of image encoders, in the files that a folder on the Hub has, with the
pixels and vectors that transformers and timm compute for them: one picture at a time, resized by Pillow.

    pip install torch transformers timm onnx onnxscript torchvision 'pillow<13'
    python families.py            # or: python families.py vit swin

Pillow 13 resizes the columns of tall pictures first, which moves a level here and there; use 12. Vectors are
stored in half precision. Tolerances of the test: 1e-6 for a pixel, 0.99999 for the cosine of a vector.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Callable, NamedTuple

import numpy as np
import torch
import transformers as hf
from export import calibrate, linear_input, onnx_gz, packed, packed_pixels, randomise
from images import as_rgb, pictures
from timm_families import TIMM

HERE = Path(__file__).parent / "fixtures"
CLASSES = 3


class Export(NamedTuple):
    """What one kind of export gives: `run` its outputs by name, `feature` what the model's users take from it."""

    owner: torch.nn.Module
    run: Callable
    outputs: list[str]
    feature: Callable
    dynamo: bool = False


def base(model, feature: Callable, outputs=("last_hidden_state", "pooler_output"), dynamo=False) -> Export:
    def run(x):
        result = model(pixel_values=x)
        return [result[name] for name in outputs]

    return Export(model, run, list(outputs), lambda x: feature(model(pixel_values=x)), dynamo)


def logits(model, layer, dynamo=False) -> Export:
    return Export(model, lambda x: [model(pixel_values=x).logits], ["logits"], lambda x: linear_input(model, layer, x), dynamo)


pooled = lambda result: result.pooler_output.flatten(1)
first = lambda result: result.last_hidden_state[:, 0]
IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}


def resnet(layer_type="basic", sizes=(6, 6, 8, 10), dynamo=False):
    config = hf.ResNetConfig(embedding_size=6, hidden_sizes=list(sizes), depths=[1, 1, 1, 1], layer_type=layer_type, num_labels=CLASSES)
    model = randomise(hf.ResNetForImageClassification(config), 1)
    processor = hf.ConvNextImageProcessorPil(size={"shortest_edge": 36}, crop_pct=0.875, resample=3, **IMAGENET)
    exports = {"base": base(model.resnet, pooled), "logits": logits(model, model.classifier[1], dynamo)}
    if not dynamo:
        exports["channels-last"] = Export(
            torch.nn.Identity(), lambda x: [model(pixel_values=x.permute(0, 3, 1, 2)).logits], ["logits"], exports["logits"].feature
        )
        exports["map"] = base(model.resnet, lambda r: r.last_hidden_state.mean((2, 3)), ("last_hidden_state",))
    return model, config, processor, exports


def regnet():
    config = hf.RegNetConfig(embedding_size=8, hidden_sizes=[8, 8, 16, 24], depths=[1, 1, 1, 1], groups_width=4, num_labels=CLASSES)
    model = randomise(hf.RegNetForImageClassification(config), 2)
    processor = hf.ConvNextImageProcessorPil(size={"shortest_edge": 36}, crop_pct=0.875, resample=2, **IMAGENET)
    return model, config, processor, {"base": base(model.regnet, pooled), "logits": logits(model, model.classifier[1])}


def convnext():
    config = hf.ConvNextConfig(hidden_sizes=[8, 12, 16, 24], depths=[1, 1, 1, 1], image_size=32, num_labels=CLASSES)
    model = randomise(hf.ConvNextForImageClassification(config), 3)
    processor = hf.ConvNextImageProcessorPil(size={"shortest_edge": 32}, crop_pct=0.95, resample=3, **IMAGENET)
    return model, config, processor, {"base": base(model.convnext, pooled), "logits": logits(model, model.classifier)}


def swin():
    config = hf.SwinConfig(image_size=32, patch_size=2, embed_dim=8, depths=[2, 1], num_heads=[1, 2], window_size=4, num_labels=CLASSES)
    model = randomise(hf.SwinForImageClassification(config), 4)
    processor = hf.ViTImageProcessorPil(size={"height": 32, "width": 32}, resample=3, **IMAGENET)
    exports = {
        "base": base(model.swin, pooled),
        "states": base(model.swin, lambda r: r.last_hidden_state.mean(1), ("last_hidden_state",)),
        "logits": logits(model, model.classifier),
    }
    return model, config, processor, exports


SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24, "image_size": 32, "patch_size": 8}


def vit():
    config = hf.ViTConfig(**SMALL, num_labels=CLASSES)
    model = randomise(hf.ViTForImageClassification(config), 5)
    whole = randomise(hf.ViTModel(config), 5)
    processor = hf.ViTImageProcessorPil(size={"height": 32, "width": 32}, resample=2)
    exports = {
        "base": base(model.vit, first, ("last_hidden_state",)),
        "with-pooler": base(whole, first),
        "logits": logits(model, model.classifier),
        "dynamo": logits(model, model.classifier, dynamo=True),
    }
    return model, config, processor, exports


def deit():
    config = hf.DeiTConfig(**SMALL, num_labels=CLASSES)
    model = randomise(hf.DeiTForImageClassification(config), 6)
    teacher = randomise(hf.DeiTForImageClassificationWithTeacher(config), 6)
    processor = hf.DeiTImageProcessorPil(size={"height": 37, "width": 37}, crop_size={"height": 32, "width": 32}, **IMAGENET)

    def both(x):
        result = teacher(pixel_values=x)
        return [result.logits, result.cls_logits, result.distillation_logits]

    exports = {
        "base": base(model.deit, first, ("last_hidden_state",)),
        "logits": logits(model, model.classifier),
        "teacher": Export(teacher, both, ["logits", "cls_logits", "distillation_logits"], lambda x: first(teacher.deit(pixel_values=x))),
    }
    return model, config, processor, exports


def beit():
    config = hf.BeitConfig(**SMALL, num_labels=CLASSES, use_mean_pooling=True, use_relative_position_bias=True, use_absolute_position_embeddings=False)
    model = randomise(hf.BeitForImageClassification(config), 7)
    processor = hf.BeitImageProcessorPil(size={"height": 32, "width": 32}, do_center_crop=False, resample=2)
    exports = {
        "base": base(model.beit, pooled),
        "states": base(model.beit, lambda r: r.last_hidden_state[:, 1:].mean(1), ("last_hidden_state",)),
        "logits": logits(model, model.classifier),
    }
    return model, config, processor, exports


def dinov2():
    config = hf.Dinov2Config(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, mlp_ratio=2, image_size=42, patch_size=14, num_labels=CLASSES)
    model = randomise(hf.Dinov2ForImageClassification(config), 8)
    processor = hf.BitImageProcessorPil(size={"shortest_edge": 48}, crop_size={"height": 42, "width": 42}, resample=3, **IMAGENET)
    exports = {
        "base": base(model.dinov2, first),
        "logits": logits(model, model.classifier),
        "states": base(model.dinov2, first, ("last_hidden_state",)),
    }
    return model, config, processor, exports


VISION = {**SMALL, "num_channels": 3}


def clip():
    config = hf.CLIPVisionConfig(**VISION, projection_dim=12)
    model = randomise(hf.CLIPVisionModelWithProjection(config), 9)
    text = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24, "vocab_size": 30, "max_position_embeddings": 8}
    both = hf.CLIPConfig(text_config=text, vision_config=config.to_dict(), projection_dim=12)
    processor = hf.CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    bare = randomise(hf.CLIPVisionModel(config), 9)
    exports = {
        "projected": base(model, lambda r: r.image_embeds, ("image_embeds", "last_hidden_state")),
        "only-embeds": base(model, lambda r: r.image_embeds, ("image_embeds",)),
        "bare": base(bare, pooled),
    }
    return model, both, processor, exports


def siglip():
    config = hf.SiglipVisionConfig(**VISION)
    model = randomise(hf.SiglipVisionModel(config), 10)
    both = hf.SiglipConfig(vision_config=config.to_dict())
    processor = hf.SiglipImageProcessorPil(size={"height": 32, "width": 32}, resample=3)
    return model, both, processor, {"base": base(model, pooled)}


def mobilenet_v1():
    config = hf.MobileNetV1Config(depth_multiplier=0.04, min_depth=4, num_labels=CLASSES)
    model = randomise(hf.MobileNetV1ForImageClassification(config), 11)
    processor = hf.MobileNetV1ImageProcessorPil(size={"shortest_edge": 36}, crop_size={"height": 32, "width": 32})
    return model, config, processor, {"base": base(model.mobilenet_v1, pooled), "logits": logits(model, model.classifier)}


def mobilenet_v2():
    config = hf.MobileNetV2Config(depth_multiplier=0.06, min_depth=4, depth_divisible_by=4, expand_ratio=2, finegrained_output=False, num_labels=CLASSES)
    model = randomise(hf.MobileNetV2ForImageClassification(config), 12)
    processor = hf.MobileNetV2ImageProcessorPil(size={"shortest_edge": 36}, crop_size={"height": 32, "width": 32}, resample=2)
    exports = {"base": base(model.mobilenet_v2, pooled), "logits": logits(model, model.classifier)}
    return model, config, processor, exports


def efficientnet():
    config = hf.EfficientNetConfig(
        image_size=36, width_coefficient=0.1, depth_coefficient=0.3, depth_divisor=4, hidden_dim=128, out_channels=[16, 24, 40, 80, 80, 100, 100],
        in_channels=[32, 16, 24, 40, 80, 80, 100], expand_ratios=[1, 2, 2, 2, 2, 2, 2], num_labels=CLASSES,
    )
    model = randomise(hf.EfficientNetForImageClassification(config), 13)
    processor = hf.EfficientNetImageProcessorPil(size={"height": 36, "width": 36}, crop_size={"height": 31, "width": 31}, resample=0, **IMAGENET)
    return model, config, processor, {"base": base(model.efficientnet, pooled), "logits": logits(model, model.classifier)}


FAMILIES = {
    "resnet": resnet,
    "resnet-bottleneck": lambda: resnet("bottleneck", (16, 16, 24, 32), dynamo=True),
    "regnet": regnet,
    "convnext": convnext,
    "swin": swin,
    "vit": vit,
    "deit": deit,
    "beit": beit,
    "dinov2": dinov2,
    "clip": clip,
    "siglip": siglip,
    "mobilenet-v1": mobilenet_v1,
    "mobilenet-v2": mobilenet_v2,
    "efficientnet": efficientnet,
    **TIMM,
}


def write(name: str) -> None:
    model, config, processor, exports = FAMILIES[name]()
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if isinstance(config, dict):
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    else:
        config.architectures = [type(model).__name__]
        config.save_pretrained(folder)
        processor.save_pretrained(folder)
    batches = {key: prepare(processor, as_rgb(picture)) for key, picture in pictures().items()}
    shown = next(iter(batches.values()))
    variants = {}
    with torch.no_grad():
        calibrate(model, torch.cat(list(batches.values())))
        for file, members in files(exports).items():
            sample = shown.permute(0, 2, 3, 1) if file == "channels-last" else shown
            made = {}
            for key in members:
                made |= dict.fromkeys(exports[key].outputs)

            def run(x):
                done = set()
                for key in members:
                    if set(exports[key].outputs) <= done:
                        continue
                    done.update(exports[key].outputs)
                    made.update(zip(exports[key].outputs, exports[key].run(x)))
                return tuple(made.values())

            graph = onnx_gz(model, run, list(made), sample, exports[file].dynamo)
            (folder / f"{file}.onnx.gz").write_bytes(graph)
            print(f"{name:18} {file}.onnx.gz: {len(graph)} bytes, {', '.join(made)}", flush=True)
            for key in members:
                rows = np.concatenate([exports[key].feature(batch).numpy() for batch in batches.values()])
                if rows.shape[1] > 1000:
                    rows = rows[:2]
                variants[key] = {"file": file, "outputs": exports[key].outputs, "dim": rows.shape[1], "vectors": packed(rows.astype("<f2"))}
                unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
                apart = (unit @ unit.T)[np.triu_indices(len(rows), 1)]
                print(f"    {key:14} dim {rows.shape[1]:5}; cosines between pictures {apart.min():.3f} to {apart.max():.4f}", flush=True)
    pixels = np.concatenate([batch.numpy() for batch in batches.values()])
    (folder / "pixels.bin").write_bytes(packed_pixels(pixels))
    expected = {"pictures": list(batches), "size": list(pixels.shape[2:]), "exports": variants}
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


def files(exports: dict[str, Export]) -> dict[str, list[str]]:
    """The exports that share a file: one exporter, and no two tensors of one name. A test cuts them apart."""
    shared: dict[str, list[str]] = {}
    for key, export in exports.items():
        for members in shared.values():
            rest = [exports[member] for member in members]
            clash = any(other.owner is not export.owner and set(other.outputs) & set(export.outputs) for other in rest)
            if not clash and rest[0].dynamo == export.dynamo:
                members.append(key)
                break
        else:
            shared[key] = [key]
    return shared


def prepare(processor, picture) -> torch.Tensor:
    if callable(getattr(processor, "preprocess", None)):
        return torch.as_tensor(processor(picture, return_tensors="pt")["pixel_values"]).float()
    return processor(picture)[None]


if __name__ == "__main__":
    import PIL

    if int(PIL.__version__.split(".")[0]) > 12:
        sys.exit("Use Pillow 12: pip install 'pillow<13'")
    (HERE / "pictures").mkdir(parents=True, exist_ok=True)
    for key, picture in pictures().items():
        picture.save(HERE / "pictures" / f"{key}.png", optimize=True)
    failed = []
    for name in sys.argv[1:] or FAMILIES:
        try:
            write(name)
        except Exception as error:
            failed.append(f"{name}: {type(error).__name__}: {str(error)[:300]}")
    sys.exit("\n".join(failed) or None)
