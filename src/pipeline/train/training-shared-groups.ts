import type { Embeddings } from "../../embeddings/file/read-embeddings.js";
import { groupValues } from "../group-values.js";
import { rowsOfSplit } from "../near-duplicate-report.js";
import { sharedGroups, sharedGroupsWarning } from "../shared-groups.js";
import type { SharedGroups, TrainOptions } from "../types.js";

/**
 * Looks for groups of the file's `test` split that training rows are of too.
 * @returns what was found, null where nothing was to be looked for, and a warning of it.
 * @throws {HeadstartError} `data` if the file keeps no such column.
 */
export function trainingSharedGroups(
  { group, embeddings: path }: Pick<TrainOptions, "group" | "embeddings">,
  embeddings: Embeddings,
  training: { readonly indices: readonly number[]; readonly split: string | null },
): { readonly found: SharedGroups | null; readonly warnings: readonly string[] } {
  if (group === undefined) return { found: null, warnings: [] };
  const values = groupValues(embeddings, group, path);
  const tested = training.split === null || training.split === "test" ? [] : rowsOfSplit(embeddings, "test");
  const found = sharedGroups(group, values, tested, training.indices);
  const warning = sharedGroupsWarning(found, {
    rows: "rows of split 'test'",
    of: "training rows",
    effect: "figures on that split will flatter the head",
  });
  return { found, warnings: warning === null ? [] : [warning] };
}
