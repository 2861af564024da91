import { wasmKernel } from "./wasm-kernel.js";

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

const I32 = 0x7f;
const V128 = 0x7b;
const localGet = (index: number): number[] => [0x20, index];
const localSet = (index: number): number[] => [0x21, index];
const localTee = (index: number): number[] => [0x22, index];
const i32Const = (value: number): number[] => [0x41, value];
const I32_ADD = 0x6a;
const I32_SUB = 0x6b;
const load = (offset: number): number[] => [0xfd, 0x00, 2, offset];
const loadSplat = [0xfd, 0x09, 2, 0];
const store = (offset: number): number[] => [0xfd, 0x0b, 2, offset];
const F32X4_ADD = [0xfd, 0xe4, 0x01];
const F32X4_MUL = [0xfd, 0xe6, 0x01];

const V128_ZERO = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];

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
  const copy = (from: number, to: number): number[] => [...localGet(from), ...localSet(to)];
  const nextRow = [...localGet(ROW), ...localGet(A_STRIDE), I32_ADD, ...localSet(ROW)];
  const multiplyAdd = (sum: number, b: number): number[] => [
    ...localGet(sum),
    ...localGet(SPLAT),
    ...localGet(b),
    ...F32X4_MUL,
    ...F32X4_ADD,
    ...localSet(sum),
  ];
  return [
    ...[2, 4, I32, 11, V128],
    ...[0x03, 0x40],
    ...[...copy(A, FIRST), ...copy(PANEL, AT), ...copy(COLS, LEFT)],
    ...Array.from({ length: 8 }, (_, sum) => [...V128_ZERO, ...localSet(SUMS + sum)]).flat(),
    ...[0x03, 0x40],
    ...[...localGet(AT), ...load(0), ...localSet(B0), ...localGet(AT), ...load(16), ...localSet(B1)],
    ...copy(FIRST, ROW),
    ...rows.flatMap((r) => [
      ...[...localGet(ROW), ...loadSplat, ...localSet(SPLAT)],
      ...multiplyAdd(SUMS + 2 * r, B0),
      ...multiplyAdd(SUMS + 2 * r + 1, B1),
      ...(r < 3 ? nextRow : []),
    ]),
    ...[...localGet(FIRST), ...i32Const(4), I32_ADD, ...localSet(FIRST)],
    ...[...localGet(AT), ...i32Const(32), I32_ADD, ...localSet(AT)],
    ...[...localGet(LEFT), ...i32Const(1), I32_SUB, ...localTee(LEFT), 0x0d, 0, 0x0b],
    ...rows.flatMap((r) => [
      ...[...localGet(OUT), ...localGet(SUMS + 2 * r), ...store(0)],
      ...[...localGet(OUT), ...localGet(SUMS + 2 * r + 1), ...store(16)],
      ...[...localGet(OUT), ...localGet(OUT_STRIDE), I32_ADD, ...localSet(OUT)],
    ]),
    ...rows.flatMap(() => [...localGet(A), ...localGet(A_STRIDE), I32_ADD, ...localSet(A)]),
    ...[...localGet(FOURS), ...i32Const(1), I32_SUB, ...localTee(FOURS), 0x0d, 0, 0x0b],
    0x0b,
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
