"""What sentence-transformers makes of texts with a real checkpoint, of which there is only an ONNX export.

Run by test/backbones/text-real-weights.test.ts: python real_weights.py <checkpoint folder> < texts.json > vectors.json
The weights are taken from the export by the names of its nodes; everything else (tokenizer, network, pooling,
normalisation) is Python's own. Texts are encoded one at a time.
"""
import json
import pathlib
import shutil
import sys
import tempfile

import onnx
import torch
from onnx import numpy_helper
from sentence_transformers import SentenceTransformer
from transformers import AutoConfig, AutoModel


def state_of(model):
    """PyTorch's names: those of the export, and for a product that the exporter turned round the name of its node."""
    weights = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in model.graph.initializer}
    state = {name: value for name, value in weights.items() if not name.startswith("onnx::")}
    for node in model.graph.node:
        if node.op_type == "MatMul" and node.input[1].startswith("onnx::"):
            module = node.name.strip("/").removesuffix("/MatMul").replace("/", ".")
            state[f"{module}.weight"] = weights[node.input[1]].T.contiguous()
    return state


def main(folder):
    export = onnx.load(str(folder / "onnx" / "model.onnx"))
    network = AutoModel.from_config(AutoConfig.from_pretrained(folder))
    state, wanted = state_of(export), network.state_dict()
    prefix = next(name for name in state if name.endswith("embeddings.word_embeddings.weight"))
    prefix = prefix.removesuffix("embeddings.word_embeddings.weight")
    given = {name: state[prefix + name] for name in wanted if prefix + name in state}
    missing = [name for name in wanted if name not in given and "pooler" not in name and not name.endswith("_ids")]
    assert not missing, missing
    network.load_state_dict(given, strict=False)
    with tempfile.TemporaryDirectory() as scratch:
        copy = pathlib.Path(scratch) / "checkpoint"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("onnx"))
        network.save_pretrained(copy)
        sentences = SentenceTransformer(str(copy), device="cpu")
        out = []
        for text in json.load(sys.stdin):
            ids = sentences.tokenize([text])["input_ids"][0].tolist()
            out.append({"ids": ids, "vector": [float(f"{v:.8g}") for v in sentences.encode(text)]})
    json.dump(out, sys.stdout)


if __name__ == "__main__":
    torch.set_num_threads(1)  # one text at a time: threads would only wait for each other
    main(pathlib.Path(sys.argv[1]))
