"""A linear layer in whole numbers, worked out with NumPy alone, and run with onnxruntime's integer product.

    python test/golden/quantize/generate.py > test/golden/quantize/linear.json

Tokens are rounded on the scale of their own largest value, weights on the scale of their column's, half to even. The
values are chosen so that no quotient lies near a half: the way of rounding ties does not matter.
"""

import json

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

rng = np.random.default_rng(7)
x = rng.normal(size=(2, 3, 6)).astype(np.float32)
x[0, 1] *= 40
x[1, 2] = 0
W = rng.normal(size=(6, 4)).astype(np.float32)
W[:, 2] = 0
bias = rng.normal(size=4).astype(np.float32)
factors = np.array([0.5, 2, 1, 3, 0.25, 1.5], np.float32)


def integer_product(codes, weights):
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["a", "b", "middle"], ["y"])],
        "product",
        [helper.make_tensor_value_info("a", TensorProto.UINT8, None)],
        [helper.make_tensor_value_info("y", TensorProto.INT32, None)],
        [numpy_helper.from_array(weights, "b"), numpy_helper.from_array(np.uint8(128), "middle")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"a": codes})[0]


def linear(limit, f):
    scaled = W.astype(np.float64) * f[:, None]
    scales = np.abs(scaled).max(0) / limit
    scales[scales == 0] = 1
    weights = np.round(scaled / scales).astype(np.int8)
    tokens = x.astype(np.float64) / f
    peak = np.maximum(np.abs(tokens).max(-1, keepdims=True), 1e-30)
    codes = (np.round(tokens * 127 / peak) + 128).astype(np.uint8)
    y = integer_product(codes, weights) * (peak / 127) * scales + bias
    return {"limit": limit, "factors": f.tolist(), "codes": weights.ravel().tolist(), "scales": scales.tolist(), "y": y.ravel().tolist()}


ones = np.ones(6, np.float32)
print(
    json.dumps(
        {
            "x": x.ravel().tolist(),
            "W": W.ravel().tolist(),
            "bias": bias.tolist(),
            "cases": [linear(127, ones), linear(63, ones), linear(63, factors)],
        }
    )
)
