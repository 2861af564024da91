import type { EvaluateResult } from "../pipeline/types.js";
import { count, counted } from "./format-number.js";
import { formatTable } from "./format-table.js";

/** Pairs that are listed. */
const SHOWN = 10;

/** The pairs of classes that are mistaken most often, a line each, where the whole matrix would be too wide to read. */
export function frequentConfusions({ classes, counts }: EvaluateResult["confusion"]): string[] {
  const pairs = counts.flatMap((row, is) =>
    row.flatMap((rows, called) => (is === called || rows === 0 ? [] : [{ is, called, rows }])),
  );
  if (pairs.length === 0) return ["no row was called by another class's name"];
  const shown = pairs.sort((a, b) => b.rows - a.rows).slice(0, SHOWN);
  const rest = pairs.length - shown.length;
  const table = formatTable(
    shown.map(({ is, called, rows }) => [classes[is] ?? "", classes[called] ?? "", count(rows)]),
    ["is", "called", "rows"],
  );
  return rest === 0 ? table : [...table, `and ${counted(rest, "more pair")}; --json has the whole matrix`];
}
