import type { Embeddings } from "../../embeddings/file/read-embeddings.js";
import { nearDuplicatesAcross } from "../../evaluation/near-duplicates.js";
import type { Matrix } from "../../linalg/matrix.js";
import {
  nearDuplicateReport,
  nearDuplicateWarning,
  rowsOfSplit,
  testedNearTrained,
} from "../near-duplicate-report.js";
import type { TrainResult } from "../types.js";

/**
 * Looks for near-duplicates between folds, and between the training rows and the file's `test` split.
 * @param training - X's rows are those at `indices` of the file; `folds` is null where folds need no look.
 * @returns what was found, and a warning for each.
 */
export async function trainingNearDuplicates(
  embeddings: Embeddings,
  training: {
    readonly X: Matrix;
    readonly indices: readonly number[];
    readonly split: string | null;
    readonly folds: Int32Array | null;
  },
  signal: AbortSignal | undefined,
): Promise<{ found: TrainResult["nearDuplicates"]; warnings: string[] }> {
  const { X, indices, split, folds } = training;
  const idOf = (row: number): string => embeddings.ids[indices[row]!]!;
  const across = folds && (await nearDuplicatesAcross(X, folds, { ...(signal && { signal }) }));
  const tested = split === null || split === "test" ? [] : rowsOfSplit(embeddings, "test");
  const found = {
    folds: across && nearDuplicateReport(across, { a: idOf, b: idOf }),
    test: await testedNearTrained(embeddings, tested, indices, signal),
  };
  const warnings = [
    nearDuplicateWarning(found.folds, {
      rows: "rows",
      of: "rows in another fold",
      effect: "they flatter the cross-validation; --group-duplicates keeps them together",
    }),
    nearDuplicateWarning(found.test, {
      rows: "rows of split 'test'",
      of: "training rows",
      effect: "figures on that split will flatter the head",
    }),
  ];
  return { found, warnings: warnings.filter((warning) => warning !== null) };
}
