import { wasmKernels } from "../../linalg/wasm-kernel.js";
import {
  advance,
  again,
  END,
  F64,
  F64X2_ADD,
  F64X2_MUL,
  F64X2_SPLAT,
  get,
  I32,
  I32_ADD,
  LOOP,
  loadPromoted,
  loadVector,
  pickFloats,
  set,
  storeVector,
  V128,
} from "../../linalg/wasm-opcodes.js";
import { type BlockModule, blockFunctions } from "./svm-block-module.js";

/** Loops over kernel values in WebAssembly's SIMD, and the memory that they lie in. Addresses are in bytes. */
export interface RowModule extends BlockModule {
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
  /** Writes four rows of 4 · `fours` float32 as so many rows of four; strides are in bytes. */
  transpose(from: number, fromStride: number, to: number, toStride: number, fours: number): void;
}

function addFourBody(): number[] {
  const [sums, firstRow, firstWeight, fours, splat] = [0, 1, 5, 9, 10];
  const rows = [0, 1, 2, 3];
  const half = (h: number): number[] => [
    ...get(sums),
    ...[...get(sums), ...loadVector(16 * h)],
    ...rows.flatMap((r) => [
      ...[...get(firstRow + r), ...loadPromoted(8 * h)],
      ...[...get(splat + r), ...F64X2_MUL, ...F64X2_ADD],
    ]),
    ...storeVector(16 * h),
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

function transposeBody(): number[] {
  const [from, fromStride, to, toStride, fours] = [0, 1, 2, 3, 4];
  const row = (r: number): number => (r === 0 ? from : 4 + r);
  const pair = (p: number): number => 8 + p;
  const picked = (first: number, second: number, ...lanes: number[]): number[] => [
    ...[...get(first), ...get(second), ...pickFloats(...lanes)],
  ];
  const load = (r: number): number[] => [...get(row(r)), ...loadVector()];
  const low = [0, 4, 1, 5];
  const high = [2, 6, 3, 7];
  const write = (value: number[]): number[] => [
    ...[...get(to), ...value, ...storeVector()],
    ...[...get(to), ...get(toStride), I32_ADD, ...set(to)],
  ];
  return [
    ...[2, 3, I32, 4, V128],
    ...[1, 2, 3].flatMap((r) => [...get(row(r - 1)), ...get(fromStride), I32_ADD, ...set(row(r))]),
    ...LOOP,
    ...[...load(0), ...load(1), ...pickFloats(...low), ...set(pair(0))],
    ...[...load(0), ...load(1), ...pickFloats(...high), ...set(pair(1))],
    ...[...load(2), ...load(3), ...pickFloats(...low), ...set(pair(2))],
    ...[...load(2), ...load(3), ...pickFloats(...high), ...set(pair(3))],
    ...write(picked(pair(0), pair(2), 0, 1, 4, 5)),
    ...write(picked(pair(0), pair(2), 2, 3, 6, 7)),
    ...write(picked(pair(1), pair(3), 0, 1, 4, 5)),
    ...write(picked(pair(1), pair(3), 2, 3, 6, 7)),
    ...[0, 1, 2, 3].flatMap((r) => advance(row(r), 16)),
    ...[...again(fours), END, END],
  ];
}

let make: (() => unknown) | null | undefined;

/** A module with a memory of its own; null where this runtime has no WebAssembly SIMD. */
export function rowModule(): RowModule | null {
  make ??= wasmKernels(
    {
      name: "addFour",
      parameters: [I32, I32, I32, I32, I32, F64, F64, F64, F64, I32],
      body: addFourBody(),
    },
    { name: "gather", parameters: [I32, I32, I32, I32], body: gatherBody() },
    { name: "transpose", parameters: [I32, I32, I32, I32, I32], body: transposeBody() },
    ...blockFunctions,
  );
  return (make?.() ?? null) as RowModule | null;
}
