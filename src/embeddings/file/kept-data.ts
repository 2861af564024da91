import { Bool, type Data, type DataType, Field, Float64, Int64, makeData, Utf8 } from "apache-arrow";
import type { KeptCell, KeptColumn, KeptType } from "../../data/kept-columns.js";
import { utf8Data, validity } from "./utf8-data.js";

const ARROW_TYPES = {
  utf8: () => new Utf8(),
  int64: () => new Int64(),
  float64: () => new Float64(),
  bool: () => new Bool(),
} as const satisfies Record<KeptType, () => DataType>;

/** A kept column in an Arrow schema. */
export function keptField({ name, type }: KeptColumn): Field {
  return new Field(name, ARROW_TYPES[type](), true);
}

/** The values of a kept column as an Arrow column of one batch. */
export function keptData(type: KeptType, values: readonly KeptCell[]): Data {
  const length = values.length;
  if (type === "utf8") return utf8Data(values as readonly (string | null)[]);
  const column = { length, ...validity(values) };
  if (type === "int64") {
    const data = BigInt64Array.from(values, (value) => (value === null ? 0n : (value as bigint)));
    return makeData({ type: new Int64(), ...column, data });
  }
  if (type === "float64") {
    return makeData({ type: new Float64(), ...column, data: Float64Array.from(values, Number) });
  }
  const bits = new Uint8Array(Math.ceil(length / 64) * 8);
  values.forEach((value, i) => {
    if (value === true) bits[i >> 3]! |= 1 << (i & 7);
  });
  return makeData({ type: new Bool(), ...column, data: bits });
}
