import {
  type AsyncRecordBatchFileReader,
  type RecordBatch,
  RecordBatchReader,
  type Schema,
} from "apache-arrow";
import { HeadstartError, messageOf } from "../core/errors.js";
import { checkBatch } from "./arrow-batch.js";
import { type CellReader, cellReader } from "./arrow-cell.js";
import { registerArrowCodecs } from "./arrow-codecs.js";
import { arrowError, arrowKindOf, LARGEST_BATCH, openArrowFile, openHandle } from "./arrow-file.js";
import { arrowKeptType } from "./arrow-kept-type.js";
import { checkedMessages } from "./arrow-messages.js";
import type { ByteSource } from "./byte-source.js";
import type { TableEvent, TableRecord, TableSource } from "./table.js";

/**
 * An Arrow IPC file, or a stream in a file, as a source of records: one batch at a time is in memory.
 * @throws {HeadstartError} `io`, `data`: if it is neither, damaged, or a file of embeddings.
 */
export async function arrowFileSource(path: string, name: string, source: ByteSource): Promise<TableSource> {
  registerArrowCodecs();
  const handle = await openHandle(path);
  try {
    const kind = await arrowKindOf(handle);
    if (kind === "stream") return arrowStreamSource(source);
    if (kind === null) throw arrowError(name, "is no Arrow file", "Name its format with --format.");
    const reader = await openArrowFile(handle, name);
    refuseEmbeddings(reader.schema, name, path);
  } finally {
    await handle.close();
  }
  let share = 0;
  return {
    name,
    rereadable: true,
    position: "ROW",
    count: null,
    guesses: [],
    shareRead: () => share,
    async *events() {
      const file = await openHandle(path);
      try {
        const reader = await openArrowFile(file, name);
        yield* batchEvents(
          fileBatches(reader, (part) => (share = part)),
          reader.schema,
          name,
        );
      } finally {
        await file.close();
      }
    },
  };
}

async function* fileBatches(
  reader: AsyncRecordBatchFileReader,
  onShare: (share: number) => void,
): AsyncGenerator<RecordBatch> {
  const batches = reader.numRecordBatches;
  for (let i = 0; i < batches; i++) {
    onShare(i / batches);
    const batch = await reader.readRecordBatch(i);
    if (batch === null) throw new Error(`batch ${i + 1} of ${batches} cannot be read`);
    yield batch;
  }
  onShare(1);
}

/** An Arrow IPC stream as a source of records, from a pipe or a file. */
export function arrowStreamSource(source: ByteSource): TableSource {
  registerArrowCodecs();
  const { name } = source;
  return {
    name,
    rereadable: source.rereadable,
    position: "ROW",
    count: null,
    guesses: [],
    shareRead: source.shareRead,
    async *events() {
      const bytes = checkedMessages(source.bytes(), LARGEST_BATCH);
      const reader = await guarded(name, async () => {
        const from = await RecordBatchReader.from(bytes);
        return (await from.open({ autoDestroy: false })) as RecordBatchReader;
      });
      if (reader.schema === undefined || reader.schema === null)
        throw arrowError(name, "is damaged: it has no schema");
      refuseEmbeddings(reader.schema, name, name);
      try {
        yield* batchEvents(reader[Symbol.asyncIterator](), reader.schema, name);
      } finally {
        await bytes.return(undefined);
      }
    },
  };
}

async function* batchEvents(
  batches: AsyncIterator<RecordBatch>,
  schema: Schema,
  name: string,
): AsyncGenerator<TableEvent> {
  const columns = schema.fields.map((field) => field.name);
  const types = new Map(schema.fields.map((field) => [field.name, arrowKeptType(field.type)]));
  yield { state: "header", columns, types };
  let row = 0;
  for (;;) {
    const next = await guarded(name, () => batches.next());
    if (next.done) return;
    const batch = next.value;
    await guarded(name, async () => checkBatch(batch));
    const size = Math.ceil(
      batch.data.children.reduce((sum, child) => sum + child.byteLength, 0) / Math.max(1, batch.numRows),
    );
    const readers = await guarded(name, async () => {
      return new Map(columns.map((column, i) => [column, cellReader(batch.getChildAt(i)!)]));
    });
    for (let i = 0; i < batch.numRows; i++) {
      row++;
      yield {
        state: "record",
        file: name,
        line: row,
        size,
        columns,
        cell: (column) => cellOf(readers.get(column), i, name),
      } satisfies TableRecord;
    }
  }
}

function cellOf(read: CellReader | undefined, row: number, name: string): unknown {
  try {
    return read?.(row);
  } catch (cause) {
    throw arrowError(name, `is damaged: a value cannot be read: ${messageOf(cause)}`, undefined, cause);
  }
}

async function guarded<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof HeadstartError) throw cause;
    throw arrowError(
      name,
      `is damaged, or written in a way that is not read: ${messageOf(cause)}`,
      undefined,
      cause,
    );
  }
}

/** Embeddings hold vectors and labels, not what they were made from. */
function refuseEmbeddings(schema: Schema, name: string, path: string): void {
  if (!schema.metadata.has("headstart.format")) return;
  throw arrowError(
    name,
    "holds embeddings already, not texts or pictures to embed",
    `Use it as it is: headstart train ${path}, or headstart predict HEAD ${path}`,
  );
}
