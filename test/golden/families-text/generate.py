"""A tiny random checkpoint of every text family, exported to ONNX, with what `transformers` makes of texts.py.

Run: python test/golden/families-text/generate.py [family ...]
(torch 2.15, transformers 5.23, sentence-transformers 6.2, sentencepiece 0.2.3, onnx 1.23)
Writes fixtures/<family>/: config.json, the tokenizer's files, onnx/model.onnx.gz, and golden.json with token ids and one
vector a text, each computed alone. Token ids must be equal, vectors agree to a cosine of 0.99999.
"""
import gzip
import json
import pathlib
import shutil
import sys
import tempfile
import warnings

import onnx
import torch
import transformers as t

import tokenizers_tiny as tiny
from texts import TEXTS

OUT = pathlib.Path(__file__).parent / "fixtures"
H = 16
SMALL = dict(hidden_size=H, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, max_position_embeddings=64)
warnings.filterwarnings("ignore")


def shake(model, seed=0):
    """Random weights that make every token count; a fresh checkpoint's are so small that all texts look alike."""
    generator = torch.Generator().manual_seed(seed)
    for name, p in model.named_parameters():
        if p.dim() > 1:
            scale = 1.0 if "embed" in name.lower() else 1.2 / p.shape[-1] ** 0.5
            p.data = torch.randn(p.shape, generator=generator) * scale
        elif "norm" in name.lower() and name.endswith("weight"):
            p.data = 0.6 + 0.8 * torch.rand(p.shape, generator=generator)
        else:
            p.data = torch.randn(p.shape, generator=generator) * 0.3
        p.data = p.data.bfloat16().float()  # half of the bytes are zeros: gzip likes it
    return model.eval()


class Named(torch.nn.Module):
    """The model with tensors for arguments and results, as an exporter wants it."""

    def __init__(self, model, inputs, outputs):
        super().__init__()
        self.model, self.inputs, self.outputs = model, inputs, outputs

    def forward(self, *args):
        out = self.model(**dict(zip(self.inputs, args)))
        return tuple(getattr(out, name) for name in self.outputs)


def save_onnx(module, example, inputs, outputs, path, axes=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    free = {name: {0: "batch", 1: "sequence"} for name in inputs}
    free |= {name: {0: "batch", 1: "sequence"} if name in ("last_hidden_state", "token_embeddings") else {0: "batch"} for name in outputs}
    free |= axes or {}
    module.eval()  # the exporter restores the mode it finds, and dropout would change the golden vectors
    with torch.no_grad():
        torch.onnx.export(module, example, str(path), input_names=list(inputs), output_names=list(outputs),
                          dynamic_axes=free, opset_version=17, dynamo=False)
    model = onnx.load(str(path))
    for node in model.graph.node:
        node.doc_string = ""
    path.unlink()
    with gzip.GzipFile(f"{path}.gz", "wb", mtime=0) as file:
        file.write(model.SerializeToString())


def example_for(inputs, vocab):
    ids = torch.randint(5, vocab - 5, (2, 20))  # no shorter than a span of relative positions
    values = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "token_type_ids": torch.zeros_like(ids),
              "position_ids": torch.arange(20).repeat(2, 1)}
    values["attention_mask"][1, 12:] = 0
    return tuple(values[name] for name in inputs)


