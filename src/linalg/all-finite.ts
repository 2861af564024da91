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
  /** Writes eight sums of the elements below the byte address `end`, a positive multiple of 32, to that address. */
  readonly sum: (end: number) => void;
}

/** i32.lt_u */
const I32_BELOW = 0x49;
const [LAST, AT, LOW, HIGH] = [0, 1, 2, 3];

/** One function in WebAssembly's SIMD: fast at its first call, where a loop over millions of elements still warms up. */
function assemble(): number[] {
  const add = (sum: number, offset: number): number[] => [
    ...[...get(sum), ...get(AT), ...loadVector(offset), ...F32X4_ADD, ...set(sum)],
  ];
  return [
    ...[2, 1, I32, 2, V128],
    ...[...LOOP, ...add(LOW, 0), ...add(HIGH, 16)],
    ...advance(AT, 32),
    ...[...get(AT), ...get(LAST), I32_BELOW, ...BACK_IF, END],
    ...[...get(LAST), ...get(LOW), ...storeVector(0)],
    ...[...get(LAST), ...get(HIGH), ...storeVector(16)],
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
    const end = Math.ceil(part.length / 8) * 8;
    memory.set(part);
    memory.fill(0, part.length, end);
    module.sum(4 * end);
    let sum = 0;
    for (let lane = end; lane < end + 8; lane++) sum += memory[lane]!;
    return sum;
  };
  return made;
}
