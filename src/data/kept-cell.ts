import { cellText } from "./cell-text.js";
import type { KeptCell, KeptColumn } from "./kept-columns.js";

/**
 * A cell as it is kept: null where it is null or absent, else of the column's type. As text, lists and objects are JSON,
 * all others what `cellText` makes of them; spaces and empty texts stay.
 * @returns the value, or why it cannot be kept: bytes that are no text, half a character, an integer beyond 64 bits.
 */
export function keptCell(
  value: unknown,
  { name, type }: KeptColumn,
): { readonly value: KeptCell } | { readonly reason: string } {
  if (value === null || value === undefined) return { value: null };
  if (type === "int64" && (typeof value === "bigint" || Number.isSafeInteger(value))) {
    return { value: BigInt(value as bigint | number) };
  }
  if (type === "float64" && typeof value === "number") return { value };
  if (type === "bool" && typeof value === "boolean") return { value };
  if (type !== "utf8")
    return { reason: `column '${name}' holds a ${typeof value} where ${type} is declared` };
  const plain = typeof value !== "object" || value instanceof Date || value instanceof Uint8Array;
  const text = cellText(plain ? value : JSON.stringify(value), name);
  return typeof text === "string" ? { value: text } : text;
}