def write_json(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def save_tokenizer(tokenizer, folder, limit, keep=("tokenizer.json", "tokenizer_config.json")):
    tokenizer.model_max_length = limit
    with tempfile.TemporaryDirectory() as scratch:
        tokenizer.save_pretrained(scratch)
        for name in keep:
            source = pathlib.Path(scratch) / name
            if name.endswith(".json"):
                write_json(folder / name, json.loads(source.read_text()))
            else:
                shutil.copy(source, folder / name)


def save_config(config, folder):
    config.architectures = None
    value = config.to_diff_dict() | {"model_type": config.model_type}
    for key in ("hidden_size", "max_position_embeddings", "pad_token_id", "vocab_size", "n_positions", "n_embd", "dim"):
        if hasattr(config, key):
            value[key] = getattr(config, key)
    write_json(folder / "config.json", value)


def golden(folder, tokenizer, vector, limit, **more):
    ids, vectors, truncated = [], [], []
    for text in TEXTS:
        encoded = tokenizer(text, truncation=True, max_length=limit, return_tensors="pt", **more)
        ids.append(encoded["input_ids"][0].long().tolist())
        truncated.append(len(tokenizer(text)["input_ids"]) > limit)
        with torch.no_grad():
            vectors.append([float(f"{v:.7g}") for v in vector(encoded)] if ids[-1] else None)
    write_json(folder / "golden.json", {"limit": limit, "truncated": truncated, "ids": ids, "vectors": vectors})


def mean(states):
    return states[0].mean(0)


FAMILIES = {}


def family(make):
    FAMILIES[make.__name__.replace("_", "-")] = make
    return make


def encoder(folder, tokenizer, config, model_class, inputs=("input_ids", "attention_mask"), outputs=("last_hidden_state",),
            limit=48, vector=None, keep=("tokenizer.json", "tokenizer_config.json"), **more):
    config.pad_token_id = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else config.pad_token_id
    config._attn_implementation = "eager"
    config.return_dict = True
    model = shake(model_class(config))
    model.config._attn_implementation = "eager"
    save_onnx(Named(model, inputs, outputs), example_for(inputs, len(tokenizer)), inputs, outputs, folder / "onnx/model.onnx")
    save_config(config, folder)
    save_tokenizer(tokenizer, folder, limit, keep)
    def default(encoded):
        return mean(model(input_ids=encoded["input_ids"], attention_mask=encoded["attention_mask"]).last_hidden_state)
    golden(folder, tokenizer, (lambda e: vector(model, e)) if vector else default, limit, **more)
    return model


@family
def bert(folder):
    tk = tiny.bert()
    encoder(folder, tk, t.BertConfig(vocab_size=len(tk), **SMALL), t.BertModel,
            ("input_ids", "attention_mask", "token_type_ids"), ("pooler_output", "last_hidden_state"))


@family
def bert_vocab_txt(folder):
    """A cased BERT that classifies, with vocab.txt only: its token states are found before its head."""
    tk = tiny.bert_cased()
    encoder(folder, tk, t.BertConfig(vocab_size=len(tk), num_labels=3, **SMALL), t.BertForSequenceClassification,
            ("input_ids", "attention_mask"), ("logits",), keep=("tokenizer_config.json",),
            vector=lambda model, e: mean(model.bert(input_ids=e["input_ids"]).last_hidden_state))
    vocab = sorted(tk.get_vocab().items(), key=lambda item: item[1])
    (folder / "vocab.txt").write_text("".join(f"{token}\n" for token, _ in vocab))
    write_json(folder / "tokenizer_config.json", {"do_lower_case": False, "tokenizer_class": "BertTokenizer", "model_max_length": 48})


@family
def distilbert(folder):
    tk = tiny.bert()
    config = t.DistilBertConfig(vocab_size=len(tk), dim=H, n_layers=2, n_heads=2, hidden_dim=32, max_position_embeddings=64)
    encoder(folder, tk, config, t.DistilBertModel)


@family
def roberta(folder):
    tk = tiny.roberta()
    # The table has two rows that no token uses, and says less than model_max_length.
    small = SMALL | {"max_position_embeddings": 42}
    encoder(folder, tk, t.RobertaConfig(vocab_size=len(tk), type_vocab_size=1, **small), t.RobertaModel, limit=40)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    write_json(folder / "tokenizer_config.json", settings | {"model_max_length": 512})


@family
def roberta_vocab_merges(folder):
    """vocab.json and merges.txt, no tokenizer.json; a classifier's logits, cut before its head."""
    tk = tiny.roberta()
    encoder(folder, tk, t.RobertaConfig(vocab_size=len(tk), type_vocab_size=1, num_labels=4, **SMALL),
            t.RobertaForSequenceClassification, outputs=("logits",),
            vector=lambda model, e: mean(model.roberta(input_ids=e["input_ids"], attention_mask=e["attention_mask"]).last_hidden_state))
    model = json.loads(tk.backend_tokenizer.to_str())["model"]
    write_json(folder / "vocab.json", model["vocab"])
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(" ".join(pair) + "\n" for pair in model["merges"]))
    (folder / "tokenizer.json").unlink()
    write_json(folder / "tokenizer_config.json", {"tokenizer_class": "RobertaTokenizer", "model_max_length": 48, "add_prefix_space": False})


