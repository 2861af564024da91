import { join } from "node:path";
import { HeadstartError } from "../../core/errors.js";
import type { TextPreprocessor } from "../backbone.js";
import type { Checkpoint } from "../checkpoint.js";
import type { Habit } from "../families.js";
import type { TextRecipe } from "../preprocess/recipe.js";
import { checkTokenizer } from "./check-tokenizer.js";
import { heedSettings } from "./heed-settings.js";
import { lowerFirst } from "./lower-first.js";
import { promptOf } from "./prompt.js";
import { readTokenizer, type TokenizerFiles } from "./read-tokenizer.js";
import { chosenLimit, tokenLimit } from "./token-limit.js";
import type { Tokenizer } from "./tokenizer-type.js";

/** What of a checkpoint decides about token ids. */
export type TextFiles = Pick<Checkpoint, "folder" | "config" | "sentence">;

export interface TextOptions {
  readonly prompt?: string;
  readonly maxTokens?: number;
  readonly habit?: Habit | null;
}

/** A checkpoint's tokenizer with its limit, and what of it goes into the fingerprint. */
export interface LoadedText {
  readonly preprocessor: TextPreprocessor;
  readonly padId: number;
  /** Of the vocabulary, added tokens left out. */
  readonly largestId: number;
  /** The token that positions count from behind, where the family has it so. */
  readonly positionsAfter: number | null;
  /** How many tokens of each text are the prompt's, those before it included. */
  readonly promptTokens: number;
  readonly description: Readonly<Record<string, unknown>>;
}

/**
 * Loads a checkpoint's tokenizer (`readTokenizer`), its limit (`tokenLimit`) and its prompt (`promptOf`).
 * Everything that changes a token id goes into `description`: the digest of the vocabulary, the limit, the settings that
 * are heeded, the prompt's words; and so do the Dense layers after the graph.
 * @throws {HeadstartError} `model` if the tokenizer is missing or not understood, `usage` for an unknown prompt and for a
 *   number of tokens that cannot be had.
 */
export async function loadText(checkpoint: TextFiles, wanted: TextOptions = {}): Promise<LoadedText> {
  const { config, sentence, folder } = checkpoint;
  const textConfig = { ...config, ...((config.text_config ?? {}) as object) } as Record<string, unknown>;
  const files = await readTokenizer(folder, String(config.model_type));
  const { settings } = files;
  const largestId = checkTokenizer(files.json, join(folder, "tokenizer.json"));
  const habit = wanted.habit ?? null;
  const limit = tokenLimit({ folder, sentence, settings, config: textConfig, habit });
  const { json, changed } = heedSettings(files.json, settings);
  const tokenizer = await tokenizerOf({ ...files, json: sentence.lowerCase ? lowerFirst(json) : json });
  const prompt = promptOf(sentence, wanted.prompt);
  const whole = String(textConfig.model_type).startsWith("siglip");
  if (whole && limit > MOST_FILLED) {
    throw new HeadstartError(
      "model",
      `${folder} fills every text up to ${limit} tokens; the limit is ${MOST_FILLED}`,
      {
        facts: { folder, maxTokens: limit },
        hint: "Correct model_max_length in tokenizer_config.json: 64 is usual.",
      },
    );
  }
  const padId = padIdOf(files, textConfig, tokenizer);
  const left = settings.truncation_side === "left";
  const maxTokens = chosenLimit(
    wanted.maxTokens,
    limit,
    () => tokenizer.encode(prompt, limit, "right").ids.length,
  );
  const encode: TextPreprocessor["encode"] = (text) => {
    const { ids, truncated } = tokenizer.encode(prompt + text, maxTokens, left ? "left" : "right");
    return { ids: whole ? filled(ids, maxTokens, padId) : ids, truncated };
  };
  const description = {
    tokenizer: files.digest,
    maxTokens,
    ...heeded(settings),
    ...changed,
    ...(sentence.lowerCase ? { lowerCase: true } : {}),
    ...(left ? { truncation: "left" } : {}),
    ...(whole ? { padding: "to maxTokens", padId } : {}),
    ...(prompt === "" ? {} : { prompt, promptPooled: sentence.includePrompt }),
    ...(sentence.dense.length === 0 ? {} : { dense: sentence.dense.map(describeDense) }),
  };
  return {
    padId,
    largestId,
    positionsAfter: habit?.positions === "after-padding" ? paddingOf(textConfig) : null,
    promptTokens: prompt === "" ? 0 : tokenizer.lead(prompt, maxTokens),
    preprocessor: Object.freeze<TextPreprocessor>({
      kind: "text",
      maxTokens,
      limit,
      ...(tokenizer.threadable ? { recipe: textRecipe(checkpoint, wanted, files.digest) } : {}),
      encode,
    }),
    description,
  };
}

function textRecipe(
  { folder, config, sentence }: TextFiles,
  options: TextOptions,
  tokenizer: string,
): TextRecipe {
  // The weights of Dense layers change no token.
  return {
    kind: "text",
    files: { folder, config, sentence: { ...sentence, dense: [] } },
    options,
    tokenizer,
  };
}

/** Texts that are filled up to the limit take memory for all of it, however short they are. */
const MOST_FILLED = 65_536;

async function tokenizerOf({ json, settings }: TokenizerFiles): Promise<Tokenizer> {
  if (settings.tokenizer_class === "UseLiteTokenizer") return useLite(json);
  const { hfTokenizer } = await import("./hf-tokenizer.js");
  return hfTokenizer(json, settings);
}

const paddingOf = ({ pad_token_id: id }: Readonly<Record<string, unknown>>): number =>
  typeof id === "number" ? id : 1;

/** What fills a row that is shorter than its neighbours: a token that graphs know as padding. */
function padIdOf(
  { settings }: TokenizerFiles,
  config: Record<string, unknown>,
  tokenizer: Tokenizer,
): number {
  const name = settings.pad_token as { content?: string } | string | null | undefined;
  const id =
    name === null || name === undefined
      ? null
      : tokenizer.idOf(typeof name === "string" ? name : `${name.content}`);
  if (id !== null) return id;
  return typeof config.pad_token_id === "number" && config.pad_token_id >= 0 ? config.pad_token_id : 0;
}

function filled(ids: Int32Array, size: number, padId: number): Int32Array {
  if (ids.length === size) return ids;
  const out = new Int32Array(size).fill(padId);
  out.set(ids);
  return out;
}

function describeDense({ digest, activation, residual }: Checkpoint["sentence"]["dense"][number]): object {
  return { digest, activation, residual: residual !== null };
}

/** The settings of tokenizer_config.json, off by default, that change a text before tokenizer.json does. */
const TEXT_SETTINGS = ["remove_space", "do_lowercase_and_remove_accent"];

function heeded(settings: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(TEXT_SETTINGS.filter((key) => settings[key]).map((key) => [key, settings[key]]));
}

/** The sentence-piece tokenizer of the Universal Sentence Encoder: no special tokens, the first tokens are kept. */
async function useLite(json: unknown): Promise<Tokenizer> {
  const { unigramTokenizer } = await import("./unigram-tokenizer.js");
  const { encode } = unigramTokenizer(json);
  return {
    threadable: true,
    idOf: () => null,
    lead: (text, maxTokens) => Math.min(maxTokens, encode(text).length),
    encode(text, maxTokens, side) {
      const ids = encode(text);
      if (ids.length <= maxTokens) return { ids, truncated: false };
      return { ids: side === "left" ? ids.slice(-maxTokens) : ids.slice(0, maxTokens), truncated: true };
    },
  };
}
