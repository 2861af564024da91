import type { FileHandle } from "node:fs/promises";
import type { EmbeddedRows } from "./embedded-rows.js";
import { ipcEncoder } from "./ipc-encoder.js";
import { classesOf, toRecordBatch } from "./record-batch.js";
import { type EmbeddingsMeta, embeddingsSchema } from "./schema.js";
import type { SeenClasses } from "./seen-classes.js";

/** Writes a whole embeddings file. @param batches - each becomes a record batch. @param seen - every class of the rows. */
export async function writeBatches(
  handle: FileHandle,
  batches: AsyncIterable<EmbeddedRows>,
  meta: EmbeddingsMeta,
  seen: SeenClasses,
): Promise<void> {
  const schema = embeddingsSchema(meta, "dictionary");
  const classes = { label: classesOf(seen.labels), split: classesOf(seen.splits) };
  const encoder = ipcEncoder(schema, "file");
  await handle.writeFile(encoder.head());
  for await (const rows of batches) {
    await handle.writeFile(encoder.batch(toRecordBatch(schema, rows, classes)));
  }
  await handle.writeFile(encoder.tail());
}
