import type { WasmFunction } from "../../linalg/wasm-kernel.js";
import {
  AND,
  advance,
  again,
  END,
  F64,
  F64X2_ADD,
  F64X2_DIV,
  F64X2_GT,
  F64X2_LE,
  F64X2_LEAST,
  F64X2_LT,
  F64X2_MOST,
  F64X2_MUL,
  F64X2_SPLAT,
  F64X2_SUB,
  f64x2,
  get,
  I32,
  LOOP,
  loadPromoted,
  loadVector,
  SELECT,
  set,
  storeVector,
  tee,
  V128,
} from "../../linalg/wasm-opcodes.js";

/** Stands in for a curvature that is not positive (kernels that are not positive definite, duplicate rows). */
export const TINY = 1e-12;

/** The passes of a block in WebAssembly's SIMD, two variables at a time. Addresses are in bytes, `pairs` at least 1. */
export interface BlockModule {
  /**
   * F += step (a - b), a and b rows of kernel values. Writes to `out` two times two float64 each: the smallest F of
   * what may rise, its index (-1: none), and the largest of what may fall; of even and of odd indices.
   */
  move(
    F: number,
    a: number,
    b: number,
    rise: number,
    fall: number,
    out: number,
    step: number,
    pairs: number,
  ): void;
  /**
   * Writes to `out` the largest gain (F - smallest)² / (own + diagonal - 2 row) of what may fall from above `smallest`,
   * and its index (-1: none); of even and of odd indices.
   */
  partner(
    F: number,
    diagonal: number,
    row: number,
    fall: number,
    out: number,
    own: number,
    smallest: number,
    pairs: number,
  ): void;
}

const both = (value: number): number[] => f64x2(value, value);

function moveBody(): number[] {
  const [F, a, b, rise, fall, out, step, pairs] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [steps, least, index, indices, most, moved, candidate] = [8, 9, 10, 11, 12, 13, 14];
  return [
    ...[1, 7, V128],
    ...[...get(step), ...F64X2_SPLAT, ...set(steps)],
    ...[...both(Infinity), ...set(least), ...both(-Infinity), ...set(most)],
    ...[...both(-1), ...set(index), ...f64x2(0, 1), ...set(indices)],
    ...[...LOOP, ...get(F)],
    ...[...get(F), ...loadVector(), ...get(steps)],
    ...[...get(a), ...loadPromoted(), ...get(b), ...loadPromoted(), ...F64X2_SUB],
    ...[...F64X2_MUL, ...F64X2_ADD, ...tee(moved), ...storeVector()],
    ...[...get(moved), ...both(Infinity), ...get(rise), ...loadVector(), ...SELECT, ...set(candidate)],
    ...[
      ...get(indices),
      ...get(index),
      ...get(candidate),
      ...get(least),
      ...F64X2_LT,
      ...SELECT,
      ...set(index),
    ],
    ...[...get(least), ...get(candidate), ...F64X2_LEAST, ...set(least)],
    ...[...get(most), ...get(moved), ...both(-Infinity), ...get(fall), ...loadVector(), ...SELECT],
    ...[...F64X2_MOST, ...set(most)],
    ...[...get(indices), ...both(2), ...F64X2_ADD, ...set(indices)],
    ...[...advance(F, 16), ...advance(a, 8), ...advance(b, 8), ...advance(rise, 16), ...advance(fall, 16)],
    ...[...again(pairs), END],
    ...[...get(out), ...get(least), ...storeVector()],
    ...[...get(out), ...get(index), ...storeVector(16)],
    ...[...get(out), ...get(most), ...storeVector(32), END],
  ];
}

function partnerBody(): number[] {
  const [F, diagonal, row, fall, out, own, smallest, pairs] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [owns, floor, best, index, indices, slope, curvature, gain] = [8, 9, 10, 11, 12, 13, 14, 15];
  return [
    ...[1, 8, V128],
    ...[...get(own), ...F64X2_SPLAT, ...set(owns), ...get(smallest), ...F64X2_SPLAT, ...set(floor)],
    ...[...both(0), ...set(best), ...both(-1), ...set(index), ...f64x2(0, 1), ...set(indices)],
    ...LOOP,
    ...[...get(F), ...loadVector(), ...get(floor), ...F64X2_SUB, ...set(slope)],
    ...[...get(owns), ...get(diagonal), ...loadVector(), ...F64X2_ADD],
    ...[...both(2), ...get(row), ...loadPromoted(), ...F64X2_MUL, ...F64X2_SUB, ...set(curvature)],
    ...[...get(slope), ...get(slope), ...F64X2_MUL],
    ...[
      ...both(TINY),
      ...get(curvature),
      ...get(curvature),
      ...both(0),
      ...F64X2_LE,
      ...SELECT,
      ...F64X2_DIV,
    ],
    ...[...get(fall), ...loadVector(), ...get(slope), ...both(0), ...F64X2_GT, ...AND, ...AND, ...set(gain)],
    ...[...get(indices), ...get(index), ...get(gain), ...get(best), ...F64X2_GT, ...SELECT, ...set(index)],
    ...[...get(best), ...get(gain), ...F64X2_MOST, ...set(best)],
    ...[...get(indices), ...both(2), ...F64X2_ADD, ...set(indices)],
    ...[...advance(F, 16), ...advance(diagonal, 16), ...advance(row, 8), ...advance(fall, 16)],
    ...[...again(pairs), END],
    ...[...get(out), ...get(best), ...storeVector()],
    ...[...get(out), ...get(index), ...storeVector(16), END],
  ];
}

/** What a module needs for `BlockModule`. */
export const blockFunctions: readonly WasmFunction[] = [
  { name: "move", parameters: [I32, I32, I32, I32, I32, I32, F64, I32], body: moveBody() },
  { name: "partner", parameters: [I32, I32, I32, I32, I32, F64, F64, I32], body: partnerBody() },
];
