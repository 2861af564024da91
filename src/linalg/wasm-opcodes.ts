/** Value types of WebAssembly. */
export const I32 = 0x7f;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;

/** Instructions as bytes; a local is an index, an offset is in bytes and below 128. */
export const get = (local: number): number[] => [0x20, local];
export const set = (local: number): number[] => [0x21, local];
export const tee = (local: number): number[] => [0x22, local];
export const I32_ADD = 0x6a;
export const I32_SUB = 0x6b;
/** A number from 0 on, as signed LEB128. */
export const i32 = (value: number): number[] => {
  const bytes = [0x41];
  for (; value >= 64; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
};
/** A pointer some bytes on. */
export const advance = (local: number, by: number): number[] => [
  ...get(local),
  ...[...i32(by), I32_ADD],
  ...set(local),
];

export const LOOP = [0x03, 0x40];
/** Back to the start of the loop if the value is not 0. */
export const BACK_IF = [0x0d, 0];
/** So many less (below 64), and back to the start of the loop until none is left. */
export const again = (count: number, by = 1): number[] => [
  ...[...get(count), 0x41, by, I32_SUB],
  ...[...tee(count), ...BACK_IF],
];
export const END = 0x0b;

export const loadVector = (offset = 0): number[] => [0xfd, 0x00, 2, offset];
export const storeVector = (offset = 0): number[] => [0xfd, 0x0b, 2, offset];
/** Two float32 as float64. */
export const loadPromoted = (offset = 0): number[] => [0xfd, 0x5d, 2, offset, 0xfd, 0x5f];
/** The four float32 of two vectors, 0 to 3 of the first and 4 to 7 of the second, picked. */
export const pickFloats = (...lanes: readonly number[]): number[] => [
  ...[0xfd, 0x0d],
  ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
];
/** A float32, or a float64, in all lanes. */
export const loadSplat32 = [0xfd, 0x09, 2, 0];
export const loadSplat64 = [0xfd, 0x0a, 3, 0];
export const V128_ZERO = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
export const load64 = [0x2b, 3, 0];
export const store64 = [0x39, 3, 0];
export const F64_ADD = 0xa0;
export const F64_SUB = 0xa1;
export const F64_DIV = 0xa3;
/** One of two float64. */
export const f64Lane = (lane: 0 | 1): number[] => [0xfd, 0x21, lane];
export const F32X4_ADD = [0xfd, 0xe4, 0x01];
export const F32X4_MUL = [0xfd, 0xe6, 0x01];
/** Two float64. */
export const f64x2 = (low: number, high: number): number[] => [
  ...[0xfd, 0x0c],
  ...new Uint8Array(Float64Array.of(low, high).buffer),
];
export const F64X2_SPLAT = [0xfd, 0x14];
export const F64X2_ADD = [0xfd, 0xf0, 0x01];
export const F64X2_SUB = [0xfd, 0xf1, 0x01];
export const F64X2_MUL = [0xfd, 0xf2, 0x01];
export const F64X2_DIV = [0xfd, 0xf3, 0x01];
/** Of two values the first, unless the second is less, or more. */
export const F64X2_LEAST = [0xfd, 0xf6, 0x01];
export const F64X2_MOST = [0xfd, 0xf7, 0x01];
export const F64X2_LT = [0xfd, 0x49];
export const F64X2_GT = [0xfd, 0x4a];
export const F64X2_LE = [0xfd, 0x4b];
export const AND = [0xfd, 0x4e];
/** From three vectors: bits of the first where the third has ones, else of the second. */
export const SELECT = [0xfd, 0x52];
