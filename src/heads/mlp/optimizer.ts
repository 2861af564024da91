import type { FloatArray } from "../../linalg/matrix.js";
import type { MlpOptions } from "./mlp-options.js";
import type { Parameter } from "./network-gradients.js";

/** Changes the parameters by their gradients, with the given step size. */
export type OptimizerStep = (rate: number) => void;

/** What settles an optimizer. */
export type OptimizerOptions = Pick<MlpOptions, "optimizer" | "momentum" | "weightDecay">;

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;
/** Averages of gradients that stopped would else sink into denormal numbers, which are slow. */
const NOTHING = 1e-60;

/**
 * Adam, or stochastic gradient descent with momentum; both shrink decaying weights by rate · weightDecay first.
 * @see Kingma & Ba, "Adam", 2015; Loshchilov & Hutter, "Decoupled weight decay regularization", 2019.
 */
export function optimizerOf<Data extends FloatArray>(
  parameters: readonly Parameter<Data>[],
  { optimizer, momentum, weightDecay }: OptimizerOptions,
): OptimizerStep {
  return optimizer === "adam" ? adam(parameters, weightDecay) : sgd(parameters, weightDecay, momentum);
}

function adam<Data extends FloatArray>(
  parameters: readonly Parameter<Data>[],
  weightDecay: number,
): OptimizerStep {
  const moments = parameters.map(({ values }) => ({
    first: new Float64Array(values.length),
    second: new Float64Array(values.length),
  }));
  let steps = 0;
  return (rate) => {
    steps++;
    const pace = rate / (1 - BETA1 ** steps);
    const spread = 1 / Math.sqrt(1 - BETA2 ** steps);
    parameters.forEach(({ values, gradient, decays }, p) => {
      const { first, second } = moments[p]!;
      const kept = decays ? 1 - rate * weightDecay : 1;
      for (let k = 0; k < values.length; k++) {
        const g = gradient[k]!;
        const m = BETA1 * first[k]! + (1 - BETA1) * g;
        const v = BETA2 * second[k]! + (1 - BETA2) * g * g;
        first[k] = Math.abs(m) < NOTHING ? 0 : m;
        second[k] = v < NOTHING ? 0 : v;
        values[k] = kept * values[k]! - (pace * m) / (Math.sqrt(v) * spread + EPSILON);
      }
    });
  };
}

function sgd<Data extends FloatArray>(
  parameters: readonly Parameter<Data>[],
  weightDecay: number,
  momentum: number,
): OptimizerStep {
  const velocities = parameters.map(({ values }) => new Float64Array(values.length));
  return (rate) => {
    parameters.forEach(({ values, gradient, decays }, p) => {
      const velocity = velocities[p]!;
      const kept = decays ? 1 - rate * weightDecay : 1;
      for (let k = 0; k < values.length; k++) {
        const v = momentum * velocity[k]! + gradient[k]!;
        velocity[k] = Math.abs(v) < NOTHING ? 0 : v;
        values[k] = kept * values[k]! - rate * v;
      }
    });
  };
}
