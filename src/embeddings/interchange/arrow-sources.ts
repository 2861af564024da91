import { type RecordBatch, RecordBatchReader, type Schema } from "apache-arrow";
import { registerArrowCodecs } from "../../data/arrow-codecs.js";
import { LARGEST_BATCH } from "../../data/arrow-file.js";
import { checkedMessages } from "../../data/arrow-messages.js";
import type { ByteSource } from "../../data/byte-source.js";
import { damaged, guarded, metaOfSchema, openEmbeddings } from "../file/open-embeddings.js";
import { MAX_BATCH_ROWS } from "../file/schema.js";
import { classesOfBatches, type EmbeddingsSource, type SeenClasses } from "./embeddings-source.js";

/** An embeddings file as a source. @throws {HeadstartError} as `openEmbeddings`. */
export async function arrowFileSource(path: string): Promise<EmbeddingsSource> {
  const file = await openEmbeddings(path);
  const { reader, meta } = file;
  async function* batches(): AsyncGenerator<RecordBatch> {
    for (let i = 0; i < file.batches; i++) {
      const batch = await guarded(path, () => reader.readRecordBatch(i));
      if (batch === null) throw damaged(path, `is damaged: batch ${i + 1} cannot be read`, "Write it again.");
      yield* inPieces(batch);
    }
  }
  return {
    name: path,
    meta,
    schema: reader.schema,
    rows: null,
    notes: [],
    batches,
    classes: () => classesOfBatches(batches()),
    close: () => file.close(),
  };
}

/**
 * An Arrow IPC stream of embeddings as a source, from a pipe or a file; it is read once.
 * @throws {HeadstartError} `format` if it is something else or damaged; from `batches` also where it ends without the
 * mark of its end, as a stream does whose writer has failed.
 */
export async function arrowStreamSource(source: ByteSource): Promise<EmbeddingsSource> {
  registerArrowCodecs();
  const { name } = source;
  const bytes = checkedMessages(source.bytes(), LARGEST_BATCH, true);
  const reader = await guarded(name, async () => {
    const from = await RecordBatchReader.from(bytes);
    return (await from.open({ autoDestroy: false })) as RecordBatchReader;
  });
  const schema = reader.schema as Schema | undefined | null;
  if (!schema) throw damaged(name, "is damaged: it has no schema", AGAIN);
  const meta = metaOfSchema(name, schema);
  return {
    name,
    meta,
    schema,
    rows: null,
    notes: [],
    async *batches() {
      const batches = reader[Symbol.asyncIterator]() as AsyncIterator<RecordBatch>;
      for (;;) {
        const next = await guarded(name, () => batches.next());
        if (next.done) return;
        yield* inPieces(next.value);
      }
    },
    async close() {
      await bytes.return(undefined);
    },
  };
}

/** An Arrow IPC stream of embeddings in a file, which can be read again. @throws as `arrowStreamSource`. */
export async function arrowStreamFile(source: ByteSource): Promise<EmbeddingsSource> {
  const stream = await arrowStreamSource(source);
  const again = async (): Promise<SeenClasses> => {
    const other = await arrowStreamSource(source);
    try {
      return await classesOfBatches(other.batches());
    } finally {
      await other.close();
    }
  };
  return { ...stream, classes: again };
}

const AGAIN = "Write it again with: headstart embed <input> -o -";

function* inPieces(batch: RecordBatch): Generator<RecordBatch> {
  if (batch.numRows <= MAX_BATCH_ROWS) yield batch;
  else {
    for (let at = 0; at < batch.numRows; at += MAX_BATCH_ROWS) yield batch.slice(at, at + MAX_BATCH_ROWS);
  }
}
