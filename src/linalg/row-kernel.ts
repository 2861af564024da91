import { wasmKernels } from "./wasm-kernel.js";
import {
  advance,
  again,
  END,
  F64,
  F64_ADD,
  F64_DIV,
  F64_SUB,
  F64X2_ADD,
  F64X2_MUL,
  F64X2_SUB,
  f64Lane,
  get,
  I32,
  I32_ADD,
  LOOP,
  load64,
  loadSplat64,
  loadVector,
  set,
  store64,
  storeVector,
  V128,
  V128_ZERO,
} from "./wasm-opcodes.js";

/**
 * Products with rows of float64 in the kernel's own memory, four rows and four columns at a time. Addresses and strides
 * are in bytes; `fours` and `turns` are at least 1. Fast from the first calls, where plain loops are still compiled.
 */
export interface RowKernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /**
   * out[r] = (out[r] - Σ_t a[r][t] · b[t]) / divisor, of `4 * fours` rows and `4 * turns` columns.
   */
  readonly dots: (
    a: number,
    aStride: number,
    b: number,
    turns: number,
    out: number,
    outStride: number,
    fours: number,
    divisor: number,
  ) => void;
  /** out[t] -= Σ_r a[r][t] · factors[r], of four rows and `4 * turns` columns. */
  readonly pull: (a: number, aStride: number, factors: number, out: number, turns: number) => void;
}

const ROWS = [0, 1, 2, 3];

function assembleDots(): number[] {
  const [A, A_STRIDE, B, TURNS, OUT, OUT_STRIDE, FOURS, DIVISOR] = [0, 1, 2, 3, 4, 5, 6, 7];
  const ROW = 8;
  const [AT, LEFT] = [12, 13];
  const SUMS = 14;
  const [B0, B1] = [22, 23];
  const nextRow = (from: number): number[] => [...get(from), ...get(A_STRIDE), I32_ADD];
  const multiplyAdd = (sum: number, b: number, row: number, offset: number): number[] => [
    ...[...get(sum), ...get(row), ...loadVector(offset), ...get(b), ...F64X2_MUL, ...F64X2_ADD],
    ...set(sum),
  ];
  return [
    ...[2, 6, I32, 10, V128],
    ...LOOP,
    ...[...get(A), ...set(ROW)],
    ...[1, 2, 3].flatMap((r) => [...nextRow(ROW + r - 1), ...set(ROW + r)]),
    ...[...get(B), ...set(AT), ...get(TURNS), ...set(LEFT)],
    ...Array.from({ length: 8 }, (_, sum) => [...V128_ZERO, ...set(SUMS + sum)]).flat(),
    ...LOOP,
    ...[...get(AT), ...loadVector(0), ...set(B0), ...get(AT), ...loadVector(16), ...set(B1)],
    ...ROWS.flatMap((r) => [
      ...multiplyAdd(SUMS + 2 * r, B0, ROW + r, 0),
      ...multiplyAdd(SUMS + 2 * r + 1, B1, ROW + r, 16),
    ]),
    ...[ROW, ROW + 1, ROW + 2, ROW + 3, AT].flatMap((pointer) => advance(pointer, 32)),
    ...[...again(LEFT), END],
    ...ROWS.flatMap((r) => [
      ...[...get(SUMS + 2 * r), ...get(SUMS + 2 * r + 1), ...F64X2_ADD, ...set(B0)],
      ...[...get(OUT), ...get(OUT), ...load64],
      ...[...get(B0), ...f64Lane(0), ...get(B0), ...f64Lane(1), F64_ADD],
      ...[F64_SUB, ...get(DIVISOR), F64_DIV, ...store64],
      ...[...get(OUT), ...get(OUT_STRIDE), I32_ADD, ...set(OUT)],
      ...[...nextRow(A), ...set(A)],
    ]),
    ...[...again(FOURS), END],
    END,
  ];
}

function assemblePull(): number[] {
  const [A, A_STRIDE, FACTORS, OUT, TURNS] = [0, 1, 2, 3, 4];
  const ROW = 5;
  const FACTOR = 8;
  const rowOf = (r: number): number => (r === 0 ? A : ROW + r - 1);
  return [
    ...[2, 3, I32, 4, V128],
    ...[1, 2, 3].flatMap((r) => [...get(rowOf(r - 1)), ...get(A_STRIDE), I32_ADD, ...set(rowOf(r))]),
    ...ROWS.flatMap((r) => [...get(FACTORS), ...loadSplat64, ...set(FACTOR + r), ...advance(FACTORS, 8)]),
    ...LOOP,
    ...[0, 16].flatMap((offset) => [
      ...[...get(OUT), ...get(OUT), ...loadVector(offset)],
      ...ROWS.flatMap((r) => [
        ...[...get(rowOf(r)), ...loadVector(offset), ...get(FACTOR + r), ...F64X2_MUL, ...F64X2_SUB],
      ]),
      ...storeVector(offset),
    ]),
    ...[...ROWS.map(rowOf), OUT].flatMap((pointer) => advance(pointer, 32)),
    ...[...again(TURNS), END],
    END,
  ];
}

let instances: (() => unknown) | null | undefined;

/**
 * A kernel with a memory of its own, of zeros.
 * @param elements - float64 that it must hold.
 * @returns null where this runtime has no WebAssembly SIMD.
 */
export function rowKernel(elements: number): RowKernel | null {
  instances ??= wasmKernels(
    { name: "dots", parameters: [I32, I32, I32, I32, I32, I32, I32, F64], body: assembleDots() },
    { name: "pull", parameters: [I32, I32, I32, I32, I32], body: assemblePull() },
  );
  if (instances === null) return null;
  const kernel = instances() as RowKernel;
  const lacking = 8 * elements - kernel.memory.buffer.byteLength;
  if (lacking > 0) kernel.memory.grow(Math.ceil(lacking / 65536));
  return kernel;
}
