import type { RecordBatch, Schema } from "apache-arrow";
import type { RejectedRow } from "../../data/row.js";
import { texts } from "../file/batch-columns.js";
import type { EmbeddingsMeta } from "../file/schema.js";

/** Embeddings on their way from one file to another, whatever the file: their schema, and a batch at a time. */
export interface EmbeddingsSource {
  /** How errors call it. */
  readonly name: string;
  readonly meta: EmbeddingsMeta;
  /** That of an embeddings file, further columns after its own; classes as dictionaries or as text. */
  readonly schema: Schema;
  /** Rows in all, where that is known beforehand; rejected ones included. */
  readonly rows: number | null;
  /** What was guessed or assumed, in sentences for the user. */
  readonly notes: readonly string[];
  /**
   * At most 4,096 rows each.
   * @param onReject - hears of rows that are left out.
   */
  batches(onReject?: (row: RejectedRow) => void): AsyncGenerator<RecordBatch>;
  /** All labels and splits that occur; reads what it has to. Absent where the batches can be read only once. */
  readonly classes?: () => Promise<SeenClasses>;
  close(): Promise<void>;
}

/** The labels and splits that occur in a file. */
export interface SeenClasses {
  readonly labels: ReadonlySet<string>;
  readonly splits: ReadonlySet<string>;
}

/** The labels and splits of all batches. */
export async function classesOfBatches(batches: AsyncIterable<RecordBatch>): Promise<SeenClasses> {
  const labels = new Set<string>();
  const splits = new Set<string>();
  for await (const batch of batches) {
    for (const label of texts(batch, "label")) if (label !== null) labels.add(label);
    for (const split of texts(batch, "split")) if (split !== null) splits.add(split);
  }
  return { labels, splits };
}
