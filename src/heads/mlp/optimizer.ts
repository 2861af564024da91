import type { FloatArray } from "../../linalg/matrix.js";
import { adam } from "./adam.js";
import type { MlpOptions } from "./mlp-options.js";
import type { Parameter } from "./network-gradients.js";

/** Changes the parameters by their gradients, with the given step size. */
export type OptimizerStep = (rate: number) => void;

/** What settles an optimizer. */
export type OptimizerOptions = Pick<MlpOptions, "optimizer" | "momentum" | "weightDecay">;

/** Velocities of gradients that stopped would else sink into denormal numbers, which are slow. */
const NOTHING = 1e-60;

/**
 * Adam, or stochastic gradient descent with momentum; both shrink decaying weights by rate · weightDecay first.
 * @see Sutskever, Martens, Dahl & Hinton, "On the importance of initialization and momentum in deep learning", 2013.
 */
export function optimizerOf<Data extends FloatArray>(
  parameters: readonly Parameter<Data>[],
  { optimizer, momentum, weightDecay }: OptimizerOptions,
): OptimizerStep {
  return optimizer === "adam" ? adam(parameters, weightDecay) : sgd(parameters, weightDecay, momentum);
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
