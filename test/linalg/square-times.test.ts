import { expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { squareTimes } from "../../src/linalg/square-times.js";

it.each([1, 3, 4, 5, 31, 64])("a square matrix of %i rows times a vector", (n) => {
  const rng = random(n);
  const A = Float64Array.from({ length: n * n }, () => rng.next() - 0.5);
  const v = Float64Array.from({ length: n + 1 }, () => rng.next());
  const out = new Float64Array(n + 1).fill(7);
  squareTimes(A, v, n, out);
  for (let i = 0; i < n; i++) {
    const row = A.subarray(i * n, (i + 1) * n);
    expect(out[i]).toBeCloseTo(
      row.reduce((sum, value, j) => sum + value * v[j]!, 0),
      12,
    );
  }
  expect(out[n]).toBe(7);
});
