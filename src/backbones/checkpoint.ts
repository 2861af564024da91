import { existsSync } from "node:fs";
import { join } from "node:path";
import { HeadstartError } from "../core/errors.js";
import type { Modality } from "./backbone.js";
import { readJson } from "./read-json.js";
import { readSentenceModules, type SentenceModules } from "./sentence-modules.js";

/** A folder in Hugging Face layout, its configuration files read. */
export interface Checkpoint {
  readonly folder: string;
  /** Path of the fp32 graph. */
  readonly graph: string;
  readonly modality: Modality;
  readonly config: Readonly<Record<string, unknown>>;
  readonly preprocessor: Readonly<Record<string, unknown>> | null;
  /** What sentence-transformers' module files say; null for each that they do not. */
  readonly sentence: SentenceModules;
}

/** Any of these says that texts are read. */
const TOKENIZER_FILES = ["tokenizer.json", "vocab.txt", "vocab.json"];

/**
 * Reads `config.json`, `preprocessor_config.json`, sentence-transformers' `modules.json` and finds the graph.
 * @throws {HeadstartError} `model` naming the file that is missing.
 */
export async function readCheckpoint(folder: string): Promise<Checkpoint> {
  const graph = [join(folder, "onnx", "model.onnx"), join(folder, "model.onnx")].find(existsSync);
  if (graph === undefined) {
    throw new HeadstartError("model", `${folder} has no onnx/model.onnx`, {
      facts: { folder },
      hint: "Export it: optimum-cli export onnx --model <id> --task feature-extraction <folder>",
    });
  }
  const config = await readJson(join(folder, "config.json"));
  if (config === null) {
    throw new HeadstartError("model", `${folder} has no config.json`, {
      facts: { folder },
      hint: "Copy the checkpoint's config.json beside the onnx folder.",
    });
  }
  const preprocessor = await readJson(join(folder, "preprocessor_config.json"));
  const hasTokenizer = TOKENIZER_FILES.some((name) => existsSync(join(folder, name)));
  if (!hasTokenizer && preprocessor === null) {
    throw new HeadstartError(
      "model",
      `${folder} has neither tokenizer.json (text) nor preprocessor_config.json (images)`,
      {
        facts: { folder },
      },
    );
  }
  return {
    folder,
    graph,
    config,
    preprocessor,
    modality: hasTokenizer ? "text" : "image",
    sentence: await readSentenceModules(folder),
  };
}
