import { wasmKernel } from "../../linalg/wasm-kernel.js";

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

const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;
const localGet = (index: number): number[] => [0x20, index];
const localSet = (index: number): number[] => [0x21, index];
const localTee = (index: number): number[] => [0x22, index];
const i32Const = (value: number): number[] => [0x41, value];
const f32Const = (value: number): number[] => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];
const I32_ADD = 0x6a;
const I32_SUB = 0x6b;
const LOAD = [0xfd, 0x00, 4, 0];
const STORE = [0xfd, 0x0b, 4, 0];
const SPLAT = [0xfd, 0x13];
const AND_NOT = [0xfd, 0x4f];
const AT_MOST = [0xfd, 0x45];
const ABS = [0xfd, 0xe0, 0x01];
const SQRT = [0xfd, 0xe3, 0x01];
const ADD = [0xfd, 0xe4, 0x01];
const SUB = [0xfd, 0xe5, 0x01];
const MUL = [0xfd, 0xe6, 0x01];
const DIV = [0xfd, 0xe7, 0x01];

/** Parameters, then locals of four lanes. */
const [VALUES, GRADIENT, FIRST, SECOND, COUNT, KEPT, PACE, SPREAD] = [0, 1, 2, 3, 4, 5, 6, 7];
const [KEPT4, PACE4, SPREAD4, G, M, V] = [8, 9, 10, 11, 12, 13];
/** Locals that hold one constant in all lanes; averages below the last are taken for 0: denormal numbers are slow. */
const CONSTANTS = [0.9, 0.1, 0.999, 0.001, 1e-8, 1e-30];
const [BETA1, REST1, BETA2, REST2, EPSILON, NOTHING] = [14, 15, 16, 17, 18, 19];

/** One function in WebAssembly's SIMD, assembled here. */
function assemble(): number[] {
  const get = localGet;
  const flushed = (local: number): number[] => [
    ...[...get(local), ...get(local), ...ABS, ...get(NOTHING), ...AT_MOST, ...AND_NOT, ...localTee(local)],
  ];
  const body = [
    ...[1, 12, V128],
    ...[...get(KEPT), ...SPLAT, ...localSet(KEPT4), ...get(PACE), ...SPLAT, ...localSet(PACE4)],
    ...[...get(SPREAD), ...SPLAT, ...localSet(SPREAD4)],
    ...CONSTANTS.flatMap((value, k) => [...f32Const(value), ...SPLAT, ...localSet(BETA1 + k)]),
    ...[0x03, 0x40],
    ...[...get(GRADIENT), ...LOAD, ...localSet(G)],
    ...[
      ...get(BETA1),
      ...get(FIRST),
      ...LOAD,
      ...MUL,
      ...get(REST1),
      ...get(G),
      ...MUL,
      ...ADD,
      ...localSet(M),
    ],
    ...[...get(FIRST), ...flushed(M), ...STORE],
    ...[...get(BETA2), ...get(SECOND), ...LOAD, ...MUL, ...get(REST2), ...get(G), ...MUL, ...get(G), ...MUL],
    ...[...ADD, ...localSet(V), ...get(SECOND), ...flushed(V), ...STORE],
    ...[...get(VALUES), ...get(KEPT4), ...get(VALUES), ...LOAD, ...MUL, ...get(PACE4), ...get(M), ...MUL],
    ...[...get(SPREAD4), ...get(V), ...SQRT, ...MUL, ...get(EPSILON), ...ADD, ...DIV, ...SUB, ...STORE],
    ...[VALUES, GRADIENT, FIRST, SECOND].flatMap((at) => [
      ...[...get(at), ...i32Const(16), I32_ADD, ...localSet(at)],
    ]),
    ...[...get(COUNT), ...i32Const(4), I32_SUB, ...localTee(COUNT), 0x0d, 0, 0x0b],
    0x0b,
  ];
  return body;
}

/** A new kernel with a memory of one page; null where this runtime has no WebAssembly SIMD. */
export function adamModule(): AdamModule | null {
  return wasmKernel({
    name: "step",
    parameters: [I32, I32, I32, I32, I32, F32, F32, F32],
    body: assemble(),
  }) as AdamModule | null;
}
