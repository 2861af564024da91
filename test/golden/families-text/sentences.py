"""sentence-transformers folders: every pooling, Dense with its activations, prompts that are pooled or not, lower case.

Run: python test/golden/families-text/sentences.py   (sentence-transformers 6.2, torch 2.15, transformers 5.23)
Writes fixtures/sentence-<name>/: the module files, without a graph (the test takes that of `bert`, whose weights these
are), and golden.json. Each text is encoded alone; token ids must be equal, vectors agree to a cosine of 0.99999.
"""
import json
import pathlib
import shutil
import tempfile

import torch
import transformers as t
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import modules as m
from sentence_transformers.base.modules import Dense, Normalize, Transformer

import generate as g
import tokenizers_tiny as tiny
from texts import TEXTS

PROMPTS = {"query": "The quick query: ", "passage": "a text, "}


def dense(inputs, outputs, activation, **more):
    layer = Dense(inputs, outputs, activation_function=activation, **more)
    torch.manual_seed(1)
    for p in layer.parameters():
        p.data = (torch.randn(p.shape) * (0.4 if p.dim() > 1 else 0.2)).bfloat16().float()
    return layer


CASES = {
    "mean": dict(pooling="mean", after=[Normalize()]),
    "cls": dict(pooling="cls"),
    "max": dict(pooling="max"),
    "last": dict(pooling="lasttoken"),
    "weightedmean": dict(pooling="weightedmean"),
    "mean-sqrt": dict(pooling="mean_sqrt_len_tokens"),
    "dense-tanh": dict(pooling="mean", after=[dense(16, 12, torch.nn.Tanh()), Normalize()]),
    "dense-chain": dict(pooling="cls", after=[
        dense(16, 20, torch.nn.GELU()), dense(20, 20, torch.nn.SiLU(), bias=False, use_residual=True),
        dense(20, 8, torch.nn.Identity(), use_residual=True), dense(8, 8, torch.nn.ReLU()), dense(8, 6, torch.nn.Sigmoid())]),
    "prompt": dict(pooling="mean", after=[Normalize()], prompts=PROMPTS, default="query"),
    "prompt-unpooled": dict(pooling="weightedmean", include_prompt=False, prompts=PROMPTS, default="query"),
    "prompt-unpooled-cls": dict(pooling="cls", include_prompt=False, prompts=PROMPTS, default="passage"),
    "lower": dict(pooling="mean", lower=True, max_length=20),
}


def write(name, transformer_folder, case):
    folder = g.OUT / f"sentence-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        options = dict(max_seq_length=case.get("max_length", 32), do_lower_case=case.get("lower", False))
        first = Transformer(str(transformer_folder), **options)
        pooling = m.Pooling(16, pooling_mode=case["pooling"], include_prompt=case.get("include_prompt", True))
        model = SentenceTransformer(modules=[first, pooling, *case.get("after", [])], device="cpu",
                                    prompts=case.get("prompts"), default_prompt_name=case.get("default"))
        model.eval()
        ids, vectors, truncated = [], [], []
        prompt = case.get("prompts", {}).get(case.get("default"), "")
        for text in TEXTS:
            ids.append(model.tokenize([prompt + text])["input_ids"][0].tolist())
            vectors.append([float(f"{v:.7g}") for v in model.encode(text)])
            truncated.append(len(first.tokenizer(prompt + text)["input_ids"]) > model.max_seq_length)
        model.save(scratch)
        folder.mkdir(parents=True)
        for path in sorted(pathlib.Path(scratch).rglob("*")):
            target = folder / path.relative_to(scratch)
            if path.is_dir() or path.name == "README.md" or path == pathlib.Path(scratch) / "model.safetensors":
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".json":
                g.write_json(target, json.loads(path.read_text()))
            else:
                shutil.copy(path, target)
        # Older releases keep the limit and the lower case here.
        g.write_json(folder / "sentence_bert_config.json", {"max_seq_length": options["max_seq_length"], "do_lower_case": options["do_lower_case"]})
        g.write_json(folder / "golden.json", {"limit": model.max_seq_length, "truncated": truncated, "ids": ids, "vectors": vectors})
        print(name, {str(p.relative_to(folder)): p.stat().st_size for p in folder.rglob("*") if p.is_file()})


if __name__ == "__main__":
    lower, cased = tiny.bert(), tiny.bert_cased()
    with tempfile.TemporaryDirectory() as scratch:
        for tokenizer, label in ((lower, "uncased"), (cased, "cased")):
            base = pathlib.Path(scratch) / label
            config = t.BertConfig(vocab_size=len(lower), pad_token_id=0, **g.SMALL)
            config._attn_implementation = "eager"
            g.shake(t.BertModel(config)).save_pretrained(base)
            tokenizer.model_max_length = 48
            tokenizer.save_pretrained(base)
        for name, case in CASES.items():
            write(name, pathlib.Path(scratch) / ("cased" if case.get("lower") else "uncased"), case)
