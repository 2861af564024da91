"""Networks of timm, described by the config.json that timm writes: architecture and pretrained_cfg, no processor."""

from importlib import import_module

import timm
import torch
from export import linear_input, randomise
from timm.models import mobilenetv3, vgg

CLASSES = 3


def _config(architecture: str, features: int, **pretrained) -> dict:
    settings = {
        "tag": "tiny",
        "custom_load": False,
        "input_size": [3, 32, 32],
        "fixed_input_size": False,
        "interpolation": "bicubic",
        "crop_pct": 0.875,
        "crop_mode": "center",
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
        "num_classes": CLASSES,
        "pool_size": [1, 1],
        "first_conv": "conv_stem",
        "classifier": "classifier",
    }
    return {
        "architecture": architecture,
        "num_classes": CLASSES,
        "num_features": features,
        "global_pool": "avg",
        "pretrained_cfg": {**settings, **pretrained},
    }


def _processor(config: dict):
    data = timm.data.resolve_data_config(config["pretrained_cfg"])
    return timm.data.create_transform(**data, is_training=False)


def _exports(model: torch.nn.Module, dynamo=False) -> dict:
    from families import Export

    def features(x):
        return (model.forward_head(model.forward_features(x), pre_logits=True),)

    def wrapped(x):
        states = model.forward_features(x)
        return [states, model.forward_head(states, pre_logits=True)]

    layer = model.get_classifier()
    return {
        "logits": Export(model, lambda x: [model(x)], ["logits"], lambda x: linear_input(model, layer, x), dynamo),
        "base": Export(model, wrapped, ["last_hidden_state", "pooler_output"], lambda x: features(x)[0].flatten(1), dynamo),
    }


def mobilenet_v3():
    arch = [["ds_r1_k3_s1_e1_c8_se0.25_nre"], ["ir_r1_k3_s2_e2_c8_nre"], ["ir_r1_k5_s2_e2_c12_se0.25"], ["cn_r1_k1_s1_c24"]]
    model = mobilenetv3.MobileNetV3(
        mobilenetv3.decode_arch_def(arch), num_classes=CLASSES, stem_size=8, num_features=40, fix_stem=True,
        act_layer=torch.nn.Hardswish,
    )
    config = _config("mobilenetv3_small_100", 24, interpolation="bicubic")
    return randomise(model, 21), config, _processor(config), _exports(model)


def mobilenet_v4():
    arch = [["cn_r1_k3_s2_e1_c8"], ["uir_r1_a3_k3_s2_e2_c8"], ["uir_r1_a0_k3_s1_e2_c12", "uir_r1_a3_k0_s1_e2_c12"], ["cn_r1_k1_s1_c24"]]
    model = mobilenetv3.MobileNetV3(
        mobilenetv3.decode_arch_def(arch), num_classes=CLASSES, stem_size=8, num_features=40, head_norm=True,
        act_layer=torch.nn.ReLU, fix_stem=True,
    )
    config = _config("mobilenetv4_conv_small", 24, crop_pct=0.95, crop_mode="squash", input_size=[3, 36, 36])
    return randomise(model, 22), config, _processor(config), _exports(model)


def vgg_like():
    model = vgg.VGG([4, "M", 4, "M", 6, "M"], num_classes=2, mlp_ratio=0.001)
    config = _config("vgg11", 6, interpolation="bilinear", input_size=[3, 56, 56])
    return randomise(model, 23), config, _processor(config), {"logits": _exports(model)["logits"]}


def inception_like():
    """timm's InceptionV3 with a thirty-second of its channels."""
    inception_v3 = import_module("timm.models.inception_v3")
    whole = inception_v3.ConvNormAct

    def narrow(count: int) -> int:
        return count if count == 3 else -(-count // 32)

    class Narrow(whole):
        def __init__(self, in_channels, out_channels, **options) -> None:
            super().__init__(narrow(in_channels), narrow(out_channels), **options)

    inception_v3.ConvNormAct = Narrow
    try:
        model = inception_v3.InceptionV3(num_classes=CLASSES)
    finally:
        inception_v3.ConvNormAct = whole
    model.num_features = model.head_hidden_size = 64
    model.fc = torch.nn.Linear(64, CLASSES)
    config = _config("inception_v3", 64, input_size=[3, 75, 75], crop_pct=0.875, mean=[0.5] * 3, std=[0.5] * 3)
    return randomise(model, 24), config, _processor(config), {"logits": _exports(model)["logits"]}


def resnet_border():
    """A small network whose pictures are padded to a square with the mean colour."""
    model = timm.models.resnet.ResNet(timm.models.resnet.BasicBlock, [1, 1, 1, 1], num_classes=CLASSES, channels=(4, 4, 6, 8), stem_width=4)
    config = _config("resnet18", 8, crop_mode="border", crop_pct=0.9, interpolation="lanczos")
    return randomise(model, 25), config, _processor(config), _exports(model)


TIMM = {
    "mobilenet-v3": mobilenet_v3,
    "mobilenet-v4": mobilenet_v4,
    "vgg": vgg_like,
    "inception": inception_like,
    "timm-resnet": resnet_border,
}