@family
def xlm_roberta(folder):
    tk = tiny.xlm_roberta()
    encoder(folder, tk, t.XLMRobertaConfig(vocab_size=len(tk), type_vocab_size=1, **SMALL), t.XLMRobertaModel,
            ("input_ids", "attention_mask", "position_ids"))


@family
def camembert(folder):
    tk = tiny.camembert()
    encoder(folder, tk, t.CamembertConfig(vocab_size=len(tk), type_vocab_size=1, **SMALL), t.CamembertModel)


@family
def mpnet(folder):
    tk = tiny.mpnet()
    encoder(folder, tk, t.MPNetConfig(vocab_size=len(tk), relative_attention_num_buckets=32, **SMALL), t.MPNetModel)


@family
def electra(folder):
    tk = tiny.bert()
    encoder(folder, tk, t.ElectraConfig(vocab_size=len(tk), embedding_size=8, **SMALL), t.ElectraModel,
            ("input_ids", "attention_mask", "token_type_ids"))


@family
def albert(folder):
    tk = tiny.albert()
    encoder(folder, tk, t.AlbertConfig(vocab_size=len(tk), embedding_size=8, **SMALL), t.AlbertModel,
            ("input_ids", "attention_mask", "token_type_ids"), ("last_hidden_state", "pooler_output"))


@family
def deberta(folder):
    tk = tiny.deberta()
    encoder(folder, tk, t.DebertaConfig(vocab_size=len(tk), relative_attention=True, pos_att_type=["c2p", "p2c"], max_relative_positions=16,
            position_biased_input=False, type_vocab_size=0, **SMALL), t.DebertaModel)


@family
def deberta_v2(folder):
    tk = tiny.deberta_v2()
    encoder(folder, tk, t.DebertaV2Config(vocab_size=len(tk), relative_attention=True, pos_att_type=["c2p", "p2c"], position_buckets=8,
            position_biased_input=False, share_att_key=True, norm_rel_ebd="layer_norm", type_vocab_size=0, **SMALL), t.DebertaV2Model)


@family
def nomic_bert(folder):
    tk = tiny.bert()
    encoder(folder, tk, t.NomicBertConfig(vocab_size=len(tk), **SMALL), t.NomicBertModel, ("input_ids", "attention_mask", "token_type_ids"),
            ("last_hidden_state",))


@family
def modernbert(folder):
    tk = tiny.modernbert()
    config = t.ModernBertConfig(vocab_size=len(tk), global_attn_every_n_layers=2, local_attention=8, cls_token_id=0, sep_token_id=2,
                                pad_token_id=1, bos_token_id=0, eos_token_id=2, **SMALL)
    encoder(folder, tk, config, t.ModernBertModel)


class WithCache(torch.nn.Module):
    """GPT-2 as exporters give it: past keys and values in, present ones out."""

    def __init__(self, model, layers):
        super().__init__()
        self.model, self.layers = model, layers

    def forward(self, input_ids, attention_mask, position_ids, *past):
        cache = t.DynamicCache()
        for i in range(self.layers):
            cache.update(past[2 * i], past[2 * i + 1], i)
        out = self.model(input_ids=input_ids, attention_mask=attention_mask, position_ids=position_ids, past_key_values=cache, use_cache=True)
        present = []
        for layer in out.past_key_values.layers:
            present += [layer.keys, layer.values]
        return (*present, out.last_hidden_state)


