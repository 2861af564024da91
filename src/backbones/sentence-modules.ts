import { join } from "node:path";
import { HeadstartError } from "../core/errors.js";
import type { Pooling } from "./backbone.js";
import { pathWithin } from "./path-within.js";
import { readJson, readJsonList } from "./read-json.js";
import { type Dense, readDense } from "./sentence-modules-dense.js";

/** What sentence-transformers' module files say of a checkpoint; null for each that they do not. */
export interface SentenceModules {
  readonly pooling: Pooling | null;
  /** Whether the tokens of a prompt are pooled with the others; default true. */
  readonly includePrompt: boolean;
  /** Layers after the pooling, in order; empty where there are none. */
  readonly dense: readonly Dense[];
  readonly normalize: boolean | null;
  readonly maxTokens: number | null;
  /** Whether texts are put in lower case before anything else. */
  readonly lowerCase: boolean;
  /** Words to put before a text, by the name of what it is for. */
  readonly prompts: Readonly<Record<string, string>>;
  readonly defaultPrompt: string | null;
}

/**
 * Reads `modules.json` and the files it names: transformer's limits, pooling, Dense layers, normalisation, prompts.
 * @param folder - of the checkpoint; one without `modules.json` says little.
 * @throws {HeadstartError} `model` naming the file and what in it is not understood.
 */
export async function readSentenceModules(folder: string): Promise<SentenceModules> {
  const settings = (await readJson(join(folder, "config_sentence_transformers.json"))) ?? {};
  const said = {
    prompts: Object.fromEntries(
      Object.entries((settings.prompts ?? {}) as object).filter(([, words]) => typeof words === "string"),
    ) as Record<string, string>,
    defaultPrompt: typeof settings.default_prompt_name === "string" ? settings.default_prompt_name : null,
  };
  const file = join(folder, "modules.json");
  const modules = (await readJsonList(file)) ?? [];
  if (modules.length > MAX_MODULES) {
    throw new HeadstartError(
      "model",
      `${file} lists ${modules.length} modules; the limit is ${MAX_MODULES}`,
      {
        facts: { modules: modules.length, limit: MAX_MODULES },
        hint: "Fetch the checkpoint again: real ones have a handful.",
      },
    );
  }
  let limits = await limitsOf(folder);
  let pooling: PoolingConfig = { pooling: null, includePrompt: true };
  const dense: Dense[] = [];
  let normalize = false;
  for (const module of modules) {
    const { type, path: named = "" } = (module ?? {}) as { type?: unknown; path?: unknown };
    const kind = String(type).split(".").at(-1);
    const path = pathWithin(folder, named, file);
    if (kind === "Transformer") {
      if (named !== "") limits = await limitsOf(path);
    } else if (kind === "CLIPModel") continue;
    else if (kind === "Pooling")
      pooling = await readPooling(join(named === "" ? join(folder, "1_Pooling") : path, "config.json"));
    else if (kind === "Normalize") normalize = true;
    else if (kind === "Dense" && !normalize) dense.push(await readDense(path));
    else if (kind !== "Dropout") {
      const after = kind === "Dense" ? " after its Normalize module" : "";
      throw new HeadstartError(
        "model",
        `${folder}/modules.json has a '${kind}' module${after}, which is not understood`,
        {
          facts: { module: kind },
          hint: "Backbones of Transformer, CLIPModel, Pooling, Dense and Normalize modules are.",
        },
      );
    }
  }
  return { ...said, ...limits, ...pooling, dense, normalize: modules.length > 0 ? normalize : null };
}

/** Each may read a file. */
const MAX_MODULES = 64;

async function limitsOf(folder: string): Promise<Pick<SentenceModules, "maxTokens" | "lowerCase">> {
  const limits = (await readJson(join(folder, "sentence_bert_config.json"))) ?? {};
  return {
    maxTokens: typeof limits.max_seq_length === "number" ? limits.max_seq_length : null,
    lowerCase: limits.do_lower_case === true,
  };
}

type PoolingConfig = Pick<SentenceModules, "pooling" | "includePrompt">;

/** By the flag of a pooling's config.json, and by the word of newer ones. */
const POOLINGS: Readonly<Record<string, Pooling>> = {
  pooling_mode_cls_token: "cls",
  pooling_mode_mean_tokens: "mean",
  pooling_mode_max_tokens: "max",
  pooling_mode_lasttoken: "last",
  pooling_mode_weightedmean_tokens: "weighted-mean",
  pooling_mode_mean_sqrt_len_tokens: "mean-sqrt-length",
  cls: "cls",
  mean: "mean",
  max: "max",
  lasttoken: "last",
  weightedmean: "weighted-mean",
  mean_sqrt_len_tokens: "mean-sqrt-length",
};

async function readPooling(path: string): Promise<PoolingConfig> {
  const config = (await readJson(path)) ?? {};
  const flags = Object.keys(config).filter((key) => key.startsWith("pooling_mode_"));
  const on = flags.filter((key) => config[key] === true);
  const modes: unknown[] =
    config.pooling_mode !== undefined
      ? [config.pooling_mode].flat()
      : flags.length > 0 && on.length === 0
        ? ["mean"]
        : on;
  const pooling = modes.length === 1 ? POOLINGS[String(modes[0])] : undefined;
  if (pooling !== undefined) return { pooling, includePrompt: config.include_prompt !== false };
  throw new HeadstartError("model", `${path}: the pooling [${modes.join(", ")}] is not understood`, {
    facts: { path, modes },
    hint: `One of [${Object.keys(POOLINGS).slice(6).join(", ")}] is; several concatenated are not.`,
  });
}
