import { wasmKernel } from "./wasm-kernel.js";
import {
  advance,
  again,
  END,
  F32X4_ADD,
  F32X4_MUL,
  get,
  I32,
  I32_ADD,
  LOOP,
  loadSplat32,
  loadVector,
  set,
  storeVector,
  V128,
  V128_ZERO,
} from "./wasm-opcodes.js";

/**
 * Writes a panel's products: out[r * outStride + c] = Σ_k a[r * aStride + k] · panel[k * 8 + c], c to 7, of as many rows
 * as four times `fours`, at least once.
 */
export type Float32DotPanel = (
  a: number,
  aStride: number,
  panel: number,
  cols: number,
  out: number,
  outStride: number,
  fours: number,
) => void;

/** The kernel and the memory that its addresses, all in bytes, point into. */
export interface Float32DotModule {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly panel: Float32DotPanel;
}

/** Parameters a, aStride, panel, cols, out, outStride, fours; then the locals. */
const [A, A_STRIDE, PANEL, COLS, OUT, OUT_STRIDE, FOURS, ROW, FIRST, AT, LEFT] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
];
const B0 = 11;
const B1 = 12;
const SPLAT = 13;
const SUMS = 14;

/** One function in WebAssembly's SIMD, assembled here: four lanes go on for each of 4 × 8 sums, columns in order. */
function assemble(): number[] {
  const rows = [0, 1, 2, 3];
  const copy = (from: number, to: number): number[] => [...get(from), ...set(to)];
  const nextRow = [...get(ROW), ...get(A_STRIDE), I32_ADD, ...set(ROW)];
  const multiplyAdd = (sum: number, b: number): number[] => [
    ...get(sum),
    ...get(SPLAT),
    ...get(b),
    ...F32X4_MUL,
    ...F32X4_ADD,
    ...set(sum),
  ];
  return [
    ...[2, 4, I32, 11, V128],
    ...LOOP,
    ...[...copy(A, FIRST), ...copy(PANEL, AT), ...copy(COLS, LEFT)],
    ...Array.from({ length: 8 }, (_, sum) => [...V128_ZERO, ...set(SUMS + sum)]).flat(),
    ...LOOP,
    ...[...get(AT), ...loadVector(0), ...set(B0), ...get(AT), ...loadVector(16), ...set(B1)],
    ...copy(FIRST, ROW),
    ...rows.flatMap((r) => [
      ...[...get(ROW), ...loadSplat32, ...set(SPLAT)],
      ...multiplyAdd(SUMS + 2 * r, B0),
      ...multiplyAdd(SUMS + 2 * r + 1, B1),
      ...(r < 3 ? nextRow : []),
    ]),
    ...advance(FIRST, 4),
    ...advance(AT, 32),
    ...[...again(LEFT), END],
    ...rows.flatMap((r) => [
      ...[...get(OUT), ...get(SUMS + 2 * r), ...storeVector(0)],
      ...[...get(OUT), ...get(SUMS + 2 * r + 1), ...storeVector(16)],
      ...[...get(OUT), ...get(OUT_STRIDE), I32_ADD, ...set(OUT)],
    ]),
    ...rows.flatMap(() => [...get(A), ...get(A_STRIDE), I32_ADD, ...set(A)]),
    ...[...again(FOURS), END],
    END,
  ];
}

let made: Float32DotModule | null = null;

/** The kernel, made at its first use; null where this runtime has no WebAssembly SIMD. */
export function float32DotModule(): Float32DotModule | null {
  if (made !== null) return made;
  made = wasmKernel({
    name: "panel",
    parameters: [I32, I32, I32, I32, I32, I32, I32],
    body: assemble(),
  }) as Float32DotModule | null;
  return made;
}
