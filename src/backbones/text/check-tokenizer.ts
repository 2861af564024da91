import { HeadstartError } from "../../core/errors.js";
import { checkPattern } from "./check-pattern.js";

/** More added tokens than any encoder has; each is looked for at each place of a text. */
const MAX_ADDED = 50_000;
/** Steps of normalisers, pre-tokenizers and their like, all together. */
const MAX_STEPS = 256;
/** Characters that a Replace or Prepend may put in. */
const MAX_CONTENT = 256;
/** A replacement that is longer than what it replaces, that often one after the other, makes any text too long. */
const MAX_GROWING = 8;
/** Characters of a token; the longest in use have some 256. The time for a text grows with it. */
const MAX_TOKEN = 1024;
/** WordPiece takes longer words for unknown, commonly beyond 100 characters; its time grows with the square of it. */
const MAX_WORD = 1000;
const MAX_ID = 2 ** 31 - 1;

/**
 * Refuses a `tokenizer.json` that is made to do harm, before anything is built of it: ids that are none, expressions that
 * take time without end, replacements that blow a text up, added tokens and steps without number.
 * @param path - the file, for the error.
 * @returns the largest id that its vocabulary gives, added tokens left out; -1 for an empty one.
 * @throws {HeadstartError} `model` naming the file and the part.
 */
export function checkTokenizer(json: Readonly<Record<string, unknown>>, path: string): number {
  const { added_tokens: added = [], model } = json;
  if (!Array.isArray(added)) throw refused(path, "added_tokens is no list");
  if (added.length > MAX_ADDED)
    throw refused(path, `has ${added.length} added tokens; the limit is ${MAX_ADDED}`);
  for (const token of added as unknown[]) {
    const { id, content } = (token ?? {}) as { id?: unknown; content?: unknown };
    if (!isId(id) || typeof content !== "string") throw refused(path, `has the added token ${shown(token)}`);
  }
  checkSteps([json.normalizer, json.pre_tokenizer, json.post_processor, json.decoder], path);
  checkFrame(json.post_processor, path);
  const {
    unk_id: unknown = null,
    vocab,
    max_input_chars_per_word: longestWord,
  } = (model ?? {}) as Record<string, unknown>;
  if (typeof longestWord === "number" && longestWord > MAX_WORD) {
    throw refused(path, `tries words of up to ${longestWord} characters; the limit is ${MAX_WORD}`);
  }
  const largest = largestId(vocab, path);
  if (unknown !== null && !(isId(unknown) && unknown <= largest)) {
    throw refused(path, `gives unknown words the id ${shown(unknown)}; its largest is ${largest}`);
  }
  return largest;
}

/** Walks all steps, whatever their kind: only what could do harm is looked at. */
function checkSteps(parts: readonly unknown[], path: string): void {
  let steps = 0;
  let growing = 0;
  const pending = [...parts];
  while (pending.length > 0) {
    const part = pending.pop();
    if (typeof part !== "object" || part === null) continue;
    if (Array.isArray(part)) {
      for (const one of part) pending.push(one);
      continue;
    }
    const { type, pattern, content, prepend, Regex } = part as Record<string, unknown>;
    if (typeof type === "string" && ++steps > MAX_STEPS)
      throw refused(path, `has more than ${MAX_STEPS} steps`);
    if (typeof Regex === "string") checkPattern(Regex, path);
    for (const text of [content, prepend]) {
      if (typeof text === "string" && text.length > MAX_CONTENT && type !== undefined) {
        throw refused(path, `puts in a text of ${text.length} characters; the limit is ${MAX_CONTENT}`);
      }
    }
    if (type === "Precompiled") checkCharsmap((part as Record<string, unknown>).precompiled_charsmap, path);
    const replaced = (pattern as { String?: unknown } | null | undefined)?.String;
    const least = typeof replaced === "string" ? replaced.length : 1;
    if (
      type === "Replace" &&
      typeof content === "string" &&
      content.length > least &&
      ++growing > MAX_GROWING
    ) {
      throw refused(path, `has more than ${MAX_GROWING} replacements that make a text longer`);
    }
    for (const one of Object.values(part)) pending.push(one);
  }
}

/** All numbers of a post-processor are ids or types of segments; a negative id would count from the table's end. */
function checkFrame(part: unknown, path: string): void {
  const pending = [part];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value === "number" && !isId(value)) {
      throw refused(path, `puts the id ${value} around texts`);
    }
    if (typeof value === "object" && value !== null)
      for (const one of Object.values(value)) pending.push(one);
  }
}

/** What stands for a character, after the trie of the characters: each ended by a zero. */
function checkCharsmap(base64: unknown, path: string): void {
  const bytes = Buffer.from(typeof base64 === "string" ? base64 : "", "base64");
  let start = bytes.length < 4 ? bytes.length : Math.min(bytes.length, 4 + bytes.readUInt32LE(0));
  while (start < bytes.length) {
    const zero = bytes.indexOf(0, start);
    const end = zero < 0 ? bytes.length : zero;
    if (end - start > MAX_CONTENT) {
      throw refused(path, `puts in a text of ${end - start} bytes; the limit is ${MAX_CONTENT}`);
    }
    start = end + 1;
  }
}

function largestId(vocab: unknown, path: string): number {
  // A list has its ids in its order; what is no vocabulary at all is named by whoever builds of it.
  if (Array.isArray(vocab)) {
    for (const entry of vocab as unknown[]) checkToken(Array.isArray(entry) ? entry[0] : entry, path);
    return vocab.length - 1;
  }
  let largest = -1;
  for (const [token, id] of Object.entries((vocab ?? {}) as Record<string, unknown>)) {
    checkToken(token, path);
    if (!isId(id)) throw refused(path, `gives ${shown(token)} the id ${shown(id)}`);
    if (id > largest) largest = id;
  }
  return largest;
}

function checkToken(token: unknown, path: string): void {
  if (typeof token !== "string") throw refused(path, `has ${shown(token)} for a token`);
  if (token.length > MAX_TOKEN) {
    throw refused(path, `has a token of ${token.length} characters; the limit is ${MAX_TOKEN}`);
  }
}

/**
 * Refuses a tokenizer whose vocabulary does not fit the graph's table of vectors.
 * @param largest - as `checkTokenizer` returns it.
 * @param rows - of the table; null where the graph does not tell.
 * @throws {HeadstartError} `model` naming both.
 */
export function checkVocabulary(largest: number, rows: number | null, folder: string): void {
  if (rows === null || largest < rows) return;
  throw new HeadstartError(
    "model",
    `${folder}: the tokenizer gives ids up to ${largest}, the graph has vectors for ${rows} tokens`,
    {
      facts: { folder, largestId: largest, rows },
      hint: "Tokenizer and graph are of different checkpoints: fetch or export both together.",
    },
  );
}

function isId(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_ID;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function refused(path: string, what: string): HeadstartError {
  return new HeadstartError("model", `${path} ${what}`, {
    facts: { path },
    hint: "Fetch the tokenizer again from whoever published it.",
  });
}