@family
def gpt2(folder):
    """Cache inputs and outputs, the outputs first; the feature is the last token."""
    tk = tiny.gpt2()
    config = t.GPT2Config(vocab_size=len(tk), n_embd=H, n_layer=2, n_head=2, n_positions=64, bos_token_id=0, eos_token_id=0)
    config._attn_implementation = "eager"
    model = shake(t.GPT2Model(config))
    caches = [f"past_key_values.{i}.{kind}" for i in range(2) for kind in ("key", "value")]
    presents = [f"present.{i}.{kind}" for i in range(2) for kind in ("key", "value")]
    ids = torch.randint(5, 300, (2, 5))
    mask = torch.ones((2, 8), dtype=torch.long)
    example = (ids, mask, torch.arange(3, 8).repeat(2, 1), *(torch.randn(2, 2, 3, 8) for _ in caches))
    axes = {name: {0: "batch", 2: "past"} for name in caches} | {name: {0: "batch", 2: "total"} for name in presents}
    axes["attention_mask"] = {0: "batch", 1: "total"}
    save_onnx(WithCache(model, 2), example, ("input_ids", "attention_mask", "position_ids", *caches), (*presents, "last_hidden_state"),
              folder / "onnx/model.onnx", axes)
    save_config(config, folder)
    save_tokenizer(tk, folder, 48)
    golden(folder, tk, lambda e: model(**e).last_hidden_state[0, -1], 48)


@family
def qwen2(folder):
    """A causal language model that gives logits only, padded on the left: cut before its vocabulary, the last token taken."""
    tk = tiny.qwen2()
    config = t.Qwen2Config(vocab_size=len(tk), num_key_value_heads=1, tie_word_embeddings=False, bos_token_id=0, eos_token_id=0, **SMALL)
    encoder(folder, tk, config, t.Qwen2ForCausalLM, ("input_ids", "attention_mask", "position_ids"), ("logits",),
            vector=lambda model, e: model.model(input_ids=e["input_ids"]).last_hidden_state[0, -1])


@family
def llama(folder):
    tk = tiny.llama()
    config = t.LlamaConfig(vocab_size=len(tk), num_key_value_heads=2, bos_token_id=1, eos_token_id=2, **SMALL)
    encoder(folder, tk, config, t.LlamaModel, vector=lambda model, e: model(input_ids=e["input_ids"]).last_hidden_state[0, -1])


@family
def clip(folder):
    tk = tiny.clip()
    text = dict(vocab_size=len(tk), projection_dim=12, bos_token_id=tk.bos_token_id, eos_token_id=tk.eos_token_id, **(SMALL | {"max_position_embeddings": 40}))
    encoder(folder, tk, t.CLIPTextConfig(**text), t.CLIPTextModelWithProjection, ("input_ids",), ("text_embeds", "last_hidden_state"),
            limit=40, vector=lambda model, e: model(input_ids=e["input_ids"]).text_embeds[0])


@family
def siglip(folder):
    tk = tiny.siglip()
    config = t.SiglipTextConfig(vocab_size=len(tk), projection_size=H, bos_token_id=1, eos_token_id=1, pad_token_id=1, **(SMALL | {"max_position_embeddings": 24}))
    encoder(folder, tk, config, t.SiglipTextModel, ("input_ids",), ("last_hidden_state", "pooler_output"), limit=24,
            vector=lambda model, e: model(input_ids=e["input_ids"]).pooler_output[0], padding="max_length")


if __name__ == "__main__":
    wanted = sys.argv[1:] or list(FAMILIES)
    OUT.mkdir(exist_ok=True)
    write_json(OUT / "texts.json", TEXTS)
    for name in wanted:
        folder = OUT / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        torch.manual_seed(0)
        try:
            FAMILIES[name](folder)
            print(name, {p.name: p.stat().st_size for p in folder.rglob("*") if p.is_file()})
        except Exception as error:
            import traceback
            traceback.print_exc(limit=-3)
            print("FAILED", name, error)
