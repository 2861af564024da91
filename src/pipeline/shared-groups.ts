import type { KeptCell } from "../data/kept-columns.js";
import type { SharedGroups } from "./types.js";

/**
 * Looks for groups on both sides of a test.
 * @param values - of the column that groups, one a row of the file; null where a row has none.
 * @param tested - row numbers. @param trained - row numbers; none of them: null is returned.
 */
export function sharedGroups(
  column: string,
  values: readonly KeptCell[],
  tested: readonly number[],
  trained: readonly number[],
): SharedGroups | null {
  if (tested.length === 0 || trained.length === 0) return null;
  const groupOfRow = (row: number): KeptCell => values[row] ?? null;
  const known = new Set(trained.map(groupOfRow));
  known.delete(null);
  const shared = tested.filter((row) => known.has(groupOfRow(row)));
  const groups = new Set(shared.map(groupOfRow));
  const [example = null] = groups;
  return {
    column,
    checked: tested.length,
    rows: shared.length,
    groups: groups.size,
    example: example === null ? null : String(example),
  };
}

/** `7 of 300 rows of split 'test' are of groups of 'user' that ... too, such as 'u7'`; null where there is none. */
export function sharedGroupsWarning(
  found: SharedGroups | null,
  what: { readonly rows: string; readonly of: string; readonly effect: string },
): string | null {
  if (found === null || found.rows === 0) return null;
  const { rows, checked, groups, column, example } = found;
  const count = (n: number): string => n.toLocaleString("en-US");
  return `${count(rows)} of ${count(checked)} ${what.rows} ${rows === 1 ? "is" : "are"} of ${count(groups)} group${groups === 1 ? "" : "s"} of '${column}' that ${what.of} are of too, such as '${example}': ${what.effect}`;
}
