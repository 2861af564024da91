"""Tiny networks with random weights, exported to ONNX, and the states after each of their blocks by transformers.

Run: python test/golden/layers/generate.py   (torch, transformers, onnx, onnxscript; writes fixtures/ beside it)
The states are computed one row at a time, so that nothing is padded. What is stored of them are means over tokens or
over a map's pixels, in float64. Tolerance of the test: a cosine of 0.99999.
"""
import gzip
import json
import pathlib

import numpy as np
import onnx
import torch
from transformers import (
    BertConfig, BertForSequenceClassification, BertModel, CLIPConfig, CLIPModel, CLIPTextConfig, CLIPVisionConfig,
    GPT2Config, GPT2LMHeadModel, ResNetConfig, ResNetForImageClassification, ViTConfig, ViTForImageClassification,
)

HERE = pathlib.Path(__file__).parent / "fixtures"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "room", "was", "cold", "and", "small", "but", "clean"]
TEXTS = ["the room was cold", "clean", "the small room was cold and clean but small and cold"]
SMALL = dict(hidden_size=16, num_hidden_layers=3, num_attention_heads=2, intermediate_size=24, initializer_range=0.4)


def ids_of(text):
    return torch.tensor([[2] + [WORDS.index(word) for word in text.split()] + [3]])


def pixels():
    rng = np.random.default_rng(5)
    return torch.tensor(rng.standard_normal((2, 3, 32, 32)), dtype=torch.float32)


def seeded(make):
    torch.manual_seed(7)
    model = make().eval()
    for name, buffer in model.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_(0, 0.3)
        if name.endswith("running_var"):
            buffer.uniform_(0.5, 1.5)
    return model


class Named(torch.nn.Module):
    """Gives the outputs of a model that are named, in that order."""

    def __init__(self, model, inputs, outputs):
        super().__init__()
        self.model, self.inputs, self.outputs = model, inputs, outputs

    def forward(self, *values):
        given = self.model(**dict(zip(self.inputs, values)))
        return tuple(given[name] for name in self.outputs)


def export(folder, model, feeds, outputs, axes, dynamo=False, config=None):
    path = HERE / folder / "onnx" / "model.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    named = Named(model, list(feeds), outputs)
    extra = {}
    if dynamo:
        extra["dynamic_shapes"] = (tuple({i: torch.export.Dim(n) for i, n in axes[name].items()} for name in feeds),)
    torch.onnx.export(
        named, tuple(feeds.values()), str(path), input_names=list(feeds), output_names=outputs,
        opset_version=18 if dynamo else 17, dynamo=dynamo, external_data=False,
        **(extra if dynamo else {"dynamic_axes": axes}),
    )
    if dynamo:
        keep_only_namespaces(path)
    (HERE / folder / "config.json").write_text(json.dumps(config or model.config.to_dict(), indent=1, default=str))


def keep_only_namespaces(path):
    """Of what the newer exporter notes at each node: traces of calls are long, and name the folders of a machine."""
    model = onnx.load(path)
    for node in model.graph.node:
        kept = [(one.key, one.value) for one in node.metadata_props if one.key == "namespace"]
        del node.metadata_props[:]
        for key, value in kept:
            node.metadata_props.add(key=key, value=value)
    del model.graph.value_info[:]
    onnx.save(model, path)


