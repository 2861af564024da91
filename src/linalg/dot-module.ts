import { wasmKernel } from "./wasm-kernel.js";

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

const I32 = 0x7f;
const V128 = 0x7b;
const localGet = (index: number): number[] => [0x20, index];
const localSet = (index: number): number[] => [0x21, index];
const localTee = (index: number): number[] => [0x22, index];
const i32Const = (value: number): number[] => [0x41, value];
const I32_ADD = 0x6a;
const I32_SUB = 0x6b;
const load = (offset: number): number[] => [0xfd, 0x00, 3, offset];
const loadSplat = [0xfd, 0x0a, 3, 0];
const store = (offset: number): number[] => [0xfd, 0x0b, 3, offset];
const F64X2_ADD = [0xfd, 0xf0, 0x01];
const F64X2_MUL = [0xfd, 0xf2, 0x01];

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
    ...localGet(sum),
    ...localGet(SPLAT),
    ...localGet(b),
    ...F64X2_MUL,
    ...F64X2_ADD,
    ...localSet(sum),
  ];
  const body = [
    ...[2, 1, I32, 11, V128],
    ...[0x03, 0x40],
    ...[...localGet(PANEL), ...load(0), ...localSet(B0), ...localGet(PANEL), ...load(16), ...localSet(B1)],
    ...[...localGet(A), ...localSet(ROW)],
    ...rows.flatMap((r) => [
      ...[...localGet(ROW), ...loadSplat, ...localSet(SPLAT)],
      ...multiplyAdd(SUMS + 2 * r, B0),
      ...multiplyAdd(SUMS + 2 * r + 1, B1),
      ...(r < 3 ? [...localGet(ROW), ...localGet(A_STRIDE), I32_ADD, ...localSet(ROW)] : []),
    ]),
    ...[...localGet(A), ...i32Const(8), I32_ADD, ...localSet(A)],
    ...[...localGet(PANEL), ...i32Const(32), I32_ADD, ...localSet(PANEL)],
    ...[...localGet(COLS), ...i32Const(1), I32_SUB, ...localTee(COLS), 0x0d, 0, 0x0b],
    ...rows.flatMap((r) => [
      ...[...localGet(OUT), ...localGet(SUMS + 2 * r), ...store(0)],
      ...[...localGet(OUT), ...localGet(SUMS + 2 * r + 1), ...store(16)],
      ...[...localGet(OUT), ...localGet(OUT_STRIDE), I32_ADD, ...localSet(OUT)],
    ]),
    0x0b,
  ];
  return body;
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
