import { wasmKernel } from "./wasm-kernel.js";
import {
  advance,
  again,
  END,
  F64X2_ADD,
  F64X2_MUL,
  get,
  I32,
  I32_ADD,
  LOOP,
  loadSplat64,
  loadVector,
  set,
  storeVector,
  V128,
} from "./wasm-opcodes.js";

/** Adds a panel's products: out[r * outStride + c] = Σ_k a[r * aStride + k] · panel[k * 4 + c], r and c from 0 to 3. */
export type DotPanel = (
  a: number,
  aStride: number,
  panel: number,
  cols: number,
  out: number,
  outStride: number,
) => void;

/** The kernel and the memory that its addresses, all in bytes, point into. */
export interface DotModule {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly panel: DotPanel;
}

/** Parameters a, aStride, panel, cols, out, outStride; then the locals. */
const [A, A_STRIDE, PANEL, COLS, OUT, OUT_STRIDE, ROW] = [0, 1, 2, 3, 4, 5, 6];
const B0 = 7;
const B1 = 8;
const SPLAT = 9;
const SUMS = 10;

/** One function in WebAssembly's SIMD, assembled here: two lanes go on for each of 4 × 4 sums, columns in order. */
function assemble(): number[] {
  const rows = [0, 1, 2, 3];
  const multiplyAdd = (sum: number, b: number): number[] => [
    ...get(sum),
    ...get(SPLAT),
    ...get(b),
    ...F64X2_MUL,
    ...F64X2_ADD,
    ...set(sum),
  ];
  return [
    ...[2, 1, I32, 11, V128],
    ...LOOP,
    ...[...get(PANEL), ...loadVector(0), ...set(B0), ...get(PANEL), ...loadVector(16), ...set(B1)],
    ...[...get(A), ...set(ROW)],
    ...rows.flatMap((r) => [
      ...[...get(ROW), ...loadSplat64, ...set(SPLAT)],
      ...multiplyAdd(SUMS + 2 * r, B0),
      ...multiplyAdd(SUMS + 2 * r + 1, B1),
      ...(r < 3 ? [...get(ROW), ...get(A_STRIDE), I32_ADD, ...set(ROW)] : []),
    ]),
    ...advance(A, 8),
    ...advance(PANEL, 32),
    ...[...again(COLS), END],
    ...rows.flatMap((r) => [
      ...[...get(OUT), ...get(SUMS + 2 * r), ...storeVector(0)],
      ...[...get(OUT), ...get(SUMS + 2 * r + 1), ...storeVector(16)],
      ...[...get(OUT), ...get(OUT_STRIDE), I32_ADD, ...set(OUT)],
    ]),
    END,
  ];
}

let made: DotModule | null = null;

/** The kernel, made at its first use; null where this runtime has no WebAssembly SIMD. */
export function dotModule(): DotModule | null {
  if (made !== null) return made;
  made = wasmKernel({
    name: "panel",
    parameters: [I32, I32, I32, I32, I32, I32],
    body: assemble(),
  }) as DotModule | null;
  return made;
}
