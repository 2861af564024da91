import type { z } from "zod";
import { HeadstartError, ShapeError } from "../../core/errors.js";
import type { Matrix } from "../../linalg/matrix.js";
import type { FitControl } from "../classifier.js";
import { parseOptions } from "../parse-options.js";
import { type SvrOptions, svrOptions } from "./svm-options.js";
import { checkRows, type FittedKernelSum, fitKernelSum } from "./svm-sum.js";

/** A regressor: `predict` gives the target's estimate. */
export interface Svr {
  readonly id: "svr.v1";
  readonly options: Readonly<SvrOptions>;
  /**
   * @param X - `[n, dim]`, float32 or float64; never changed. `[n, n]` kernel values with a precomputed kernel.
   * @param targets - n numbers.
   * @throws {ShapeError} if X and targets disagree. @throws {HeadstartError} `data` for no rows, NaN or infinity (with
   *   the row), or a kernel that overflows.
   */
  fit(X: Matrix, targets: ArrayLike<number>, control?: FitControl): Promise<FittedKernelSum>;
}

/**
 * Epsilon support vector regression: errors up to epsilon cost nothing, larger ones C times what lies beyond.
 * Features and targets are taken as they are: standardise what is not on one scale. Save it with `kernelSumToOnnx`.
 * @example const model = await svr({ C: 10, epsilon: 0.05 }).fit(X, prices); const estimates = model.predict(Q);
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 * @see Smola & Schölkopf, "A tutorial on support vector regression", Statistics and Computing 14, 2004.
 */
export function svr(given: z.input<typeof svrOptions> = {}): Svr {
  const id = "svr.v1";
  const options = parseOptions("svr", svrOptions, given);
  return Object.freeze({
    id,
    options,
    async fit(X: Matrix, targets, control = {}) {
      if (X.rows !== targets.length) throw new ShapeError("X", [targets.length, "*"], [X.rows, X.cols]);
      checkRows(X);
      checkTargets(targets);
      const { C, epsilon } = options;
      const n = X.rows;
      // Variable t pulls row t up, from 0 to C; variable n + t pulls it down, from -C to 0.
      const linear = new Float64Array(2 * n);
      for (let t = 0; t < n; t++) {
        linear[t] = epsilon - targets[t]!;
        linear[n + t] = -epsilon - targets[t]!;
      }
      const variables = {
        at: Int32Array.from(linear, (_, t) => t % n),
        linear,
        low: new Float64Array(2 * n).fill(-C, n),
        high: new Float64Array(2 * n).fill(C, 0, n),
        start: null,
      };
      return fitKernelSum({ id, options, C, variables }, X, control);
    },
  } satisfies Svr);
}

function checkTargets(targets: ArrayLike<number>): void {
  for (let row = 0; row < targets.length; row++) {
    if (Number.isFinite(targets[row])) continue;
    throw new HeadstartError("data", `The target of row ${row} is ${targets[row]}`, {
      facts: { row, value: targets[row] },
      hint: "Remove the row, or give it a number.",
    });
  }
}
