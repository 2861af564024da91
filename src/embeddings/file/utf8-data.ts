import { type Data, makeData, Utf8 } from "apache-arrow";

/** A utf8 column from strings; all its text lies in one buffer. */
export function utf8Data(values: readonly (string | null)[]): Data<Utf8> {
  const valueOffsets = new Int32Array(values.length + 1);
  const texts = values.map((value) => Buffer.from(value ?? "", "utf8"));
  for (let i = 0; i < texts.length; i++) valueOffsets[i + 1] = valueOffsets[i]! + texts[i]!.length;
  const data = Buffer.concat(texts);
  return makeData({ type: new Utf8(), length: values.length, ...validity(values), valueOffsets, data });
}

/** Null count and bitmap (bit i set where value i is present); no bitmap where nothing is null. */
export function validity(values: readonly unknown[]): { nullCount: number; nullBitmap?: Uint8Array } {
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 64) * 8);
  let nullCount = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === null) nullCount++;
    else nullBitmap[i >> 3]! |= 1 << (i & 7);
  }
  return nullCount === 0 ? { nullCount } : { nullCount, nullBitmap };
}
