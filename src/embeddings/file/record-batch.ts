import {
  type Data,
  type DataType,
  Dictionary,
  type FixedSizeBinary,
  type FixedSizeList,
  Float16,
  type Float32,
  makeData,
  RecordBatch,
  type Schema,
  Struct,
  type Utf8,
  Vector,
} from "apache-arrow";
import { hashValidity } from "./content-hashes.js";
import type { EmbeddedRows } from "./embedded-rows.js";
import { float32ToFloat16 } from "./float16.js";
import { keptData } from "./kept-data.js";
import { keptColumns } from "./read-kept.js";
import { utf8Data, validity } from "./utf8-data.js";

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
 * One Arrow record batch; float32 vectors are referenced, not copied, and narrowed where the schema has float16.
 * @param classes - the dictionaries of `label` and `split` where the schema has dictionaries.
 */
export function toRecordBatch(
  schema: Schema,
  rows: EmbeddedRows,
  classes?: { readonly label: Classes; readonly split: Classes },
): RecordBatch {
  const length = rows.ids.length;
  const types = schema.fields.map((field) => field.type as DataType);
  const list = types[1] as FixedSizeList<Float32 | Float16>;
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
        data: list.valueType instanceof Float16 ? float32ToFloat16(rows.vectors) : rows.vectors,
      }),
    }),
    classData(types[2]!, rows.labels, classes?.label),
    classData(types[3]!, rows.splits, classes?.split),
    utf8Data(rows.sources),
    makeData({
      type: types[5] as FixedSizeBinary,
      length,
      ...hashValidity(rows.hashes),
      data: rows.hashes,
    }) as Data,
    ...keptColumns(schema).map(({ type }, i) => keptData(type, rows.kept[i]!)),
  ];
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
  );
}

/** A column of classes: codes into `classes` where the type is a dictionary, else text. */
export function classData(
  type: DataType,
  values: readonly (string | null)[],
  classes: Classes | undefined,
): Data {
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
