import { HeadstartError } from "../core/errors.js";
import type { Embeddings } from "../embeddings/read-embeddings.js";
import { groupNearDuplicates } from "../evaluation/group-near-duplicates.js";
import type { Matrix } from "../linalg/matrix.js";
import type { TrainOptions } from "./types.js";

/**
 * The groups that cross-validation keeps whole: those that the caller names, or near-duplicates.
 * @param indices - row numbers of X's rows in the file.
 * @returns one group a row of X; null where rows stand alone.
 * @throws {HeadstartError} `usage` if both are asked for.
 */
export async function trainingGroups(
  { groupOf, groupDuplicates = false, signal }: TrainOptions,
  { ids, sources }: Embeddings,
  indices: readonly number[],
  X: Matrix,
): Promise<readonly string[] | Int32Array | null> {
  if (groupOf !== undefined && groupDuplicates) {
    throw new HeadstartError("usage", "Give either groupOf or groupDuplicates, not both");
  }
  if (groupOf !== undefined) {
    return indices.map((row) => groupOf({ id: ids[row]!, source: sources[row] ?? null }));
  }
  return groupDuplicates ? groupNearDuplicates(X, { ...(signal && { signal }) }) : null;
}
