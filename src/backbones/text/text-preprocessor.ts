import { join } from "node:path";
import { HeadstartError } from "../../core/errors.js";
import { sha256OfFile } from "../../core/hash.js";
import type { TextPreprocessor } from "../backbone.js";
import type { Checkpoint } from "../checkpoint.js";
import { readJson } from "../read-json.js";
import { hfTokenizer, type Tokenizer } from "./hf-tokenizer.js";
import { unigramTokenizer } from "./unigram-tokenizer.js";

/** A checkpoint's tokenizer with its limit, and what of it goes into the fingerprint. */
export interface LoadedText {
  readonly preprocessor: TextPreprocessor;
  readonly padId: number;
  readonly description: Readonly<Record<string, unknown>>;
}

/**
 * Loads `tokenizer.json` of a checkpoint. The limit is the smallest that the checkpoint names: max_seq_length,
 * model_max_length, the position table.
 * @throws {HeadstartError} `model` if the tokenizer is missing or not understood.
 */
export async function loadText(checkpoint: Checkpoint): Promise<LoadedText> {
  const path = join(checkpoint.folder, "tokenizer.json");
  const json = await readJson(path);
  if (json === null) throw new HeadstartError("model", `${checkpoint.folder} has no tokenizer.json`);
  const settings = (await readJson(join(checkpoint.folder, "tokenizer_config.json"))) ?? {};
  const limits = [checkpoint.sentence.maxTokens, settings.model_max_length, positionsOf(checkpoint.config)];
  const maxTokens = Math.min(
    ...limits.filter((limit) => typeof limit === "number").filter((limit) => limit >= 1 && limit < 1e9),
  );
  if (!Number.isInteger(maxTokens)) {
    throw new HeadstartError("model", `${checkpoint.folder} does not say how many tokens it reads`, {
      hint: "Add model_max_length to tokenizer_config.json.",
    });
  }
  const tokenizer =
    settings.tokenizer_class === "UseLiteTokenizer" ? useLite(json) : await hfTokenizer(json, settings);
  const padId = typeof checkpoint.config.pad_token_id === "number" ? checkpoint.config.pad_token_id : 0;
  return {
    padId,
    preprocessor: { kind: "text", maxTokens, encode: (text) => tokenizer.encode(text, maxTokens) },
    description: { tokenizer: await sha256OfFile(path), maxTokens, ...changesOfText(settings) },
  };
}

/** Families whose first position is the one after the padding token's id: their table holds fewer tokens than rows. */
const POSITIONS_AFTER_PADDING = [
  "roberta",
  "xlm-roberta",
  "camembert",
  "mpnet",
  "longformer",
  "xlm-roberta-xl",
];

/** How many tokens the position table of a checkpoint has room for; null where config.json does not say. */
function positionsOf(config: Checkpoint["config"]): number | null {
  const { max_position_embeddings: rows, model_type: family, pad_token_id: padding } = config;
  if (typeof rows !== "number") return null;
  const offset = POSITIONS_AFTER_PADDING.includes(String(family));
  return offset ? rows - (typeof padding === "number" ? padding : 1) - 1 : rows;
}

/** The settings of tokenizer_config.json, off by default, that change a text before tokenizer.json does. */
const TEXT_SETTINGS = ["remove_space", "do_lowercase_and_remove_accent"];

function changesOfText(settings: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(TEXT_SETTINGS.filter((key) => settings[key]).map((key) => [key, settings[key]]));
}

/** The sentence-piece tokenizer of the Universal Sentence Encoder: no special tokens, the first tokens are kept. */
function useLite(json: unknown): Tokenizer {
  const { encode } = unigramTokenizer(json);
  return {
    encode(text, maxTokens) {
      const ids = encode(text);
      return ids.length <= maxTokens
        ? { ids, truncated: false }
        : { ids: ids.slice(0, maxTokens), truncated: true };
    },
  };
}
