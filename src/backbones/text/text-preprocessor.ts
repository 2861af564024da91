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
  const limits = [
    checkpoint.sentence.maxTokens,
    settings.model_max_length,
    checkpoint.config.max_position_embeddings,
  ];
  const maxTokens = Math.min(
    ...limits.filter((limit): limit is number => typeof limit === "number" && limit > 0 && limit < 1e9),
  );
  if (!Number.isFinite(maxTokens)) {
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
    description: { tokenizer: await sha256OfFile(path), maxTokens },
  };
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