def text_files(folder, limit=32):
    path = HERE / folder
    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [
            {"id": i, "content": WORDS[i], "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
             "special": True} for i in range(4)],
        "normalizer": None, "pre_tokenizer": {"type": "Whitespace"}, "decoder": None,
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
        "model": {"type": "WordLevel", "vocab": {word: i for i, word in enumerate(WORDS)}, "unk_token": "[UNK]"},
    }
    (path / "tokenizer.json").write_text(json.dumps(tokenizer))
    (path / "tokenizer_config.json").write_text(json.dumps(
        {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": limit, "unk_token": "[UNK]",
         "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}))


def image_files(folder):
    (HERE / folder / "preprocessor_config.json").write_text(json.dumps(
        {"image_processor_type": "ViTImageProcessor", "do_resize": True, "size": {"height": 32, "width": 32}, "resample": 2,
         "do_rescale": True, "do_normalize": True, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}))


def mean_of(states):
    """Over tokens, or over the pixels of a map."""
    values = states[0].double()
    return values.mean((1, 2) if values.dim() == 3 else 0).tolist()


TEXT_AXES = {name: {0: "batch", 1: "tokens"} for name in ("input_ids", "attention_mask", "token_type_ids")}
IMAGE_AXES = {"pixel_values": {0: "batch"}}


def bert_feeds(text=TEXTS[0], mask=True, segments=True):
    ids = ids_of(text)
    feeds = {"input_ids": ids}
    if mask:
        feeds["attention_mask"] = torch.ones_like(ids)
    if segments:
        feeds["token_type_ids"] = torch.zeros_like(ids)
    return feeds


def states_of_texts(model, **kinds):
    rows = [model(**bert_feeds(text, **kinds), output_hidden_states=True).hidden_states for text in TEXTS]
    return [[mean_of(states) for states in row] for row in rows]


@torch.no_grad()
def main():
    golden = {"texts": TEXTS, "pixels": pixels().flatten().tolist()}

    config = BertConfig(vocab_size=len(WORDS), max_position_embeddings=32, **SMALL)
    bert = seeded(lambda: BertModel(config, add_pooling_layer=False, ).eval())
    bert.set_attn_implementation("eager")
    golden["bert"] = states_of_texts(bert)
    export("bert", bert, bert_feeds(), ["last_hidden_state"], {**TEXT_AXES, "last_hidden_state": {0: "batch", 1: "tokens"}})
    text_files("bert")
    export("bert-dynamo", bert, bert_feeds(), ["last_hidden_state"], TEXT_AXES, dynamo=True)
    text_files("bert-dynamo")

    classifier = seeded(lambda: BertForSequenceClassification(BertConfig(vocab_size=len(WORDS), num_labels=2, max_position_embeddings=32, **SMALL)))
    classifier.set_attn_implementation("eager")
    golden["bert-classifier"] = states_of_texts(classifier)
    export("bert-classifier", classifier, bert_feeds(), ["logits"], {**TEXT_AXES, "logits": {0: "batch"}})
    text_files("bert-classifier")

    gpt = seeded(lambda: GPT2LMHeadModel(GPT2Config(
        vocab_size=len(WORDS), n_positions=32, n_embd=16, n_layer=3, n_head=2, initializer_range=0.4, use_cache=False)))
    gpt.set_attn_implementation("eager")
    golden["gpt2-lm"] = states_of_texts(gpt, segments=False)
    golden["gpt2-lm-blocks"] = blocks_of_gpt(gpt)
    export("gpt2-lm", gpt, bert_feeds(segments=False), ["logits"], {**TEXT_AXES, "logits": {0: "batch", 1: "tokens"}})
    text_files("gpt2-lm")

    image = pixels()
    resnet = seeded(lambda: ResNetForImageClassification(ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 12, 16, 20], depths=[1, 2, 1, 1], layer_type="basic", num_labels=5)))
    golden["resnet"] = image_states(resnet, image)
    export("resnet", resnet, {"pixel_values": image}, ["logits"], {**IMAGE_AXES, "logits": {0: "batch"}})
    image_files("resnet")

    vit = seeded(lambda: ViTForImageClassification(ViTConfig(image_size=32, patch_size=8, num_labels=5, **SMALL)))
    vit.set_attn_implementation("eager")
    golden["vit"] = image_states(vit, image)
    golden["vit-cls"] = [vit.vit(image[i:i + 1]).last_hidden_state[0, 0].double().tolist() for i in range(2)]
    export("vit", vit, {"pixel_values": image}, ["logits"], {**IMAGE_AXES, "logits": {0: "batch"}})
    image_files("vit")

    clip = seeded(lambda: CLIPModel(CLIPConfig(
        text_config=CLIPTextConfig(vocab_size=len(WORDS), max_position_embeddings=32, eos_token_id=3, bos_token_id=2, pad_token_id=0, **SMALL).to_dict(),
        vision_config=CLIPVisionConfig(image_size=32, patch_size=8, **SMALL).to_dict(), projection_dim=12)))
    clip.set_attn_implementation("eager")
    both = {**bert_feeds(segments=False), "pixel_values": image}
    golden["clip-text"] = [clip(**bert_feeds(text, segments=False), pixel_values=image[:1]).text_embeds[0].double().tolist() for text in TEXTS]
    golden["clip-image"] = [clip(**bert_feeds(segments=False), pixel_values=image[i:i + 1]).image_embeds[0].double().tolist() for i in range(2)]
    export("clip", clip, both, ["logits_per_image", "logits_per_text", "text_embeds", "image_embeds"], {
        **{name: {0: "texts", 1: "tokens"} for name in ("input_ids", "attention_mask")}, "pixel_values": {0: "images"},
        "logits_per_image": {0: "images", 1: "texts"}, "logits_per_text": {0: "texts", 1: "images"},
        "text_embeds": {0: "texts"}, "image_embeds": {0: "images"}})
    text_files("clip")
    image_files("clip")

    half("bert", "bert-half")
    text_files("bert-half")
    (HERE / "golden.json").write_text(json.dumps(rounded(golden)))
    for path in HERE.glob("*/onnx/*.onnx"):
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
        path.unlink()


def image_states(model, image):
    rows = [model(image[i:i + 1], output_hidden_states=True).hidden_states for i in range(len(image))]
    return [[mean_of(states) for states in row] for row in rows]


def blocks_of_gpt(gpt):
    """What the blocks pass on: the last of GPT-2's hidden states has been normalised."""
    found = []
    for text in TEXTS:
        kept = []
        hooks = [block.register_forward_hook(lambda _m, _i, out: kept.append(out[0] if isinstance(out, tuple) else out)) for block in gpt.transformer.h]
        gpt(**bert_feeds(text, segments=False))
        for hook in hooks:
            hook.remove()
        found.append([mean_of(states) for states in kept])
    return found


def half(source, target):
    """Weights, and what the graph computes in between, in float16."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    path = HERE / target / "onnx" / "model_fp16.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    model = convert_float_to_float16(onnx.load(HERE / source / "onnx" / "model.onnx"), keep_io_types=False)
    onnx.save(model, path)
    (HERE / target / "config.json").write_text((HERE / source / "config.json").read_text())


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.7g}")
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return {key: rounded(one) for key, one in value.items()} if isinstance(value, dict) else value


main()
