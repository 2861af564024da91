import { describe, expect, it } from "vitest";
import { lbfgs } from "../../src/heads/linear/lbfgs.js";
import type { Objective } from "../../src/heads/linear/objective.js";

const rosenbrock: Objective = (x, g) => {
  const [a, b] = [x[0]!, x[1]!];
  g[0] = -400 * a * (b - a * a) - 2 * (1 - a);
  g[1] = 200 * (b - a * a);
  return 100 * (b - a * a) ** 2 + (1 - a) ** 2;
};

describe("L-BFGS", () => {
  it("finds the bottom of Rosenbrock's valley from the usual start", async () => {
    const start = new Float64Array([-1.2, 1]);
    const { x, convergence } = await lbfgs(rosenbrock, start, { tol: 1e-9, maxIter: 200 });
    expect(convergence.converged).toBe(true);
    expect(x[0]).toBeCloseTo(1, 8);
    expect(x[1]).toBeCloseTo(1, 8);
    expect(Array.from(start)).toEqual([-1.2, 1]);
  });

  it("solves a quadratic whose curvatures span four orders of magnitude", async () => {
    const n = 40;
    const curvature = Array.from({ length: n }, (_, j) => 10 ** ((4 * j) / (n - 1) - 2));
    const objective: Objective = (x, g) =>
      curvature.reduce((sum, c, j) => {
        g[j] = c * (x[j]! - 1);
        return sum + (c / 2) * (x[j]! - 1) ** 2;
      }, 0);
    const { x, convergence } = await lbfgs(objective, new Float64Array(n), { tol: 1e-10, maxIter: 5000 });
    expect(convergence.converged).toBe(true);
    for (const value of x) expect(value).toBeCloseTo(1, 5);
  });

  it("needs few steps where it is told the curvature, whatever its scale", async () => {
    const n = 40;
    const curvature = Array.from({ length: n }, (_, j) => 10 ** ((6 * j) / (n - 1) - 3));
    const objective: Objective = (x, g) =>
      curvature.reduce((sum, c, j) => {
        g[j] = c * (x[j]! - 1) + (x[j]! - 1) ** 3;
        return sum + (c / 2) * (x[j]! - 1) ** 2 + (x[j]! - 1) ** 4 / 4;
      }, 0);
    const inverseHessian = async (v: Float64Array) => v.map((value, j) => (7 * value) / curvature[j]!);
    const options = { tol: 1e-9, maxIter: 500 };
    const plain = await lbfgs(objective, new Float64Array(n).fill(1.1), options);
    const told = await lbfgs(objective, new Float64Array(n).fill(1.1), { ...options, inverseHessian });
    expect(told.convergence.converged).toBe(true);
    expect(told.convergence.iterations).toBeLessThan(plain.convergence.iterations / 2);
  });

  it("backs off from steps into infinity", async () => {
    const objective: Objective = (x, g) => {
      g[0] = Math.exp(x[0]!) - 1e-6;
      return Math.exp(x[0]!) - 1e-6 * x[0]!;
    };
    const { x, convergence } = await lbfgs(objective, new Float64Array([-30]), { tol: 1e-12, maxIter: 500 });
    expect(convergence.converged).toBe(true);
    expect(x[0]).toBeCloseTo(Math.log(1e-6), 4);
  });

  it("reports a limit that was reached", async () => {
    const { convergence } = await lbfgs(rosenbrock, new Float64Array([-1.2, 1]), { tol: 1e-9, maxIter: 2 });
    expect(convergence).toEqual({ converged: false, iterations: 2 });
  });
});
