import type { z } from "zod";
import type { Matrix } from "../../linalg/matrix.js";
import type { FitControl } from "../classifier.js";
import { parseOptions } from "../parse-options.js";
import { type OneClassSvmOptions, oneClassSvmOptions } from "./svm-options.js";
import { checkRows, type FittedKernelSum, fitKernelSum } from "./svm-sum.js";

/** An outlier scorer: `predict` gives the decision value, negative outside the border and positive inside. */
export interface OneClassSvm {
  readonly id: "one-class-svm.v1";
  readonly options: Readonly<OneClassSvmOptions>;
  /**
   * @param X - `[n, dim]` of rows to call usual, float32 or float64; never changed. `[n, n]` kernel values with a
   *   precomputed kernel.
   * @throws {HeadstartError} `data` for no rows, NaN or infinity, or a kernel that overflows.
   */
  fit(X: Matrix, control?: FitControl): Promise<FittedKernelSum>;
}

/**
 * One-class SVM: a border around most of the rows, for finding those unlike them. Scores are scikit-learn's
 * `decision_function`. Features are taken as they are: standardise what is not on one scale. Save it with
 * `kernelSumToOnnx`.
 * @example const scorer = await oneClassSvm({ nu: 0.1 }).fit(X); const odd = scorer.predict(Q).map((s) => +(s < 0));
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 * @see Schölkopf et al., "Estimating the support of a high-dimensional distribution", Neural Computation 13, 2001.
 */
export function oneClassSvm(given: z.input<typeof oneClassSvmOptions> = {}): OneClassSvm {
  const id = "one-class-svm.v1";
  const options = parseOptions("one-class-svm", oneClassSvmOptions, given);
  return Object.freeze({
    id,
    options,
    async fit(X: Matrix, control = {}) {
      checkRows(X);
      // LIBSVM's scale: multipliers from 0 to 1 that sum to nu times the rows.
      const whole = Math.floor(options.nu * X.rows);
      const start = new Float64Array(X.rows).fill(1, 0, whole);
      if (whole < X.rows) start[whole] = options.nu * X.rows - whole;
      const variables = {
        at: Int32Array.from(start.keys()),
        linear: new Float64Array(X.rows),
        low: new Float64Array(X.rows),
        high: new Float64Array(X.rows).fill(1),
        start,
      };
      return fitKernelSum({ id, options, C: 1, variables }, X, control);
    },
  } satisfies OneClassSvm);
}
