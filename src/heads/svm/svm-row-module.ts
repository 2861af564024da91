import { wasmKernel } from "../../linalg/wasm-kernel.js";

/** Loops over kernel rows in WebAssembly's SIMD, and the memory that the rows lie in. Addresses are in bytes. */
export interface RowModule {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /** sums[j] += wa a[j] + wb b[j] + wc c[j] + wd d[j] for 4 · `fours` float32 columns, sums in float64. */
  addFour(
    sums: number,
    a: number,
    b: number,
    c: number,
    d: number,
    wa: number,
    wb: number,
    wc: number,
    wd: number,
    fours: number,
  ): void;
  /** out[k] = the float32 at row + columns[k], for 4 · `fours` int32 `columns`, themselves in bytes. */
  gather(row: number, columns: number, out: number, fours: number): void;
}

const I32 = 0x7f;
const F64 = 0x7c;
const V128 = 0x7b;
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const tee = (local: number): number[] => [0x22, local];
const I32_ADD = 0x6a;
const advance = (local: number, by: number): number[] => [...get(local), 0x41, by, I32_ADD, ...set(local)];
/** One less, and back to the start of the loop until none is left. */
const again = (count: number): number[] => [...get(count), 0x41, 1, 0x6b, ...tee(count), 0x0d, 0];
const LOOP = [0x03, 0x40];
const END = 0x0b;
const loadF64x2 = (offset: number): number[] => [0xfd, 0x00, 3, offset];
const storeF64x2 = (offset: number): number[] => [0xfd, 0x0b, 3, offset];
/** Two float32 as float64. */
const loadPromoted = (offset: number): number[] => [0xfd, 0x5d, 2, offset, 0xfd, 0x5f];
const F64X2_SPLAT = [0xfd, 0x14];
const F64X2_ADD = [0xfd, 0xf0, 0x01];
const F64X2_MUL = [0xfd, 0xf2, 0x01];

function addFourBody(): number[] {
  const [sums, firstRow, firstWeight, fours, splat] = [0, 1, 5, 9, 10];
  const rows = [0, 1, 2, 3];
  const half = (h: number): number[] => [
    ...get(sums),
    ...[...get(sums), ...loadF64x2(16 * h)],
    ...rows.flatMap((r) => [
      ...[...get(firstRow + r), ...loadPromoted(8 * h)],
      ...[...get(splat + r), ...F64X2_MUL, ...F64X2_ADD],
    ]),
    ...storeF64x2(16 * h),
  ];
  return [
    ...[1, 4, V128],
    ...rows.flatMap((r) => [...get(firstWeight + r), ...F64X2_SPLAT, ...set(splat + r)]),
    ...[...LOOP, ...half(0), ...half(1)],
    ...rows.flatMap((r) => advance(firstRow + r, 16)),
    ...[...advance(sums, 32), ...again(fours), END, END],
  ];
}

function gatherBody(): number[] {
  const [row, columns, out, fours] = [0, 1, 2, 3];
  const value = (k: number): number[] => [
    ...get(out),
    ...[...get(row), ...get(columns), 0x28, 2, 4 * k, I32_ADD, 0x2a, 2, 0],
    ...[0x38, 2, 4 * k],
  ];
  return [
    ...[0, ...LOOP, ...[0, 1, 2, 3].flatMap(value)],
    ...[...advance(columns, 16), ...advance(out, 16), ...again(fours), END, END],
  ];
}

/** A module with a memory of its own; null where this runtime has no WebAssembly SIMD. */
export function rowModule(): RowModule | null {
  return wasmKernel(
    {
      name: "addFour",
      parameters: [I32, I32, I32, I32, I32, F64, F64, F64, F64, I32],
      body: addFourBody(),
    },
    { name: "gather", parameters: [I32, I32, I32, I32], body: gatherBody() },
  ) as RowModule | null;
}
