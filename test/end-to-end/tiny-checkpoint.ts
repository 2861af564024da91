import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { random } from "../../src/core/random.js";
import { encodeModel, graphBuilder } from "../../src/onnx/index.js";

const WORDS = [
  "[PAD]",
  "[UNK]",
  "the",
  "was",
  "a",
  "and",
  "room",
  "soup",
  "concert",
  "loved",
  "regret",
  "cold",
];
const DIM = 8;

/** A text checkpoint in Hugging Face layout: a word-level tokenizer, and a table of vectors as its graph. */
export function writeTinyCheckpoint(folder: string): void {
  const tokenizer = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: { type: "Lowercase" },
    pre_tokenizer: { type: "Whitespace" },
    post_processor: null,
    decoder: null,
    model: {
      type: "WordLevel",
      vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])),
      unk_token: "[UNK]",
    },
  };
  const settings = {
    tokenizer_class: "PreTrainedTokenizerFast",
    unk_token: "[UNK]",
    pad_token: "[PAD]",
    model_max_length: 32,
  };
  mkdirSync(join(folder, "onnx"), { recursive: true });
  writeFileSync(
    join(folder, "config.json"),
    JSON.stringify({ model_type: "bert", hidden_size: DIM, pad_token_id: 0 }),
  );
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  writeFileSync(join(folder, "tokenizer_config.json"), JSON.stringify(settings));
  const rng = random(5);
  const g = graphBuilder({ name: "tiny" });
  const ids = g.input("input_ids", "int64", ["batch", "tokens"]);
  g.input("attention_mask", "int64", ["batch", "tokens"]);
  const vectors = Float32Array.from({ length: WORDS.length * DIM }, () => rng.next() - 0.5);
  g.output(g.op("Gather", [g.float32(vectors, [WORDS.length, DIM]), ids]), "last_hidden_state", "float32", [
    "batch",
    "tokens",
    DIM,
  ]);
  writeFileSync(join(folder, "onnx", "model.onnx"), encodeModel(g.build()));
}
