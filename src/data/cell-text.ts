import { isUtf8 } from "node:buffer";

/** A cell as text, or why it is none. */
export type CellText = string | { readonly reason: string };

/**
 * A cell as text: `""` where it is null or absent; numbers, bigints and booleans as JavaScript writes them; a date as
 * `2024-05-17`, a time as `2024-05-17T10:30:00.000Z`; bytes where they are UTF-8. Lists, objects, other bytes and
 * text with half a surrogate pair are refused.
 * @param column - for the reason.
 */
export function cellText(value: unknown, column: string): CellText {
  if (typeof value === "string") return wellFormed(value, column);
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  if (value instanceof Date) return dateText(value);
  if (value instanceof Uint8Array) {
    if (!isUtf8(value)) return { reason: `column '${column}' holds bytes, not text` };
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("utf8");
  }
  return { reason: `column '${column}' holds ${Array.isArray(value) ? "a list" : "an object"}, not text` };
}

function wellFormed(text: string, column: string): CellText {
  const at = text.search(/\p{Surrogate}/u);
  if (at === -1) return text;
  const code = text.charCodeAt(at).toString(16).toUpperCase();
  return { reason: `column '${column}' holds half a character (U+${code}, a lone surrogate) at ${at + 1}` };
}

function dateText(date: Date): string {
  if (Number.isNaN(date.getTime())) return "";
  const text = date.toISOString();
  return text.endsWith("T00:00:00.000Z") ? text.slice(0, -"T00:00:00.000Z".length) : text;
}
