import type { FloatArray } from "../../linalg/matrix.js";
import { type AdamModule, adamModule } from "./adam-module.js";
import type { Parameter } from "./network-gradients.js";
import type { OptimizerStep } from "./optimizer.js";

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;
/** Averages of gradients that stopped would else sink into denormal numbers, which are slow. */
const NOTHING = 1e-60;

/**
 * Adam with decoupled weight decay; float32 parameters go through WebAssembly where there is SIMD, four at a time.
 * @see Kingma & Ba, "Adam", 2015; Loshchilov & Hutter, "Decoupled weight decay regularization", 2019.
 */
export function adam<Data extends FloatArray>(
  parameters: readonly Parameter<Data>[],
  weightDecay: number,
): OptimizerStep {
  const module = parameters.every(({ values }) => values instanceof Float32Array) ? adamModule() : null;
  const change = module === null ? plain(parameters) : inLanes(module, parameters);
  let steps = 0;
  return (rate) => {
    steps++;
    const pace = rate / (1 - BETA1 ** steps);
    const spread = 1 / Math.sqrt(1 - BETA2 ** steps);
    parameters.forEach(({ decays }, p) => void change(p, decays ? 1 - rate * weightDecay : 1, pace, spread));
  };
}

/** Changes one of the parameters. */
type Change = (parameter: number, kept: number, pace: number, spread: number) => void;

function plain(parameters: readonly Parameter<FloatArray>[]): Change {
  const moments = parameters.map(({ values }) => ({
    first: new Float64Array(values.length),
    second: new Float64Array(values.length),
  }));
  return (parameter, kept, pace, spread) => {
    const { values, gradient } = parameters[parameter]!;
    const { first, second } = moments[parameter]!;
    for (let k = 0; k < values.length; k++) {
      const g = gradient[k]!;
      const m = BETA1 * first[k]! + (1 - BETA1) * g;
      const v = BETA2 * second[k]! + (1 - BETA2) * g * g;
      first[k] = Math.abs(m) < NOTHING ? 0 : m;
      second[k] = v < NOTHING ? 0 : v;
      values[k] = kept * values[k]! - (pace * m) / (Math.sqrt(v) * spread + EPSILON);
    }
  };
}

/** Values, and as many gradients, that lie in the kernel's memory at a time. */
const CHUNK = 4096;

/** The averages stay in the kernel's memory; values and gradients are copied through it. */
function inLanes(module: AdamModule, parameters: readonly Parameter<FloatArray>[]): Change {
  const places: number[] = [];
  let floats = 2 * CHUNK;
  for (const { values } of parameters) {
    places.push(floats);
    floats += 2 * padded(values.length);
  }
  module.memory.grow(Math.ceil((4 * floats) / 65_536));
  const memory = new Float32Array(module.memory.buffer);
  return (parameter, kept, pace, spread) => {
    const { values, gradient } = parameters[parameter]!;
    const first = places[parameter]!;
    const second = first + padded(values.length);
    for (let from = 0; from < values.length; from += CHUNK) {
      const to = Math.min(values.length, from + CHUNK);
      memory.set(values.subarray(from, to), 0);
      memory.set(gradient.subarray(from, to), CHUNK);
      const count = padded(to - from);
      module.step(0, 4 * CHUNK, 4 * (first + from), 4 * (second + from), count, kept, pace, spread);
      values.set(memory.subarray(0, to - from), from);
    }
  };
}

/** Up to the next multiple of 4. */
const padded = (length: number): number => (length + 3) & ~3;
