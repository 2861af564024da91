import { expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { cholesky } from "../../src/linalg/cholesky.js";
import { gemm } from "../../src/linalg/gemm.js";
import { zeros } from "../../src/linalg/matrix.js";
import { triangularSolve } from "../../src/linalg/triangular-solve.js";
import { triangularSolver } from "../../src/linalg/triangular-solver.js";

it.each([1, 2, 4, 7, 130, 385])("solves a positive definite system of %i unknowns", async (n) => {
  const rng = random(n);
  const R = zeros(n + 3, n);
  for (let k = 0; k < R.data.length; k++) R.data[k] = rng.next() - 0.5;
  const A = await gemm(R, R, { transposeA: true });
  const x = Float64Array.from({ length: n }, () => rng.next());
  const { data: b } = await gemm(A, { data: x, rows: n, cols: 1 });
  const given = b.slice();
  const L = await cholesky(A);
  const solve = triangularSolver(L!);
  for (const solution of [triangularSolve(L!, b), solve(b), solve(b)]) {
    expect(solution).toHaveLength(n);
    solution.forEach((value, i) => {
      expect(value).toBeCloseTo(x[i]!, 6);
    });
  }
  expect(b).toEqual(given);
});
