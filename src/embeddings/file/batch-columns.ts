import {
  type Data,
  DataType,
  type FixedSizeList,
  type Float,
  Precision,
  type RecordBatch,
  type Schema,
  type Utf8,
  type Vector,
} from "apache-arrow";
import type { EmbeddedRows } from "./embedded-rows.js";
import { float16ToFloat32 } from "./float16.js";
import { keptColumns, readKept } from "./read-kept.js";
import { HASH_BYTES, type VectorType } from "./schema.js";

/**
 * What keeps a schema from being one of embeddings; null where nothing does.
 * @param dim - the dimension that the metadata tells.
 */
export function schemaProblem(schema: Schema, dim: number): string | null {
  const typeOf = (name: string): DataType | undefined =>
    schema.fields.find((field) => field.name === name)?.type;
  for (const name of ["id", "embedding", "label", "split", "source", "content_hash"]) {
    if (typeOf(name) === undefined) return `has no column '${name}'`;
  }
  for (const name of ["id", "label", "split", "source"]) {
    const type = typeOf(name)!;
    const plain = DataType.isDictionary(type) ? type.dictionary : type;
    if (!isText(plain)) return `has a column '${name}' of type ${type}, where text belongs`;
  }
  const list = typeOf("embedding")!;
  if (!DataType.isFixedSizeList(list))
    return `has a column 'embedding' of type ${list}, expected a fixed_size_list`;
  if (list.listSize !== dim)
    return `has vectors of ${list.listSize} dimensions, but its metadata says ${dim}`;
  const item = list.valueType as DataType;
  if (!DataType.isFloat(item) || item.precision === Precision.DOUBLE) {
    return `has vectors of type ${item}, expected float32 or float16`;
  }
  const hash = typeOf("content_hash")!;
  if (!DataType.isFixedSizeBinary(hash) || hash.byteWidth !== HASH_BYTES) {
    return `has a column 'content_hash' of type ${hash}, expected fixed_size_binary[${HASH_BYTES}]`;
  }
  return null;
}

/**
 * The columns of one batch of a checked schema; float32 vectors are a view of the batch.
 * @param isWanted - which of the kept columns are read; the others come out empty.
 * @throws {RangeError} if a column that must be full has nulls, or is shorter than the batch.
 */
export function batchColumns(
  batch: RecordBatch,
  isWanted: (kept: string) => boolean = () => true,
): EmbeddedRows {
  const ids = texts(batch, "id");
  if (ids.includes(null)) throw new RangeError("column 'id' has nulls");
  return {
    ids: ids as string[],
    vectors: vectorsOf(batch),
    labels: texts(batch, "label"),
    splits: texts(batch, "split"),
    sources: texts(batch, "source"),
    hashes: hashesOf(batch),
    kept: keptColumns(batch.schema).map((column) => (isWanted(column.name) ? readKept(batch, column) : [])),
  };
}

/** How the vectors of a checked schema are stored. */
export function vectorTypeOf(schema: Schema): VectorType {
  const list = schema.fields.find((field) => field.name === "embedding")!.type as FixedSizeList<Float>;
  return list.valueType.precision === Precision.HALF ? "fp16" : "fp32";
}

function isText(type: DataType): boolean {
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type);
}

/** A column of text, dictionary or not, as strings. */
export function texts(batch: RecordBatch, name: string): (string | null)[] {
  const column = batch.getChild(name) as Vector;
  const values = new Array<string | null>(batch.numRows);
  const [data, ...more] = column.data;
  if (data !== undefined && more.length === 0) {
    if (data.nullCount === values.length) return values.fill(null);
    if (DataType.isUtf8(data.type)) return utf8Texts(data as Data<Utf8>, values);
  }
  for (let i = 0; i < values.length; i++) values[i] = column.get(i) as string | null;
  return values;
}

/** Text where it lies, without a call of Arrow's for each value. */
function utf8Texts(data: Data<Utf8>, values: (string | null)[]): (string | null)[] {
  const { buffer, byteOffset, byteLength } = data.values;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const { valueOffsets, nullCount } = data;
  for (let i = 0; i < values.length; i++) {
    const isThere = nullCount === 0 || data.getValid(i);
    values[i] = isThere ? bytes.toString("utf8", valueOffsets[i]!, valueOffsets[i + 1]!) : null;
  }
  return values;
}

function vectorsOf(batch: RecordBatch): Float32Array {
  const list = batch.getChild("embedding")!.data[0]!;
  const item = list.children[0]!;
  const dim = (list.type as { listSize?: number }).listSize!;
  if (list.nullCount > 0 || item.nullCount > 0) throw new RangeError("column 'embedding' has nulls");
  const values = item.values as Float32Array | Uint16Array;
  const used = values.subarray(0, batch.numRows * dim);
  if (used.length < batch.numRows * dim) throw new RangeError("column 'embedding' is shorter than its batch");
  return used instanceof Uint16Array ? float16ToFloat32(used) : used;
}

function hashesOf(batch: RecordBatch): Uint8Array {
  const data = batch.getChild("content_hash")!.data[0]!;
  const hashes = (data.values as Uint8Array).subarray(0, batch.numRows * HASH_BYTES);
  if (data.nullCount === 0) return hashes;
  // Where there is none, other programs leave anything.
  const known = hashes.slice();
  for (let row = 0; row < batch.numRows; row++) {
    if (!data.getValid(row)) known.fill(0, row * HASH_BYTES, (row + 1) * HASH_BYTES);
  }
  return known;
}
