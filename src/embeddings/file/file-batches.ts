import { batchColumns } from "./batch-columns.js";
import type { EmbeddedRows } from "./embedded-rows.js";
import { damaged, guarded, type OpenEmbeddings } from "./open-embeddings.js";

/** Which of the kept columns are read, and from where. */
export interface ReadOptions {
  /** Names; default `all`. Others come out empty, and a name that the file has not is passed over. */
  readonly kept?: "all" | readonly string[];
  /** What the path `-` reads; default the process's stdin. */
  readonly stdin?: NodeJS.ReadableStream;
}

/** The columns of every batch that the footer lists. */
export async function* fileBatches(
  path: string,
  file: OpenEmbeddings,
  options: ReadOptions = {},
): AsyncGenerator<EmbeddedRows> {
  for (let i = 0; i < file.batches; i++) {
    yield await guarded(path, async () => {
      const batch = await file.reader.readRecordBatch(i);
      if (batch === null)
        throw damaged(path, `is damaged: batch ${i} of ${file.batches} cannot be read`, "Write it again.");
      return batchColumns(batch, wantedKept(options));
    });
  }
}

/** Tells of a kept column whether it is read. */
export function wantedKept({ kept = "all" }: ReadOptions): (name: string) => boolean {
  return (name) => kept === "all" || kept.includes(name);
}
