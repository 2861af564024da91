import { describe, expect, it } from "vitest";
import { isHubId, isSafePath } from "../../src/backbones/hub/hub-id.js";
import { wantedFiles } from "../../src/backbones/hub/wanted-files.js";

/** What nobody needs who runs the ONNX export. */
const IDLE = [
  ".gitattributes",
  "README.md",
  "model.safetensors",
  "pytorch_model.bin",
  "tf_model.h5",
  "flax_model.msgpack",
  "rust_model.ot",
  "openvino/openvino_model.xml",
  "generation_config.json",
  "train_script.py",
  "modeling_custom.py",
  "data_config.json",
];

describe("wantedFiles", () => {
  it.each([
    [
      "sentence-transformers, its modules and Dense weights included",
      [
        "config.json",
        "config_sentence_transformers.json",
        "modules.json",
        "sentence_bert_config.json",
        "special_tokens_map.json",
        "tokenizer_config.json",
        "1_Pooling/config.json",
        "2_Dense/config.json",
        "tokenizer.json",
        "2_Dense/model.safetensors",
        "onnx/model.onnx",
      ],
      ["vocab.txt", "2_Dense/pytorch_model.bin", "onnx/model_O4.onnx", "onnx/model_qint8_arm64.onnx"],
      "fp32",
      null,
    ],
    [
      "a tokenizer in parts, where there is no tokenizer.json",
      ["config.json", "tokenizer_config.json", "merges.txt", "vocab.json", "model.onnx"],
      [],
      "fp32",
      "text",
    ],
    [
      "images",
      ["config.json", "preprocessor_config.json", "onnx/model_quantized.onnx"],
      ["onnx/model.onnx", "onnx/model_uint8.onnx", "onnx/model_q4f16.onnx"],
      "int8",
      "image",
    ],
    [
      "both sides of CLIP",
      [
        "config.json",
        "preprocessor_config.json",
        "tokenizer.json",
        "onnx/text_model_fp16.onnx",
        "onnx/vision_model_fp16.onnx",
      ],
      ["onnx/model_fp16.onnx", "onnx/text_model.onnx"],
      "fp16",
      null,
    ],
    [
      "Whisper's encoder",
      ["config.json", "preprocessor_config.json", "tokenizer.json", "onnx/encoder_model.onnx"],
      ["onnx/decoder_model_merged.onnx", "onnx/decoder_with_past_model.onnx", "vocab.json", "merges.txt"],
      "fp32",
      "audio",
    ],
    [
      "weights in several other files",
      ["config.json", "tokenizer.json", "onnx/model.onnx", "onnx/model.onnx_data", "onnx/model.onnx_data_1"],
      ["onnx/model_fp16.onnx", "onnx/model_fp16.onnx_data"],
      "fp32",
      null,
    ],
  ] as const)("takes %s", (_what, wanted, others, precision, modality) => {
    const listing = [...IDLE, ...others, ...wanted];
    expect([...wantedFiles("org/name", listing, precision, modality)].sort()).toEqual([...wanted].sort());
  });
});

describe("names from outside", () => {
  it.each([
    "Xenova/bert-base-uncased",
    "sentence-transformers/all-MiniLM-L6-v2",
    "timm/resnet50.a1_in1k",
  ])("takes %s for an id of the Hub", (id) => expect(isHubId(id)).toBe(true));

  it.each([
    "bert",
    "a/b/c",
    "../x",
    "a/..",
    "a//b",
    "/a/b",
    "a\\b/c",
    "a b/c",
    "a--b/c",
    "a/b.",
    "~/b",
    "C:/b",
    "",
  ])("takes '%s' for none", (id) => expect(isHubId(id)).toBe(false));

  it.each([
    "../x",
    "a/../../x",
    "/x",
    "a//x",
    "a\\..\\x",
    "C:x",
    "a/.",
    "a\0b",
    "a\nb",
    "con/a|b",
    "trailing.",
    "",
    "x".repeat(300),
  ])("keeps %j from being joined to a folder", (path) => expect(isSafePath(path)).toBe(false));
});
