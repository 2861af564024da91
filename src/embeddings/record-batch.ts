import {
  type Data,
  type DataType,
  Dictionary,
  type FixedSizeBinary,
  type FixedSizeList,
  type Float32,
  makeData,
  RecordBatch,
  type Schema,
  Struct,
  Utf8,
  Vector,
} from "apache-arrow";
import type { EmbeddedRows } from "./embedded-rows.js";

/** The values of a dictionary column and the code of each. */
export interface Classes {
  readonly codes: ReadonlyMap<string, number>;
  readonly values: Vector<Utf8>;
}

/** A dictionary over the sorted distinct values; one for all batches of a file, which may not replace it. */
export function classesOf(values: Iterable<string>): Classes {
  const sorted = [...new Set(values)].sort();
  return {
    codes: new Map(sorted.map((value, code) => [value, code])),
    values: new Vector([utf8Data(sorted)]),
  };
}

/**
 * One Arrow record batch; the vectors are referenced, not copied.
 * @param classes - the dictionaries of `label` and `split` where the schema has dictionaries.
 */
export function toRecordBatch(
  schema: Schema,
  rows: EmbeddedRows,
  classes?: { readonly label: Classes; readonly split: Classes },
): RecordBatch {
  const length = rows.ids.length;
  const types = schema.fields.map((field) => field.type as DataType);
  const list = types[1] as FixedSizeList<Float32>;
  const children: Data[] = [
    utf8Data(rows.ids),
    makeData({
      type: list,
      length,
      nullCount: 0,
      child: makeData({
        type: list.valueType,
        length: length * list.listSize,
        nullCount: 0,
        data: rows.vectors,
      }),
    }),
    classData(types[2]!, rows.labels, classes?.label),
    classData(types[3]!, rows.splits, classes?.split),
    utf8Data(rows.sources),
    makeData({ type: types[5] as FixedSizeBinary, length, nullCount: 0, data: rows.hashes }) as Data,
  ];
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
  );
}

function classData(type: DataType, values: readonly (string | null)[], classes: Classes | undefined): Data {
  if (!(type instanceof Dictionary) || classes === undefined) return utf8Data(values);
  const codes = Int32Array.from(values, (value) => (value === null ? 0 : classes.codes.get(value)!));
  return makeData({
    type,
    length: values.length,
    ...validity(values),
    data: codes,
    dictionary: classes.values,
  });
}

/** A utf8 column from strings; all its text lies in one buffer. */
function utf8Data(values: readonly (string | null)[]): Data<Utf8> {
  const valueOffsets = new Int32Array(values.length + 1);
  const texts = values.map((value) => Buffer.from(value ?? "", "utf8"));
  for (let i = 0; i < texts.length; i++) valueOffsets[i + 1] = valueOffsets[i]! + texts[i]!.length;
  const data = Buffer.concat(texts);
  return makeData({ type: new Utf8(), length: values.length, ...validity(values), valueOffsets, data });
}

/** Null count and bitmap (bit i set where value i is present); no bitmap where nothing is null. */
function validity(values: readonly (string | null)[]): { nullCount: number; nullBitmap?: Uint8Array } {
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 64) * 8);
  let nullCount = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === null) nullCount++;
    else nullBitmap[i >> 3]! |= 1 << (i & 7);
  }
  return nullCount === 0 ? { nullCount } : { nullCount, nullBitmap };
}
