import { existsSync } from "node:fs";
import { join } from "node:path";
import { HeadstartError } from "../core/errors.js";
import type { Modality, Pooling } from "./backbone.js";
import { readJson } from "./read-json.js";

/** A folder in Hugging Face layout, its configuration files read. */
export interface Checkpoint {
  readonly folder: string;
  /** Path of the fp32 graph. */
  readonly graph: string;
  readonly modality: Modality;
  readonly config: Readonly<Record<string, unknown>>;
  readonly preprocessor: Readonly<Record<string, unknown>> | null;
  /** What sentence-transformers' module files say; null for each that they do not. */
  readonly sentence: {
    readonly pooling: Pooling | null;
    readonly normalize: boolean | null;
    readonly maxTokens: number | null;
  };
}

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
  const hasTokenizer = existsSync(join(folder, "tokenizer.json"));
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

const POOLING_KEYS = {
  pooling_mode_cls_token: "cls",
  pooling_mode_mean_tokens: "mean",
  pooling_mode_max_tokens: "max",
  pooling_mode_lasttoken: "last",
} as const;

async function readSentenceModules(folder: string): Promise<Checkpoint["sentence"]> {
  const limits = await readJson(join(folder, "sentence_bert_config.json"));
  const maxTokens = typeof limits?.max_seq_length === "number" ? limits.max_seq_length : null;
  const modules = (await readJson(join(folder, "modules.json"))) as unknown;
  if (!Array.isArray(modules)) return { pooling: null, normalize: null, maxTokens };
  let pooling: Pooling | null = null;
  let normalize = false;
  for (const module of modules as { type?: string; path?: string }[]) {
    const kind = module.type?.split(".").at(-1);
    if (kind === "Normalize") normalize = true;
    else if (kind === "Pooling")
      pooling = await readPooling(join(folder, module.path ?? "1_Pooling", "config.json"));
    else if (kind !== "Transformer") {
      throw new HeadstartError(
        "model",
        `${folder}/modules.json has a '${kind}' module, which is not understood`,
        {
          hint: "Backbones of Transformer, Pooling and Normalize modules are.",
        },
      );
    }
  }
  return { pooling, normalize, maxTokens };
}

async function readPooling(path: string): Promise<Pooling> {
  const config = (await readJson(path)) ?? {};
  const modes = Object.keys(config).filter((key) => key.startsWith("pooling_mode_") && config[key] === true);
  const known = modes.length === 1 ? POOLING_KEYS[modes[0] as keyof typeof POOLING_KEYS] : undefined;
  if (known !== undefined) return known;
  throw new HeadstartError("model", `${path}: the pooling [${modes.join(", ")}] is not understood`, {
    facts: { path },
    hint: "Say which to use with --pooling cls, mean, max or last.",
  });
}
