import { HeadstartError } from "../../core/errors.js";
import type { KeptCell } from "../../data/kept-columns.js";
import type { Embeddings } from "../../embeddings/file/read-embeddings.js";
import { groupNearDuplicates } from "../../evaluation/group-near-duplicates.js";
import { joinGroups } from "../../evaluation/join-groups.js";
import type { Matrix } from "../../linalg/matrix.js";
import { groupValues } from "../group-values.js";
import type { GroupReport, TrainOptions } from "../types.js";

/** What cross-validation keeps whole. */
export interface TrainingGroups {
  /** One group a row of X. */
  readonly groups: Int32Array;
  readonly report: GroupReport;
}

/**
 * The groups that cross-validation keeps whole: those that the caller names, those of a kept column, near-duplicates;
 * of several, the finest groups that keep each of them whole.
 * @param indices - row numbers of X's rows in the file.
 * @returns null where rows stand alone.
 * @throws {HeadstartError} `data` if the file keeps no such column, or if all rows are of one group.
 */
export async function trainingGroups(
  {
    groupOf,
    group,
    groupDuplicates = false,
    signal,
    embeddings: path,
  }: Pick<TrainOptions, "groupOf" | "group" | "groupDuplicates" | "signal" | "embeddings">,
  embeddings: Embeddings,
  indices: readonly number[],
  X: Matrix,
): Promise<TrainingGroups | null> {
  const { ids, sources } = embeddings;
  const groupings: Int32Array[] = [];
  let without = 0;
  if (groupOf !== undefined) {
    groupings.push(numbered(indices.map((row) => groupOf({ id: ids[row]!, source: sources[row] ?? null }))));
  }
  if (group !== undefined) {
    const all = groupValues(embeddings, group, path);
    const values = indices.map((row) => all[row]!);
    without = values.reduce<number>((count, value) => count + Number(value === null), 0);
    groupings.push(numbered(values));
  }
  if (groupDuplicates) groupings.push(await groupNearDuplicates(X, { ...(signal && { signal }) }));
  if (groupings.length === 0) return null;
  const groups = groupings.reduce(joinGroups);
  const report = {
    column: group ?? null,
    duplicates: groupDuplicates,
    groups: new Set(groups).size,
    without,
  };
  if (report.groups === 1) throw oneGroup(report, indices.length, path);
  return { groups, report };
}

/** @param rows - how many there are, all of the one group. */
function oneGroup({ column, duplicates }: GroupReport, rows: number, path: string): HeadstartError {
  const by = [...(column === null ? [] : [`'${column}'`]), ...(duplicates ? ["near-duplicates"] : [])];
  const what =
    column !== null && !duplicates
      ? `Column '${column}' has one value only in the ${rows} rows of ${path}`
      : `The ${rows} rows of ${path} are all of one group${by.length > 0 ? ` (by ${by.join(" and ")})` : ""}`;
  return new HeadstartError("data", `${what}: grouped cross-validation needs two groups at least`, {
    facts: { path, column, duplicates, rows },
    hint:
      column === null
        ? "Cross-validate without groups."
        : "Group by another column (--group), or cross-validate without groups.",
  });
}

/** One number a value, and one of its own for each null: such rows stand alone. */
function numbered(values: readonly KeptCell[]): Int32Array {
  const known = new Map<KeptCell, number>();
  return Int32Array.from(values, (value, row) => {
    if (value === null) return row;
    const group = known.get(value) ?? row;
    known.set(value, group);
    return group;
  });
}

/** How a head's record and reports call the groups. */
export function groupsKeptWhole({ column, duplicates }: GroupReport): string {
  const of = [...(column === null ? [] : [`of '${column}'`]), ...(duplicates ? ["of near-duplicates"] : [])];
  return ["groups", of.join(" and "), "kept whole"].filter((part) => part !== "").join(" ");
}

/** Rows that could not be grouped are no fault, but should be known. */
export function groupWarnings(report: GroupReport | null): string[] {
  if (report === null || report.without === 0) return [];
  const { without, column } = report;
  return [
    `${without.toLocaleString("en-US")} row${without === 1 ? " has" : "s have"} no value in '${column}': each is a group of its own`,
  ];
}
