import type { DualProblem, DualSolution } from "./dual-coordinate-descent.js";
import { lbfgs } from "./lbfgs.js";
import { dot } from "./linear-model.js";
import type { Objective } from "./objective.js";

/**
 * Solves the squared-hinge problem of `dualCoordinateDescent` in the primal, by L-BFGS from a start that is near:
 * where rows are long or many sit on the margin, coordinate descent creeps and this does not.
 * It stops when the gradient's norm is no more than tol * min(positives, negatives) / n of that at 0, which is
 * LIBLINEAR's rule for its primal solver.
 * @param start - weights and intercept to begin with; their passes count as iterations.
 * @see Chang, Hsieh & Lin, JMLR 9, 2008, for the primal problem; the optimum is the dual's.
 */
export async function squaredHingePrimal(problem: DualProblem, start: DualSolution): Promise<DualSolution> {
  const { X, signs, fitIntercept, tol, maxIter } = problem;
  const { rows, cols } = X;
  const objective = squaredHinge(problem);
  const atZero = new Float64Array(cols + 1);
  await objective(new Float64Array(cols + 1), atZero);
  const positives = signs.reduce((count, sign) => count + (sign > 0 ? 1 : 0), 0);
  const share = Math.min(positives, rows - positives) / rows;
  const bound = tol * share * Math.sqrt(dot(atZero, 0, atZero, 0, cols + 1));
  const from = new Float64Array(cols + 1);
  from.set(start.weights);
  from[cols] = fitIntercept ? start.intercept : 0;
  const { x, convergence } = await lbfgs(objective, from, { tol: bound / Math.sqrt(cols + 1), maxIter });
  return {
    weights: x.slice(0, cols),
    intercept: x[cols]!,
    convergence: {
      converged: convergence.converged,
      iterations: start.convergence.iterations + convergence.iterations,
    },
  };
}

/** 1/2 |w|^2 + 1/2 b^2 + sum C_i max(0, 1 - y_i (w.x_i + b))^2, over the weights and, last, the intercept. */
function squaredHinge({ X, signs, costs, fitIntercept }: DualProblem): Objective {
  const { data, rows, cols } = X;
  return (w, gradient) => {
    gradient.set(w);
    const b = w[cols]!;
    let value = dot(w, 0, w, 0, cols + 1) / 2;
    for (let i = 0; i < rows; i++) {
      const start = i * cols;
      const sign = signs[i]!;
      const slack = 1 - sign * (dot(data, start, w, 0, cols) + b);
      if (slack <= 0) continue;
      value += costs[i]! * slack * slack;
      const pull = -2 * costs[i]! * slack * sign;
      for (let j = 0; j < cols; j++) gradient[j]! += pull * data[start + j]!;
      if (fitIntercept) gradient[cols]! += pull;
    }
    return value;
  };
}
