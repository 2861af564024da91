import { describe, expect, it } from "vitest";
import {
  externalDataFiles,
  graphFile,
  graphFiles,
  missingGraph,
  precisionsOf,
} from "../../src/backbones/graph-file.js";

const XENOVA = [
  "config.json",
  "onnx/model.onnx",
  "onnx/model_fp16.onnx",
  "onnx/model_int8.onnx",
  "onnx/model_q4.onnx",
  "onnx/model_quantized.onnx",
  "onnx/model_uint8.onnx",
];
const SENTENCE = [
  "model.safetensors",
  "onnx/model.onnx",
  "onnx/model_O4.onnx",
  "onnx/model_qint8_arm64.onnx",
  "onnx/model_qint8_avx512.onnx",
  "onnx/model_qint8_avx512_vnni.onnx",
];
const WHISPER = ["onnx/decoder_model_merged.onnx", "onnx/encoder_model.onnx", "onnx/encoder_model_int8.onnx"];
const CLIP = [
  "onnx/model.onnx",
  "onnx/model_quantized.onnx",
  "onnx/text_model.onnx",
  "onnx/text_model_quantized.onnx",
  "onnx/vision_model.onnx",
  "onnx/vision_model_fp16.onnx",
  "onnx/vision_model_quantized.onnx",
];

describe("graphFile", () => {
  it.each([
    ["Xenova", XENOVA, "fp32", "text", "onnx/model.onnx"],
    ["Xenova", XENOVA, "fp16", "text", "onnx/model_fp16.onnx"],
    ["Xenova", XENOVA, "int8", "image", "onnx/model_quantized.onnx"],
    ["sentence-transformers", SENTENCE, "int8", "text", "onnx/model_qint8_avx512_vnni.onnx"],
    ["sentence-transformers", SENTENCE, "fp16", "text", null],
    ["Whisper", WHISPER, "fp32", "audio", "onnx/encoder_model.onnx"],
    ["Whisper", WHISPER, "int8", "audio", "onnx/encoder_model_int8.onnx"],
    ["CLIP", CLIP, "fp32", "text", "onnx/text_model.onnx"],
    ["CLIP", CLIP, "int8", "image", "onnx/vision_model_quantized.onnx"],
    ["an export at the root", ["model.onnx", "model_fp16.onnx"], "fp16", "text", "model_fp16.onnx"],
    ["both places", ["model.onnx", "onnx/model.onnx"], "fp32", "text", "onnx/model.onnx"],
    ["nothing known", ["weights.onnx", "sub/model.onnx", "onnx\\model.onnx"], "fp32", "text", null],
  ] as const)("finds in %s", (_what, files, precision, modality, expected) => {
    expect(graphFile(files, precision, modality)).toBe(expected);
  });

  it("asks for both sides of CLIP where the modality is open, and for one graph elsewhere", () => {
    expect(graphFiles(CLIP, "fp32", null)).toEqual(["onnx/text_model.onnx", "onnx/vision_model.onnx"]);
    expect(graphFiles(CLIP, "fp32", "image")).toEqual(["onnx/vision_model.onnx"]);
    expect(graphFiles(XENOVA, "fp32", null)).toEqual(["onnx/model.onnx"]);
    expect(graphFiles(WHISPER, "fp32", null)).toEqual(["onnx/encoder_model.onnx"]);
    expect(graphFiles(SENTENCE, "fp16", null)).toEqual([]);
  });

  it("takes the data that belongs to one graph, and no other's", () => {
    const files = [
      "onnx/model.onnx",
      "onnx/model.onnx_data",
      "onnx/model.onnx_data_1",
      "onnx/model.onnx_data_old",
      "onnx/model.onnx.data",
      "onnx/model_fp16.onnx_data",
    ];
    expect(externalDataFiles(files, "onnx/model.onnx")).toEqual([
      "onnx/model.onnx_data",
      "onnx/model.onnx_data_1",
      "onnx/model.onnx.data",
    ]);
    expect(externalDataFiles(files, "onnx/model_fp16.onnx")).toEqual(["onnx/model_fp16.onnx_data"]);
  });
});

describe("missingGraph", () => {
  it("lists what is there", () => {
    expect(precisionsOf(SENTENCE)).toEqual(["fp32", "int8"]);
    const { message, hint } = missingGraph("org/name", SENTENCE, "fp16");
    expect(message).toBe("org/name has no fp16 graph");
    expect(hint).toContain("It has fp32, int8 (onnx/model.onnx, onnx/model_O4.onnx");
    expect(hint).toContain("--precision fp32");
  });

  it("says how to export a repository that has none, and where a twin may be", () => {
    const { message, hint } = missingGraph("org/name", ["model.safetensors"], "fp32");
    expect(message).toBe("org/name has no ONNX export");
    expect(hint).toContain("optimum-cli export onnx --model org/name --task feature-extraction ./name");
    expect(hint).toContain("onnx-community/name or Xenova/name");
    const own = missingGraph("/my models/bert", [], "fp32").hint;
    expect(own).toContain('--model "/my models/bert" --task feature-extraction ./exported');
    expect(own).not.toContain("Xenova");
  });

  it("names graphs that it does not know", () => {
    expect(missingGraph("org/name", ["weights.onnx"], "fp32", "text").message).toBe(
      "org/name has no graph for text under a known name",
    );
  });
});
