"""Weights that tell pictures apart, ONNX exports as the Hub has them, and vectors, one picture at a time."""

import gzip
import io
import zlib
from base64 import b64encode
from typing import Callable

import numpy as np
import torch


def randomise(model: torch.nn.Module, seed: int) -> torch.nn.Module:
    """Deterministic weights of a useful size, in bfloat16's precision so that files stay small."""
    generator = torch.Generator().manual_seed(seed)

    def normal(tensor: torch.Tensor, scale: float, about: float = 0.0) -> None:
        values = torch.randn(tensor.shape, generator=generator) * scale + about
        tensor.data.copy_(values.bfloat16().float())

    for name, parameter in model.named_parameters():
        if parameter.ndim > 1:
            fan_in = parameter[0].numel() if parameter.shape[0] > 1 else parameter.shape[-1]
            normal(parameter, 1.3 / fan_in**0.5)
        elif name.endswith("bias"):
            normal(parameter, 0.2)
        else:
            normal(parameter, 0.2, 1.0)
    for name, buffer in model.named_buffers():
        if name.endswith("running_mean"):
            normal(buffer, 0.2)
        elif name.endswith("running_var"):
            normal(buffer, 0.1, 1.0)
            buffer.data.abs_()
    return model.eval().requires_grad_(False)


class Named(torch.nn.Module):
    """A model whose outputs are a tuple, in the order of their names."""

    def __init__(self, run: Callable[[torch.Tensor], tuple[torch.Tensor, ...]], model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model
        self.run = run

    def forward(self, pixel_values: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return self.run(pixel_values)


def onnx_gz(
    model: torch.nn.Module,
    run: Callable,
    outputs: list[str],
    sample: torch.Tensor,
    dynamo: bool,
) -> bytes:
    """The export, compressed without a date."""
    whole = Named(run, model).eval()
    options: dict = {"input_names": ["pixel_values"], "output_names": outputs, "dynamo": dynamo}
    if dynamo:
        options |= {"dynamic_shapes": ({0: torch.export.Dim("batch_size")},), "opset_version": 18}
        buffer = io.BytesIO()
        program = torch.onnx.export(whole, (torch.cat([sample, sample]),), **options)
        buffer.write(program.model_proto.SerializeToString())
    else:
        axes = {name: {0: "batch_size"} for name in ["pixel_values", *outputs]}
        buffer = io.BytesIO()
        torch.onnx.export(
            whole, (sample,), buffer, dynamic_axes=axes, opset_version=17, **options
        )
    return gzip.compress(buffer.getvalue(), 9, mtime=0)


def linear_input(model: torch.nn.Module, layer: torch.nn.Module, x: torch.Tensor) -> torch.Tensor:
    """What `layer` reads while the model runs."""
    seen: list[torch.Tensor] = []
    handle = layer.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    model(x)
    handle.remove()
    return seen[0].flatten(1)


def calibrate(model: torch.nn.Module, pixels: torch.Tensor) -> None:
    """Batch normalisation from the pictures themselves, so that what differs between them survives every layer."""
    norms = [layer for layer in model.modules() if isinstance(layer, torch.nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    if norms:
        model(pixels)
    for norm in norms:
        norm.eval()
        for buffer in (norm.running_mean, norm.running_var):
            buffer.data.copy_(buffer.bfloat16().float())


def packed(values: np.ndarray) -> str:
    """The bytes in base64 of zlib."""
    return b64encode(zlib.compress(np.ascontiguousarray(values).tobytes(), 9)).decode()


def packed_pixels(values: np.ndarray) -> bytes:
    """
    Pixels take few values: how many there are, those values as float32, and the place in them of each pixel as two
    planes of bytes, the lower first; all of it in zlib.
    """
    table, places = np.unique(values.astype("<f4"), return_inverse=True)
    bytes_ = places.astype("<u2").reshape(-1, 1).view("u1").T
    return zlib.compress(np.uint32(len(table)).tobytes() + table.tobytes() + bytes_.tobytes(), 9)
