import type { Embeddings } from "../embeddings/file/read-embeddings.js";
import { groupValues } from "./group-values.js";
import { nearDuplicateWarning, rowsThatTrained, testedNearTrained } from "./near-duplicate-report.js";
import { sharedGroups, sharedGroupsWarning } from "./shared-groups.js";
import type { EvaluateOptions, EvaluateResult } from "./types.js";

/**
 * What flatters figures of a split: near-duplicates of rows that are likely to have trained the head, and groups that
 * both sides have; with a warning for each.
 * @param tested - row numbers in the file. @param split - null where all rows were taken.
 * @throws {HeadstartError} `data` if the file keeps no such column.
 */
export async function rowsOnBothSides(
  { embeddings: path, group, signal }: EvaluateOptions,
  embeddings: Embeddings,
  tested: readonly number[],
  split: string | null,
): Promise<Pick<EvaluateResult, "nearDuplicates" | "sharedGroups" | "warnings">> {
  const trained = split === null ? [] : rowsThatTrained(embeddings, split);
  const near = await testedNearTrained(embeddings, tested, trained, signal);
  const what = {
    rows: `rows of split '${split}'`,
    of: "rows of other splits",
    effect: "they flatter the figures",
  };
  const warnings: string[] = [];
  if (split === null)
    warnings.push("all labelled rows were used: figures on rows that trained the head flatter it");
  const nearWarning = nearDuplicateWarning(near, what);
  if (nearWarning !== null) warnings.push(nearWarning);
  const shared =
    group === undefined ? null : sharedGroups(group, groupValues(embeddings, group, path), tested, trained);
  const sharedWarning = sharedGroupsWarning(shared, what);
  if (sharedWarning !== null) warnings.push(sharedWarning);
  if (group !== undefined && shared === null)
    warnings.push(`there are no rows of another split whose '${group}' could be compared`);
  return { nearDuplicates: near, sharedGroups: shared, warnings };
}
