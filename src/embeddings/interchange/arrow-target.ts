import type { Schema } from "apache-arrow";
import type { ByteSink } from "../../core/byte-sink.js";
import { ipcEncoder } from "../file/ipc-encoder.js";
import { classesOf } from "../file/record-batch.js";
import { conformBatch, conformSchema } from "./conform-batch.js";
import type { SeenClasses } from "./embeddings-source.js";
import type { EmbeddingsTarget } from "./embeddings-target.js";

/**
 * Writes embeddings as an Arrow IPC file, or, where the classes are not known beforehand, as a stream with text in the
 * place of dictionaries.
 * @param name - of the file, or `-`.
 * @param seen - all labels and splits; null for a stream.
 */
export async function arrowTarget(
  name: string,
  sink: ByteSink,
  from: Schema,
  seen: SeenClasses | null,
): Promise<EmbeddingsTarget> {
  const schema = conformSchema(from, seen === null ? "text" : "dictionary");
  const encoder = ipcEncoder(schema, seen === null ? "stream" : "file");
  const classes =
    seen === null ? undefined : { label: classesOf(seen.labels), split: classesOf(seen.splits) };
  await sink.write(encoder.head());
  return {
    files: [name],
    write: (batch) => sink.write(encoder.batch(conformBatch(batch, schema, classes))),
    async finish() {
      await sink.write(encoder.tail());
      await sink.commit();
    },
    discard: () => sink.discard(),
  };
}
