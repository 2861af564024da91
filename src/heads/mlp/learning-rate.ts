import type { MlpOptions } from "./mlp-options.js";

/** What settles a schedule. */
export type ScheduleOptions = Pick<
  MlpOptions,
  "schedule" | "learningRate" | "decay" | "decayEvery" | "epochs" | "tol"
>;

/**
 * The step size of each epoch, asked for in order.
 * @returns a function of the epoch, from 0, and of the loss that the epoch before ended with (NaN at first).
 */
export function learningRateSchedule(options: ScheduleOptions): (epoch: number, loss: number) => number {
  const { schedule, learningRate, decay, decayEvery, epochs, tol } = options;
  switch (schedule) {
    case "constant":
      return () => learningRate;
    case "cosine":
      return (epoch) => (learningRate / 2) * (1 + Math.cos((Math.PI * epoch) / epochs));
    case "step":
      return (epoch) => learningRate * decay ** Math.floor(epoch / decayEvery);
    case "exponential":
      return (epoch) => learningRate * decay ** (epoch / decayEvery);
    case "plateau": {
      let rate = learningRate;
      let best = Number.POSITIVE_INFINITY;
      let idle = 0;
      return (epoch, loss) => {
        if (epoch === 0) return rate;
        if (loss < best - tol) {
          best = loss;
          idle = 0;
        } else if (++idle === decayEvery) {
          rate *= decay;
          idle = 0;
        }
        return rate;
      };
    }
  }
}
