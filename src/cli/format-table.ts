import { printable } from "./printable.js";

/** A cell: numbers are aligned right, text left. */
export type Cell = string | number;

/**
 * Rows under headings, in columns as wide as their widest cell.
 * @param headings - one a column; omitted: the rows alone.
 * @returns lines without trailing spaces.
 */
export function formatTable(rows: readonly (readonly Cell[])[], headings?: readonly string[]): string[] {
  const all = (headings === undefined ? rows : [headings, ...rows]).map((row) =>
    row.map((cell) => (typeof cell === "string" ? printable(cell) : cell)),
  );
  const columns = Math.max(0, ...all.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(0, ...all.map((row) => width(String(row[column] ?? "")))),
  );
  const numeric = widths.map((_, column) => rows.length > 0 && rows.every((row) => isNumber(row[column])));
  return all.map((row) =>
    row
      .map((cell, column) => {
        const text = String(cell);
        const space = " ".repeat(widths[column]! - width(text));
        return numeric[column] ? space + text : text + space;
      })
      .join("  ")
      .trimEnd(),
  );
}

/** Facts, a line each: `  rows      3,382`. */
export function formatFacts(facts: readonly (readonly [name: string, value: Cell | null])[]): string[] {
  return formatTable(
    facts.filter(([, value]) => value !== null).map(([name, value]) => [`  ${name}`, String(value)]),
  );
}

function isNumber(cell: Cell | undefined): boolean {
  return typeof cell === "number" || (typeof cell === "string" && /^-?[\d,]+(\.\d+)?%?$/.test(cell));
}

/** Columns on a terminal: wide East Asian characters and emoji take two. */
function width(text: string): number {
  let columns = 0;
  for (const character of text)
    columns += /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\uffdc]/u.test(character) ? 2 : 1;
  return columns;
}
