import type { KeptCell } from "../../data/kept-columns.js";
import type { Matrix } from "../../linalg/matrix.js";
import type { ReadOptions } from "./file-batches.js";
import { openBatches } from "./open-batches.js";
import type { EmbeddingsMeta } from "./schema.js";

export { fileBatches } from "./file-batches.js";

/** A stretch of an embeddings file: its rows `firstRow` to `firstRow + X.rows`, the end excluded. */
export interface EmbeddingsBatch {
  readonly meta: EmbeddingsMeta;
  readonly firstRow: number;
  readonly ids: readonly string[];
  readonly X: Matrix<Float32Array>;
  readonly labels: readonly (string | null)[];
  readonly splits: readonly (string | null)[];
  readonly sources: readonly (string | null)[];
  /** The values of each of `meta.kept`; empty for columns that were not asked for. */
  readonly kept: readonly (readonly KeptCell[])[];
}

/**
 * The batches of an embeddings file in order, one in memory at a time (at most 4,096 rows where we wrote it).
 * @param path - an Arrow file, a stream in a file named `.arrows`, or `-` for stdin.
 * @throws {HeadstartError} `io` or `format`, as `readEmbeddings`; damage inside a batch when it is reached.
 */
export async function* streamEmbeddings(
  path: string,
  options: ReadOptions = {},
): AsyncGenerator<EmbeddingsBatch> {
  const file = await openBatches(path, options);
  try {
    let firstRow = 0;
    for await (const rows of file.rows()) {
      const { ids, vectors, labels, splits, sources, kept } = rows;
      const X = { data: vectors, rows: ids.length, cols: file.meta.backbone.dim };
      yield { meta: file.meta, firstRow, ids, X, labels, splits, sources, kept };
      firstRow += ids.length;
    }
  } finally {
    await file.close();
  }
}
