import type { FloatArray } from "./matrix.js";
import { wasmKernel } from "./wasm-kernel.js";
import {
  advance,
  BACK_IF,
  END,
  F32X4_ADD,
  get,
  I32,
  LOOP,
  loadVector,
  set,
  storeVector,
  V128,
} from "./wasm-opcodes.js";

/** Whether no element is NaN or infinite. May say no of elements so large that their sum overflows. */
export function allFinite(data: FloatArray): boolean {
  const kernel = data instanceof Float32Array ? sumModule() : null;
  for (let start = 0; start < data.length; start += RUN) {
    const end = Math.min(data.length, start + RUN);
    const sum = kernel === null ? sumOf(data, start, end) : kernel(data.subarray(start, end) as Float32Array);
    if (sum - sum !== 0) return false;
  }
  return true;
}

/** Elements that are summed at a time; with the sums they fit a page of memory. */
const RUN = 8192;

/** Bytes and elements of one turn of the loop. */
const TURN_BYTES = 128;
const TURN = TURN_BYTES / 4;

/** Four sums side by side, so that none waits for the one before. */
function sumOf(data: FloatArray, start: number, end: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let k = start;
  for (; k + 3 < end; k += 4) {
    a += data[k]!;
    b += data[k + 1]!;
    c += data[k + 2]!;
    d += data[k + 3]!;
  }
  for (; k < end; k++) a += data[k]!;
  return a + b + c + d;
}

interface SumModule {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Writes sixteen sums of the elements below the byte address `end`, a positive multiple of 128, to that address. */
  readonly sum: (end: number) => void;
}

/** i32.lt_u */
const I32_BELOW = 0x49;
const [LAST, AT, SUMS] = [0, 1, 2];
const LANES = 16;

/**
 * One function in WebAssembly's SIMD: fast at its first call, where a loop over millions of elements still warms up. Its
 * turns are long, since the compiler that a module begins with keeps sums in registers only within a turn.
 */
function assemble(): number[] {
  const sums = [0, 1, 2, 3];
  const add = (offset: number): number[] => {
    const sum = SUMS + ((offset / 16) % 4);
    return [...get(sum), ...get(AT), ...loadVector(offset), ...F32X4_ADD, ...set(sum)];
  };
  return [
    ...[2, 1, I32, sums.length, V128],
    ...LOOP,
    ...Array.from({ length: TURN_BYTES / 16 }, (_, vector) => add(16 * vector)).flat(),
    ...advance(AT, TURN_BYTES),
    ...[...get(AT), ...get(LAST), I32_BELOW, ...BACK_IF, END],
    ...sums.flatMap((sum) => [...get(LAST), ...get(SUMS + sum), ...storeVector(16 * sum)]),
    END,
  ];
}

let made: ((part: Float32Array) => number) | null = null;

/** The sum of at most {@link RUN} elements in float32; null where this runtime has no WebAssembly SIMD. */
function sumModule(): ((part: Float32Array) => number) | null {
  if (made !== null) return made;
  const module = wasmKernel({ name: "sum", parameters: [I32], body: assemble() }) as SumModule | null;
  if (module === null) return null;
  const memory = new Float32Array(module.memory.buffer);
  made = (part) => {
    const end = Math.ceil(part.length / TURN) * TURN;
    memory.set(part);
    memory.fill(0, part.length, end);
    module.sum(4 * end);
    let sum = 0;
    for (let lane = end; lane < end + LANES; lane++) sum += memory[lane]!;
    return sum;
  };
  return made;
}
