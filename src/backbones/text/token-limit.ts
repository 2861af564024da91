import { HeadstartError } from "../../core/errors.js";
import type { Habit } from "../families.js";
import type { SentenceModules } from "../sentence-modules.js";

/** Where a limit may be told. */
export interface LimitSources {
  readonly folder: string;
  readonly sentence: Pick<SentenceModules, "maxTokens">;
  /** tokenizer_config.json. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** config.json, of two-sided models the part of the text. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly habit: Habit | null;
}

/** Decoders with rotary positions may say that they read millions of tokens. */
const MOST = 1e9;

/**
 * How many tokens of a text are read, special ones included: `max_seq_length` of sentence_bert_config.json, else
 * `model_max_length` of tokenizer_config.json, and no more than the table of positions has room for.
 * @throws {HeadstartError} `model` if no file tells it.
 */
export function tokenLimit({ folder, sentence, settings, config, habit }: LimitSources): number {
  const isLimit = (limit: unknown): limit is number =>
    typeof limit === "number" && limit >= 1 && limit < MOST;
  const said = [sentence.maxTokens, settings.model_max_length].find(isLimit);
  const limits = [said, positionsOf(config, habit)].filter(isLimit);
  const maxTokens = Math.floor(Math.min(...limits));
  if (Number.isInteger(maxTokens)) return maxTokens;
  throw new HeadstartError("model", `${folder} does not say how many tokens it reads`, {
    facts: { folder },
    hint: "Add model_max_length to tokenizer_config.json.",
  });
}

/** Tokens that are read without being asked for; attention over as many takes some gigabytes. */
const MOST_UNASKED = 8192;

/**
 * How many tokens of a text are read: as many as are wanted, else the checkpoint's limit, but 8,192 at most.
 * @param limit - the checkpoint's own (`tokenLimit`).
 * @param taken - tokens of a text without a word: special ones, and the prompt's.
 * @throws {HeadstartError} `usage` for more than the limit, and where no token would be left for the text.
 */
export function chosenLimit(wanted: number | undefined, limit: number, taken: () => number): number {
  if (wanted === undefined) return Math.min(limit, MOST_UNASKED);
  if (!(Number.isSafeInteger(wanted) && wanted >= 1)) {
    throw new HeadstartError("usage", `maxTokens must be a whole number of at least 1, got ${wanted}`, {
      facts: { maxTokens: wanted },
      hint: "Leave --max-tokens out for the checkpoint's own limit.",
    });
  }
  if (wanted > limit) {
    throw new HeadstartError("usage", `The checkpoint reads at most ${limit} tokens, not ${wanted}`, {
      facts: { maxTokens: wanted, limit },
      hint: `Use --max-tokens ${limit} or fewer; longer texts are cut, and counted.`,
    });
  }
  const lead = taken();
  if (wanted > lead) return wanted;
  throw new HeadstartError(
    "usage",
    `${wanted} tokens leave none for the text: ${lead} are special ones and the prompt's`,
    { facts: { maxTokens: wanted, taken: lead }, hint: `Use --max-tokens ${lead + 1} or more.` },
  );
}

/** How many tokens the position table has room for; null where config.json does not say or distances count. */
function positionsOf(config: LimitSources["config"], habit: Habit | null): number | null {
  const rows = config.max_position_embeddings ?? config.n_positions;
  if (typeof rows !== "number") return null;
  if (habit?.positions !== "after-padding") return rows;
  const padding = typeof config.pad_token_id === "number" ? config.pad_token_id : 1;
  return rows - padding - 1;
}
