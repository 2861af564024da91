import { wasmKernel } from "../../linalg/wasm-kernel.js";
import {
  F32X4_ADD as ADD,
  advance,
  again,
  END,
  F32,
  get,
  I32,
  LOOP,
  loadVector,
  F32X4_MUL as MUL,
  set,
  storeVector,
  tee,
  V128,
} from "../../linalg/wasm-opcodes.js";

/**
 * One step of Adam over `count` float32 values, a multiple of 4; addresses are in bytes.
 * first = .9 first + .1 g; second = .999 second + .001 g²; value = kept value - pace first / (spread √second + 1e-8).
 */
type AdamStep = (
  values: number,
  gradient: number,
  first: number,
  second: number,
  count: number,
  kept: number,
  pace: number,
  spread: number,
) => void;

/** The kernel and its own memory. */
export interface AdamModule {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly step: AdamStep;
}

const f32Const = (value: number): number[] => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];
const LOAD = loadVector();
const STORE = storeVector();
const SPLAT = [0xfd, 0x13];
const AND_NOT = [0xfd, 0x4f];
const AT_MOST = [0xfd, 0x45];
const ABS = [0xfd, 0xe0, 0x01];
const SQRT = [0xfd, 0xe3, 0x01];
const SUB = [0xfd, 0xe5, 0x01];
const DIV = [0xfd, 0xe7, 0x01];

/** Parameters, then locals of four lanes. */
const [VALUES, GRADIENT, FIRST, SECOND, COUNT, KEPT, PACE, SPREAD] = [0, 1, 2, 3, 4, 5, 6, 7];
const [KEPT4, PACE4, SPREAD4, G, M, V] = [8, 9, 10, 11, 12, 13];
/** Locals that hold one constant in all lanes; averages below the last are taken for 0: denormal numbers are slow. */
const CONSTANTS = [0.9, 0.1, 0.999, 0.001, 1e-8, 1e-30];
const [BETA1, REST1, BETA2, REST2, EPSILON, NOTHING] = [14, 15, 16, 17, 18, 19];

/** One function in WebAssembly's SIMD, assembled here. */
function assemble(): number[] {
  const flushed = (local: number): number[] => [
    ...[...get(local), ...get(local), ...ABS, ...get(NOTHING), ...AT_MOST, ...AND_NOT, ...tee(local)],
  ];
  return [
    ...[1, 12, V128],
    ...[...get(KEPT), ...SPLAT, ...set(KEPT4), ...get(PACE), ...SPLAT, ...set(PACE4)],
    ...[...get(SPREAD), ...SPLAT, ...set(SPREAD4)],
    ...CONSTANTS.flatMap((value, k) => [...f32Const(value), ...SPLAT, ...set(BETA1 + k)]),
    ...LOOP,
    ...[...get(GRADIENT), ...LOAD, ...set(G)],
    ...[...get(BETA1), ...get(FIRST), ...LOAD, ...MUL, ...get(REST1), ...get(G), ...MUL, ...ADD, ...set(M)],
    ...[...get(FIRST), ...flushed(M), ...STORE],
    ...[...get(BETA2), ...get(SECOND), ...LOAD, ...MUL, ...get(REST2), ...get(G), ...MUL, ...get(G), ...MUL],
    ...[...ADD, ...set(V), ...get(SECOND), ...flushed(V), ...STORE],
    ...[...get(VALUES), ...get(KEPT4), ...get(VALUES), ...LOAD, ...MUL, ...get(PACE4), ...get(M), ...MUL],
    ...[...get(SPREAD4), ...get(V), ...SQRT, ...MUL, ...get(EPSILON), ...ADD, ...DIV, ...SUB, ...STORE],
    ...[VALUES, GRADIENT, FIRST, SECOND].flatMap((at) => advance(at, 16)),
    ...[...again(COUNT, 4), END],
    END,
  ];
}

/** A new kernel with a memory of one page; null where this runtime has no WebAssembly SIMD. */
export function adamModule(): AdamModule | null {
  return wasmKernel({
    name: "step",
    parameters: [I32, I32, I32, I32, I32, F32, F32, F32],
    body: assemble(),
  }) as AdamModule | null;
}
