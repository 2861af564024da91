import {
  type Data,
  type DataType,
  Dictionary,
  Field,
  FixedSizeBinary,
  type FixedSizeList,
  type Float,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Utf8,
  type Vector,
} from "apache-arrow";
import { texts } from "../file/batch-columns.js";
import { type Classes, classData } from "../file/record-batch.js";
import { HASH_BYTES } from "../file/schema.js";
import { utf8Data, validity } from "../file/utf8-data.js";

/** The columns of version 1 of the format; whatever else a file has comes after them. */
export const OWN_COLUMNS: readonly string[] = ["id", "embedding", "label", "split", "source", "content_hash"];

/**
 * The schema that is written for embeddings of another schema: the format's own columns first, in order and in their
 * types, then the further ones as they are; metadata is kept.
 * @param classes - `dictionary` for files, whose classes are all known; `text` for streams and Parquet.
 */
export function conformSchema(schema: Schema, classes: "dictionary" | "text"): Schema {
  const more = schema.fields.filter((field) => !OWN_COLUMNS.includes(field.name));
  const taken = new Set(more.flatMap(({ type }) => (type instanceof Dictionary ? [type.id] : [])));
  const freeId = (): number => {
    let id = 0;
    while (taken.has(id)) id++;
    taken.add(id);
    return id;
  };
  const classType = (): DataType =>
    classes === "dictionary" ? new Dictionary(new Utf8(), new Int32(), freeId()) : new Utf8();
  const embedding = schema.fields.find((field) => field.name === "embedding") as Field<FixedSizeList>;
  return new Schema(
    [
      new Field("id", new Utf8(), false),
      new Field("embedding", embedding.type, false),
      new Field("label", classType(), true),
      new Field("split", classType(), true),
      new Field("source", new Utf8(), true),
      new Field("content_hash", new FixedSizeBinary(HASH_BYTES), true),
      ...more,
    ],
    schema.metadata,
  );
}

/**
 * A batch in a schema of `conformSchema`. Vectors and further columns are referenced, not copied.
 * @param classes - where the schema has dictionaries.
 * @throws {RangeError} if a column that must be full has nulls, or is shorter than the batch.
 */
export function conformBatch(
  batch: RecordBatch,
  schema: Schema,
  classes?: { readonly label: Classes; readonly split: Classes },
): RecordBatch {
  const length = batch.numRows;
  const typeOf = (column: number): DataType => schema.fields[column]!.type as DataType;
  const ids = texts(batch, "id");
  if (ids.includes(null)) throw new RangeError("column 'id' has nulls");
  const children: Data[] = [
    utf8Data(ids),
    vectorData(batch, typeOf(1) as FixedSizeList<Float>),
    classData(typeOf(2), texts(batch, "label"), classes?.label),
    classData(typeOf(3), texts(batch, "split"), classes?.split),
    utf8Data(texts(batch, "source")),
    hashData(batch, typeOf(5) as FixedSizeBinary),
    ...schema.fields.slice(OWN_COLUMNS.length).map((field) => columnData(batch, field.name)),
  ];
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
  );
}

/** The numbers of a batch's vectors, `[rows, dim]`: 32-bit ones, or the bits of 16-bit ones. */
export function vectorValues(batch: RecordBatch, dim: number): Float32Array | Uint16Array {
  const list = columnData(batch, "embedding");
  const item = list.children[0]!;
  if (list.nullCount > 0 || item.nullCount > 0) throw new RangeError("column 'embedding' has nulls");
  const values = (item.values as Float32Array | Uint16Array).subarray(0, batch.numRows * dim);
  if (values.length < batch.numRows * dim) {
    throw new RangeError("column 'embedding' is shorter than its batch");
  }
  return values;
}

/** The only piece of a column. */
export function columnData(batch: RecordBatch, name: string): Data {
  return batch.getChild(name)!.data[0]!;
}

function vectorData(batch: RecordBatch, type: FixedSizeList<Float>): Data {
  const data = vectorValues(batch, type.listSize);
  const child = makeData({ type: type.valueType, length: data.length, nullCount: 0, data });
  return makeData({ type, length: batch.numRows, nullCount: 0, child }) as Data;
}

/** Rebuilt, for the bitmap of a slice does not begin at its first row. */
function hashData(batch: RecordBatch, type: FixedSizeBinary): Data {
  const column = batch.getChild("content_hash") as Vector<FixedSizeBinary>;
  const hashes = Array.from({ length: batch.numRows }, (_, row) => column.get(row));
  const data = new Uint8Array(batch.numRows * HASH_BYTES);
  hashes.forEach((hash, row) => {
    if (hash !== null) data.set(hash, row * HASH_BYTES);
  });
  return makeData({ type, length: batch.numRows, ...validity(hashes), data }) as Data;
}
