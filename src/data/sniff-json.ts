import type { ByteSource } from "./byte-source.js";
import { type Peeked, peekedSource } from "./peeked-source.js";

/** What a stream of an unnamed format turned out to hold. */
export interface Sniffed {
  /** Null for text that is no JSON. */
  readonly format: "jsonl" | "json" | null;
  /** How it was known, as a guess is told; null where nothing was guessed. */
  readonly guess: string | null;
  readonly source: ByteSource;
}

/** Bytes that are looked at; a first line that is longer is judged by its beginning. */
const MOST_PEEKED = 2 ** 20;
const [NEWLINE, OPEN_ARRAY, OPEN_OBJECT] = [0x0a, 0x5b, 0x7b];
const NO_CONTENT = new Set([0x20, 0x09, 0x0d, NEWLINE, 0xef, 0xbb, 0xbf]);

/**
 * Tells JSON Lines and JSON documents from plain text by the first line that is not blank: `{` or `[` alone do not make
 * a text JSON, a key behind the one or an object behind the other does. Plain text is known by its first character, so
 * that a slow pipe is not waited for.
 */
export async function sniffJson(unread: ByteSource): Promise<Sniffed> {
  const { start, source } = await peekFirstLine(unread);
  const text = start
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trimStart();
  const format = text.startsWith("{") ? formatOfObject(text) : /^\[\s*(?:\{|$)/.test(text) ? "json" : null;
  const guess =
    format === "jsonl"
      ? "format: jsonl (the first line is a JSON object)"
      : format === "json"
        ? "format: json (it begins as a JSON document does)"
        : null;
  return { format, guess, source };
}

/** The stream up to the end of its first line of two characters or more, if it begins as JSON may. */
function peekFirstLine(unread: ByteSource): Promise<Peeked> {
  let seen = 0;
  return peekedSource(unread, MOST_PEEKED, (piece) => {
    for (const byte of piece) {
      if (seen >= 2 ? byte !== NEWLINE : NO_CONTENT.has(byte)) continue;
      if (seen >= 2 || (seen === 0 && byte !== OPEN_OBJECT && byte !== OPEN_ARRAY)) return true;
      seen++;
    }
    return false;
  });
}

/** A line that is an object, or would be one but for damage, is a row; one that goes on below, or holds the rows, a document. */
function formatOfObject(text: string): "jsonl" | "json" | null {
  const [line = ""] = text.split("\n", 1);
  const value = parsed(line);
  if (value !== null) return holdsRows(value) ? "json" : "jsonl";
  if (!/^\{\s*(?:"|$)/.test(text)) return null;
  const goesOn = /[{[,]\s*$/.test(line) || /^\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\[\s*\{/.test(line);
  return goesOn ? "json" : "jsonl";
}

function parsed(line: string): object | null {
  try {
    const value = JSON.parse(line) as unknown;
    return value !== null && typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

/** `{"rows": [{…}, …]}` on one line: an array of objects, and nothing that could be a row's text. */
function holdsRows(value: object): boolean {
  const members = Object.values(value) as unknown[];
  const rows = members.filter(
    (member) => Array.isArray(member) && member[0] !== null && typeof member[0] === "object",
  );
  return rows.length > 0 && !members.some((member) => typeof member === "string");
}
