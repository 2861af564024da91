import { type BlockModule, TINY } from "./svm-block-module.js";

/** What a pass finds: the variable that may rise of the smallest gradient (-1: none), and the largest that may fall. */
export interface Extremes {
  rising: number;
  smallest: number;
  largest: number;
}

/** Variables that are solved together: their numbers, and the two passes over them that a step takes. */
export interface BlockPasses {
  readonly size: number;
  /** Kernel values: of i and j at `i * stride + j`. */
  readonly K: Float32Array;
  readonly stride: number;
  /** Zeros at first. */
  readonly F: Float64Array;
  /** The kernel of each with itself. */
  readonly diagonal: Float64Array;
  /** Whether variable k may rise, and may fall; at first neither. */
  allow(k: number, rise: boolean, fall: boolean): void;
  /** F += step (K(a, ·) - K(b, ·)). @returns the extremes, overwritten by the next move. */
  move(step: number, a: number, b: number): Extremes;
  /** What gains most to second order by falling while i rises, `smallest` being the gradient of i; -1: nothing does. */
  partner(i: number, smallest: number): number;
}

/** In plain loops. @param K - `[size, size]`. */
export function plainPasses(K: Float32Array, size: number): BlockPasses {
  const F = new Float64Array(size);
  const diagonal = Float64Array.from(F, (_, k) => K[k * size + k]!);
  const rise = new Uint8Array(size);
  const fall = new Uint8Array(size);
  const found: Extremes = { rising: -1, smallest: Infinity, largest: -Infinity };
  return {
    size,
    K,
    stride: size,
    F,
    diagonal,
    allow(k, mayRise, mayFall) {
      rise[k] = Number(mayRise);
      fall[k] = Number(mayFall);
    },
    move(step, a, b) {
      found.rising = -1;
      found.smallest = Infinity;
      found.largest = -Infinity;
      for (let t = 0; t < size; t++) {
        const f = F[t]! + step * (K[a * size + t]! - K[b * size + t]!);
        F[t] = f;
        if (f < found.smallest && rise[t] !== 0) {
          found.smallest = f;
          found.rising = t;
        }
        if (f > found.largest && fall[t] !== 0) found.largest = f;
      }
      return found;
    },
    partner(i, smallest) {
      let best = -1;
      let most = 0;
      for (let t = 0; t < size; t++) {
        const slope = F[t]! - smallest;
        if (!(slope > 0) || fall[t] === 0) continue;
        let curvature = diagonal[i]! + diagonal[t]! - 2 * K[i * size + t]!;
        if (curvature <= 0) curvature = TINY;
        const gain = (slope * slope) / curvature;
        if (gain > most) {
          most = gain;
          best = t;
        }
      }
      return best;
    },
  };
}

/** Bytes that `modulePasses` takes beside the kernel values. */
export const passBytes = (size: number): number => 32 * even(size) + RESULTS;
const RESULTS = 48;
const even = (size: number): number => (size + 1) & ~1;

/**
 * In WebAssembly, with the same numbers bit for bit.
 * @param module - with the kernel values, `stride` apart, at address `square`, and room for the passes at `at`.
 */
export function modulePasses(
  module: BlockModule & { readonly memory: { readonly buffer: ArrayBuffer } },
  { square, stride, at, size }: { square: number; stride: number; at: number; size: number },
): BlockPasses {
  const { buffer } = module.memory;
  const whole = even(size);
  const [gradient, own, rise, fall] = [0, 1, 2, 3].map((k) => at + RESULTS + 8 * k * whole) as [
    number,
    number,
    number,
    number,
  ];
  const K = new Float32Array(buffer, square, size * stride);
  const F = new Float64Array(buffer, gradient, size).fill(0);
  const diagonal = new Float64Array(buffer, own, size);
  for (let k = 0; k < size; k++) diagonal[k] = K[k * stride + k]!;
  // Masks of 64 bits: a pair of 32 each.
  const mayRise = new Int32Array(buffer, rise, 2 * whole).fill(0);
  const mayFall = new Int32Array(buffer, fall, 2 * whole).fill(0);
  const results = new Float64Array(buffer, at, RESULTS / 8);
  const found: Extremes = { rising: -1, smallest: Infinity, largest: -Infinity };
  const rowAt = (k: number): number => square + 4 * stride * k;
  return {
    size,
    K,
    stride,
    F,
    diagonal,
    allow(k, canRise, canFall) {
      mayRise[2 * k] = mayRise[2 * k + 1] = canRise ? -1 : 0;
      mayFall[2 * k] = mayFall[2 * k + 1] = canFall ? -1 : 0;
    },
    move(step, a, b) {
      module.move(gradient, rowAt(a), rowAt(b), rise, fall, at, step, whole / 2);
      const lane = firstOf(results[0]!, results[2]!, results[1]!, results[3]!);
      found.smallest = results[lane]!;
      found.rising = results[2 + lane]!;
      found.largest = Math.max(results[4]!, results[5]!);
      return found;
    },
    partner(i, smallest) {
      module.partner(gradient, own, rowAt(i), fall, at, diagonal[i]!, smallest, whole / 2);
      return results[2 + firstOf(-results[0]!, results[2]!, -results[1]!, results[3]!)]!;
    },
  };
}

/** 0 where the first value is less, or equal and of the lower index, else 1; an index of -1 has no value. */
function firstOf(value: number, index: number, other: number, otherIndex: number): 0 | 1 {
  if (otherIndex < 0) return 0;
  if (index < 0) return 1;
  return value < other || (value === other && index < otherIndex) ? 0 : 1;
}
