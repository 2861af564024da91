"""
The forms that a preprocessor_config.json takes, and the pixels that transformers' own processors (those that resize
by Pillow) make of two pictures with each; timm's for a pretrained_cfg.

    python forms.py        # in the environment of families.py

Written to fixtures/forms.json: the configuration as a folder would have it, and the pixels, packed.
"""

import json
from base64 import b64encode
from pathlib import Path

import numpy as np
import timm
import transformers as hf
from export import packed_pixels
from images import as_rgb, pictures
from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

PICTURES = ["tall", "small"]


def form(name: str, kind: type, config: dict, said: dict | None = None) -> tuple[str, dict, callable]:
    """`said` is what the file says; the processor is made from `config`."""
    written = {"image_processor_type": kind.__name__.removesuffix("Pil"), **(config if said is None else said)}
    processor = kind(**config)
    return name, written, lambda picture: np.asarray(processor(picture, return_tensors="np")["pixel_values"][0])


def timm_form(name: str, **config) -> tuple[str, dict, callable]:
    config = {"input_size": [3, 24, 24], "interpolation": "bicubic", "mean": [0.5, 0.4, 0.3], "std": [0.2, 0.25, 0.3], **config}
    transform = timm.data.create_transform(**timm.data.resolve_data_config(pretrained_cfg=config), is_training=False)
    return name, config, lambda picture: transform(picture).numpy()


SIZE = {"height": 12, "width": 15}
CROP = {"height": 22, "width": 18}
ViT, CLIP, ConvNext = hf.ViTImageProcessorPil, hf.CLIPImageProcessorPil, hf.ConvNextImageProcessorPil
EfficientNet, Detr, MobileViT = hf.EfficientNetImageProcessorPil, hf.DetrImageProcessorPil, hf.MobileViTImageProcessorPil

FORMS = [
    form("height and width", ViT, {"size": SIZE, "resample": 2}),
    form("a number for both edges", ViT, {"size": {"height": 13, "width": 13}}, {"size": 13, "feature_extractor_type": "ViTFeatureExtractor", "image_processor_type": None}),
    form("a number for the shortest edge", CLIP, {"size": {"shortest_edge": 21}, "crop_size": {"height": 18, "width": 18}}, {"size": 21, "crop_size": 18}),
    form("a list of height and width", ViT, {"size": SIZE}, {"size": [12, 15]}),
    form("shortest edge, crop smaller and larger than the image", CLIP, {"size": {"shortest_edge": 20}, "crop_size": {"height": 29, "width": 15}}),
    form("a crop larger than images that keep their size", CLIP, {"do_resize": False, "crop_size": {"height": 92, "width": 40}}),
    form("longest edge, padded", SamImageProcessorPil, {"size": {"longest_edge": 27}, "pad_size": {"height": 27, "width": 27}, "mask_size": {"longest_edge": 8}, "mask_pad_size": {"height": 8, "width": 8}}, {"size": {"longest_edge": 27}, "pad_size": {"height": 27, "width": 27}, "do_pad": True}),
    form("shortest and longest edge, padded", Detr, {"size": {"shortest_edge": 24, "longest_edge": 31}, "pad_size": {"height": 33, "width": 32}}),
    form("shortest and longest edge, never reached", Detr, {"size": {"shortest_edge": 17, "longest_edge": 90}, "pad_size": {"height": 33, "width": 32}}),
    form("largest height and width, padded", Detr, {"size": {"max_height": 25, "max_width": 30}, "pad_size": {"height": 25, "width": 30}}),
    *[form(f"resample {number}", ViT, {"size": SIZE, "resample": number}) for number in range(6)],
    form("crop_pct", ConvNext, {"size": {"shortest_edge": 20}, "crop_pct": 0.9, "resample": 3}),
    form("crop_pct by default", ConvNext, {"size": {"shortest_edge": 20}, "resample": 3}),
    form("neither rescaled nor normalised", ViT, {"size": SIZE, "do_normalize": False, "do_rescale": False}),
    form("rescaled only", ViT, {"size": SIZE, "do_normalize": False}),
    form("normalised only", ViT, {"size": SIZE, "do_rescale": False, "image_mean": [120, 110, 100], "image_std": [60, 61, 62]}),
    form("another rescale_factor", ViT, {"size": SIZE, "rescale_factor": 0.007, "do_normalize": False}),
    form("rescale_factor with offset", EfficientNet, {"size": SIZE, "resample": 2, "rescale_factor": 1 / 127.5, "rescale_offset": True, "do_normalize": False, "include_top": False}),
    form("divided twice", EfficientNet, {"size": SIZE, "resample": 2, "image_mean": [0.4, 0.5, 0.6], "image_std": [0.2, 0.3, 0.4]}),
    form("divided, not normalised", EfficientNet, {"size": SIZE, "resample": 2, "do_normalize": False, "image_std": [0.2, 0.3, 0.4]}),
    form("one mean and deviation for all colours", ViT, {"size": SIZE, "image_mean": [0.4] * 3, "image_std": [0.3] * 3}, {"size": SIZE, "image_mean": 0.4, "image_std": 0.3}),
    form("mean and deviation by default", CLIP, {"size": {"shortest_edge": 20}, "crop_size": {"height": 20, "width": 20}}),
    form("blue first", MobileViT, {"size": {"shortest_edge": 24}, "crop_size": {"height": 22, "width": 25}, "resample": 3}),
    form("blue first, switched off", MobileViT, {"size": {"shortest_edge": 24}, "crop_size": {"height": 22, "width": 25}, "resample": 3, "do_flip_channel_order": False}),
    form("inside a processor_config.json", CLIP, {"size": {"shortest_edge": 20}, "crop_size": CROP}),
    timm_form("timm: centre", crop_pct=0.8),
    timm_form("timm: centre, default crop_pct", input_size=[3, 23, 23]),
    timm_form("timm: centre, not square", input_size=[3, 30, 21], crop_pct=0.9),
    timm_form("timm: squashed", crop_mode="squash", crop_pct=0.87),
    timm_form("timm: bordered", crop_mode="border", crop_pct=0.95, interpolation="lanczos"),
]
WRAPPED = {"inside a processor_config.json": lambda config: {"processor_class": "CLIPProcessor", "image_processor": config}}


def main() -> None:
    forms = []
    for name, config, run in FORMS:
        pixels = [run(as_rgb(pictures()[picture])).astype("<f4") for picture in PICTURES]
        config = {key: value for key, value in config.items() if value is not None}
        forms.append({
            "name": name,
            "config": WRAPPED.get(name, lambda same: same)(config),
            "pictures": PICTURES,
            "size": list(pixels[0].shape[1:]),
            "pixels": b64encode(packed_pixels(np.stack(pixels))).decode(),
        })
    text = ",\n".join(json.dumps(one) for one in forms)
    (Path(__file__).parent / "fixtures" / "forms.json").write_text(f"[\n{text}\n]\n")


if __name__ == "__main__":
    main()
