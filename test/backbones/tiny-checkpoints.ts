import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DataType, Model } from "../../src/onnx/index.js";
import { encodeModel, type GraphBuilder, graphBuilder, type TensorName } from "../../src/onnx/index.js";

const WORDS = ["[PAD]", "[UNK]", "the", "room", "was", "cold"];
export const DIM = 4;

/** A folder in Hugging Face layout, of files by name; objects become JSON. */
export function checkpointOf(graph: Model, files: Readonly<Record<string, object>>): string {
  const folder = mkdtempSync(join(tmpdir(), "headstart-checkpoint-"));
  mkdirSync(join(folder, "onnx"));
  writeFileSync(join(folder, "onnx", "model.onnx"), encodeModel(graph));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), JSON.stringify(content));
  return folder;
}

/** The files of a text checkpoint whose tokenizer knows six words and adds no special tokens. */
export function textFiles(
  config: object = {},
  settings: object = { model_max_length: 32 },
): Record<string, object> {
  return {
    "config.json": { model_type: "bert", hidden_size: DIM, pad_token_id: 0, ...config },
    "tokenizer_config.json": { tokenizer_class: "PreTrainedTokenizerFast", unk_token: "[UNK]", ...settings },
    "tokenizer.json": {
      version: "1.0",
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: { type: "Whitespace" },
      post_processor: null,
      decoder: null,
      model: {
        type: "WordLevel",
        vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])),
        unk_token: "[UNK]",
      },
    },
  };
}

export interface TextGraph {
  /** Of the token ids and the mask. */
  readonly dtype?: DataType;
  readonly shape?: readonly (number | string)[];
  readonly mask?: boolean;
  readonly stateType?: DataType;
  /** What comes after the table of vectors; default: nothing. */
  readonly layer?: (g: GraphBuilder, states: TensorName) => TensorName;
}

/** A text encoder: a table of vectors, then `layer`. */
export function textGraph(options: TextGraph = {}): Model {
  const { dtype = "int64", shape = ["batch", "tokens"], mask = true, stateType = "float32" } = options;
  const g = graphBuilder({ name: "tiny" });
  const ids = g.input("input_ids", dtype, shape);
  if (mask) g.input("attention_mask", dtype, shape);
  const table = Float32Array.from({ length: WORDS.length * DIM }, (_, i) => Math.sin(1 + 1.7 * i));
  const states = g.op("Gather", [g.float32(table, [WORDS.length, DIM], "table"), ids]);
  const last = options.layer?.(g, states) ?? states;
  g.output(last, "last_hidden_state", stateType, ["batch", "tokens", DIM]);
  return g.build();
}

/** An image encoder that gives back its pixels as a feature map. */
export function imageGraph(shape: readonly (number | string)[], dtype: DataType = "float32"): Model {
  const g = graphBuilder({ name: "pixels" });
  g.output(g.op("Relu", [g.input("pixel_values", dtype, shape)]), "feature_map", dtype, [
    "batch",
    3,
    "h",
    "w",
  ]);
  return g.build();
}

/** The files of an image checkpoint that makes pictures of 8 x 8 pixels. */
export const IMAGE_FILES = {
  "config.json": {},
  "preprocessor_config.json": {
    image_processor_type: "ViTImageProcessor",
    size: { height: 8, width: 8 },
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
    resample: 2,
  },
};
