import { type Data, makeData, Utf8 } from "apache-arrow";

/** Characters that are put into one string; longer columns are encoded value by value. */
const MOST_JOINED = 2 ** 26;

/** A utf8 column from strings; all its text lies in one buffer. */
export function utf8Data(values: readonly (string | null)[]): Data<Utf8> {
  const { data, valueOffsets } = joined(values) ?? oneByOne(values);
  return makeData({ type: new Utf8(), length: values.length, ...validity(values), valueOffsets, data });
}

interface Encoded {
  readonly data: Uint8Array;
  readonly valueOffsets: Int32Array;
}

/** All text encoded in one call; null where it is too much, or where two halves of a character meet that were apart. */
function joined(values: readonly (string | null)[]): Encoded | null {
  let length = 0;
  for (const value of values) length += value?.length ?? 0;
  if (length > MOST_JOINED) return null;
  const data = Buffer.from(values.join(""), "utf8");
  const isAscii = data.length === length;
  const valueOffsets = new Int32Array(values.length + 1);
  let end = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value !== null) end += isAscii ? value.length : Buffer.byteLength(value);
    valueOffsets[i + 1] = end;
  }
  return end === data.length ? { data, valueOffsets } : null;
}

function oneByOne(values: readonly (string | null)[]): Encoded {
  const valueOffsets = new Int32Array(values.length + 1);
  const texts = values.map((value) => Buffer.from(value ?? "", "utf8"));
  for (let i = 0; i < texts.length; i++) valueOffsets[i + 1] = valueOffsets[i]! + texts[i]!.length;
  return { data: Buffer.concat(texts), valueOffsets };
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
