"""One contender of bench/embed.ts: embeds texts with sentence-transformers, or with onnxruntime, in batches of 32.

`embed.py sentence-transformers <folder>` runs the weights as PyTorch does, `embed.py onnxruntime <folder>` the ONNX file
with the same tokenizer. Reads one JSON line a task from stdin, {"texts", "out"}, and answers {"seconds", "cpu", "rows"}.
Loading and one warm batch are outside the clock.
"""
import json
import os
import sys
import time

import numpy as np

which, folder = sys.argv[1:3]
threads = int(os.environ["OMP_NUM_THREADS"])


def sentence_transformers():
    import onnx
    import torch
    from onnx import numpy_helper
    from sentence_transformers import SentenceTransformer, models
    from transformers import AutoConfig, AutoModel

    torch.set_num_threads(threads)
    if any(os.path.exists(os.path.join(folder, name)) for name in ("model.safetensors", "pytorch_model.bin")):
        model = SentenceTransformer(folder, device="cpu")
    else:
        # The folder carries ONNX weights alone: the same numbers, put into PyTorch's model by name.
        bert = AutoModel.from_config(AutoConfig.from_pretrained(folder)).eval()
        graph = onnx.load(os.path.join(folder, "onnx", "model.onnx")).graph
        bert.load_state_dict(weights_by_name(graph, bert, numpy_helper, torch), strict=False)
        import tempfile

        from transformers import AutoTokenizer

        with tempfile.TemporaryDirectory() as place:
            bert.save_pretrained(place)
            AutoTokenizer.from_pretrained(folder).save_pretrained(place)
            words = models.Transformer(place, max_seq_length=256)
        pooling = models.Pooling(words.get_word_embedding_dimension(), "mean")
        model = SentenceTransformer(modules=[words, pooling, models.Normalize()], device="cpu")
    return lambda texts: model.encode(texts, batch_size=32, show_progress_bar=False, convert_to_numpy=True)


def weights_by_name(graph, bert, numpy_helper, torch):
    """Initialisers that kept their names, and the transposed ones of MatMul, which are found by their bias's node."""
    arrays = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    # Exports put the name of the wrapping module before each parameter's: `bert.`, `m.`.
    table = "embeddings.word_embeddings.weight"
    prefix = next(name for name in arrays if name.endswith(table)).removesuffix(table)
    named = {name.removeprefix(prefix): value for name, value in arrays.items()}
    state = {}
    by_output = {node.output[0]: node for node in graph.node}
    for name, parameter in bert.state_dict().items():
        if name in named and named[name].shape == tuple(parameter.shape):
            state[name] = torch.from_numpy(named[name].copy())
    for node in graph.node:
        if node.op_type != "Add":
            continue
        for bias, other in (node.input, reversed(node.input)):
            name = bias.removeprefix(prefix)
            product = by_output.get(other)
            if not name.endswith(".bias") or product is None or product.op_type != "MatMul":
                continue
            weight = arrays.get(product.input[1])
            if weight is not None:
                state[name.removesuffix("bias") + "weight"] = torch.from_numpy(weight.T.copy())
    missing = [name for name in bert.state_dict() if name not in state and "position_ids" not in name]
    unused = [name for name in missing if not name.startswith("pooler.")]
    if unused:
        raise SystemExit(f"no weights in the ONNX file for {unused}")
    return state


def onnxruntime():
    import onnxruntime as ort
    from tokenizers import Tokenizer

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(os.path.join(folder, "onnx", "model.onnx"), options, ["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    tokenizer.enable_padding()
    tokenizer.enable_truncation(256)
    names = {one.name for one in session.get_inputs()}

    def embed(texts):
        parts = []
        for start in range(0, len(texts), 32):
            encoded = tokenizer.encode_batch(texts[start : start + 32])
            ids = np.array([one.ids for one in encoded], dtype=np.int64)
            mask = np.array([one.attention_mask for one in encoded], dtype=np.int64)
            feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            states = session.run(None, {name: feeds[name] for name in names})[0]
            weights = mask[..., None].astype(np.float32)
            pooled = (states * weights).sum(1) / weights.sum(1)
            parts.append(pooled / np.linalg.norm(pooled, axis=1, keepdims=True))
        return np.concatenate(parts)

    return embed


embed = {"sentence-transformers": sentence_transformers, "onnxruntime": onnxruntime}[which]()
embed(["a warm batch of texts"] * 32)
print("ready", flush=True)
for line in sys.stdin:
    task = json.loads(line)
    with open(task["texts"]) as file:
        texts = json.load(file)
    started, cpu = time.perf_counter(), time.process_time()
    vectors = embed(texts)
    answer = {
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - cpu,
        "rows": len(texts),
    }
    vectors.astype(np.float32).tofile(task["out"])
    print(json.dumps(answer), flush=True)
