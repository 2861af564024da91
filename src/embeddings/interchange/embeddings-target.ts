import type { RecordBatch } from "apache-arrow";

/** Takes embeddings batch by batch; its files appear under their names only when they are whole. */
export interface EmbeddingsTarget {
  /** What it writes; the embeddings themselves first. */
  readonly files: readonly string[];
  /** @param batch - of the schema that the target was opened with. */
  write(batch: RecordBatch): Promise<void>;
  finish(): Promise<void>;
  /** Removes what was written. */
  discard(): Promise<void>;
}
