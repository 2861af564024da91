import type { KeptCell } from "../data/kept-columns.js";
import type { Matrix } from "../linalg/matrix.js";
import { batchColumns } from "./batch-columns.js";
import type { EmbeddedRows } from "./embedded-rows.js";
import { damaged, guarded, type OpenEmbeddings, openEmbeddings } from "./open-embeddings.js";
import type { EmbeddingsMeta } from "./schema.js";

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

/** Which of the kept columns are read. */
export interface ReadOptions {
  /** Names; default `all`. Others come out empty, and a name that the file has not is passed over. */
  readonly kept?: "all" | readonly string[];
}

/**
 * The batches of an embeddings file in order, one in memory at a time (at most 4,096 rows where we wrote it).
 * @throws {HeadstartError} `io` or `format`, as `readEmbeddings`; damage inside a batch when it is reached.
 */
export async function* streamEmbeddings(
  path: string,
  options: ReadOptions = {},
): AsyncGenerator<EmbeddingsBatch> {
  const file = await openEmbeddings(path);
  try {
    let firstRow = 0;
    for await (const rows of fileBatches(path, file, options)) {
      const { ids, vectors, labels, splits, sources, kept } = rows;
      const X = { data: vectors, rows: ids.length, cols: file.meta.backbone.dim };
      yield { meta: file.meta, firstRow, ids, X, labels, splits, sources, kept };
      firstRow += ids.length;
    }
  } finally {
    await file.close();
  }
}

/** The columns of every batch that the footer lists. */
export async function* fileBatches(
  path: string,
  file: OpenEmbeddings,
  { kept = "all" }: ReadOptions = {},
): AsyncGenerator<EmbeddedRows> {
  for (let i = 0; i < file.batches; i++) {
    yield await guarded(path, async () => {
      const batch = await file.reader.readRecordBatch(i);
      if (batch === null)
        throw damaged(path, `is damaged: batch ${i} of ${file.batches} cannot be read`, "Write it again.");
      return batchColumns(batch, (name) => kept === "all" || kept.includes(name));
    });
  }
}
