import {
  type Data,
  DataType,
  Precision,
  type RecordBatch,
  RecordBatchReader,
  type Schema,
} from "apache-arrow";
import { HeadstartError, messageOf } from "../../core/errors.js";
import { checkBatch } from "../../data/arrow-batch.js";
import { cellReader } from "../../data/arrow-cell.js";
import { registerArrowCodecs } from "../../data/arrow-codecs.js";
import { arrowError, LARGEST_BATCH, openArrowFile, openHandle } from "../../data/arrow-file.js";
import { arrowKeptType } from "../../data/arrow-kept-type.js";
import { checkedMessages } from "../../data/arrow-messages.js";
import type { ByteSource } from "../../data/byte-source.js";
import { schemaProblem } from "../file/batch-columns.js";
import { statedMeta } from "../file/open-embeddings.js";
import { MAX_BATCH_ROWS, METADATA } from "../file/schema.js";
import type { VectorStretch, VectorTable } from "./vector-table.js";

/** A table of vectors, and whether it holds embeddings in the types that this program writes. */
export type ArrowVectorTable = VectorTable & { readonly isOurs: boolean };

/**
 * An Arrow IPC file that others wrote as a table with vectors, a batch in memory at a time.
 * @throws {HeadstartError} `io`, `data`: if it is damaged.
 */
export async function arrowVectorTable(path: string, name: string): Promise<ArrowVectorTable> {
  registerArrowCodecs();
  const handle = await openHandle(path);
  const reader = await openArrowFile(handle, name).catch(async (cause: unknown) => {
    await handle.close();
    throw cause;
  });
  const batches = async function* (): AsyncGenerator<RecordBatch> {
    for (let i = 0; i < reader.numRecordBatches; i++) {
      try {
        const batch = await reader.readRecordBatch(i);
        if (batch === null) throw new Error(`batch ${i + 1} of ${reader.numRecordBatches} cannot be read`);
        checkBatch(batch);
        yield batch;
      } catch (cause) {
        throw arrowError(name, `is damaged: ${messageOf(cause)}`, undefined, cause);
      }
    }
  };
  return tableOf(name, reader.schema as Schema, batches, () => handle.close());
}

/**
 * An Arrow IPC stream in a file that others wrote, as `arrowVectorTable`; it is read anew for each pass.
 * @throws {HeadstartError} `data`: if it is damaged or cut short, from its passes too.
 */
export async function arrowStreamVectorTable(source: ByteSource): Promise<ArrowVectorTable> {
  registerArrowCodecs();
  const { name } = source;
  const read = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw cause instanceof HeadstartError
        ? cause
        : arrowError(name, `is damaged: ${messageOf(cause)}`, undefined, cause);
    }
  };
  const opened = async () => {
    const bytes = checkedMessages(source.bytes(), LARGEST_BATCH, true);
    const reader = await read(async () => {
      const from = await RecordBatchReader.from(bytes);
      return (await from.open({ autoDestroy: false })) as RecordBatchReader;
    });
    return { bytes, reader, schema: reader.schema as Schema | undefined | null };
  };
  const batches = async function* (): AsyncGenerator<RecordBatch> {
    const { bytes, reader } = await opened();
    try {
      const each = reader[Symbol.asyncIterator]() as AsyncIterator<RecordBatch>;
      for (;;) {
        const next = await read(() => each.next());
        if (next.done) return;
        await read(async () => checkBatch(next.value));
        yield next.value;
      }
    } finally {
      await bytes.return(undefined);
    }
  };
  const { bytes, schema } = await opened();
  await bytes.return(undefined);
  if (!schema) throw arrowError(name, "is damaged: it has no schema");
  return tableOf(name, schema, batches, async () => undefined);
}

/** Whether a schema is one of embeddings in the types that this program writes. @param name - for errors. */
export function isOurSchema(name: string, schema: Schema): boolean {
  if (!schema.metadata.has(METADATA.format)) return false;
  return schemaProblem(schema, statedMeta(name, schema.metadata).backbone.dim) === null;
}

function tableOf(
  name: string,
  schema: Schema,
  batches: () => AsyncGenerator<RecordBatch>,
  close: () => Promise<void>,
): ArrowVectorTable {
  const names = (wanted: (type: DataType) => boolean): string[] =>
    schema.fields.filter((field) => wanted(field.type)).map((field) => field.name);
  return {
    name,
    isOurs: isOurSchema(name, schema),
    vectors: names(isVector),
    cells: names((type) => arrowKeptType(type) !== null),
    keptType: (column) => arrowKeptType(schema.fields.find((field) => field.name === column)!.type)!,
    rows: null,
    metadata: schema.metadata,
    notes: [],
    async shape(column) {
      for await (const batch of batches()) {
        const data = batch.getChild(column)!.data[0]!;
        for (let row = 0; row < batch.numRows; row++) {
          const [from, to] = extent(data, row);
          if (to > from) return { dim: to - from, half: isHalf(data.children[0]!) };
        }
      }
      return null;
    },
    async *stretches({ vectors, cells: wanted }) {
      for await (const batch of batches()) {
        const readers = wanted.map((column) => [column, cellReader(batch.getChild(column)!)] as const);
        for (let at = 0; at < batch.numRows; at += MAX_BATCH_ROWS) {
          const rows = Math.min(MAX_BATCH_ROWS, batch.numRows - at);
          const read =
            vectors === null
              ? { values: new Float32Array(), problems: new Map<number, string>() }
              : vectorsOf(batch.getChild(vectors.column)!.data[0]!, at, rows, vectors.dim);
          const cells = new Map(
            readers.map(([column, cell]) => [column, Array.from({ length: rows }, (_, i) => cell(at + i))]),
          );
          yield { rows, ...read, cells };
        }
      }
    },
    close,
  };
}

function isVector(type: DataType): boolean {
  const list = DataType.isFixedSizeList(type) || DataType.isList(type) || DataType.isLargeList(type);
  return list && DataType.isFloat(type.children[0]?.type as DataType);
}

/** Where a row's numbers lie among those of the column; nowhere if it is null. */
function extent(data: Data, row: number): readonly [number, number] {
  if (data.nullCount > 0 && !data.getValid(row)) return [0, 0];
  const { type } = data;
  if (DataType.isFixedSizeList(type)) return [row * type.listSize, (row + 1) * type.listSize];
  const { valueOffsets: offsets } = data as unknown as { valueOffsets: ArrayLike<number | bigint> };
  return [Number(offsets[row]), Number(offsets[row + 1])];
}

function vectorsOf(
  data: Data,
  first: number,
  rows: number,
  dim: number,
): Pick<VectorStretch, "values" | "problems"> {
  const item = data.children[0]!;
  const half = isHalf(item);
  const numbers = item.values as Float32Array | Float64Array | Uint16Array;
  const values = half ? new Uint16Array(rows * dim) : new Float32Array(rows * dim);
  const problems = new Map<number, string>();
  for (let row = 0; row < rows; row++) {
    const [from, to] = extent(data, first + row);
    if (!(from >= 0 && from <= to && to <= numbers.length))
      throw new Error("a list points outside its numbers");
    if (to - from !== dim) problems.set(row, to === from ? "has no vector" : `has ${to - from} numbers`);
    else if (item.nullCount > 0 && hasNull(item, from, to)) problems.set(row, "has a null among its numbers");
    else values.set(numbers.subarray(from, to), row * dim);
  }
  return { values, problems };
}

const isHalf = ({ type }: Data): boolean => (type as { precision?: Precision }).precision === Precision.HALF;

function hasNull(item: Data, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!item.getValid(i)) return true;
  return false;
}
