import { expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { squareProduct } from "../../src/linalg/square-product.js";
import { squareTimes } from "../../src/linalg/square-times.js";

it.each([
  1, 2, 3, 4, 5, 31, 96, 385,
])("multiplies vectors by a matrix of %i rows, and by another one", (n) => {
  const rng = random(n);
  const noise = (length: number): Float64Array => Float64Array.from({ length }, () => rng.next() - 0.5);
  const product = squareProduct(n);
  for (let round = 0; round < 2; round++) {
    const A = noise(n * n);
    product.set(A);
    for (let vector = 0; vector < 2; vector++) {
      const v = noise(n + 1);
      const expected = new Float64Array(n);
      squareTimes(A, v, n, expected);
      const out = new Float64Array(n + 1).fill(7);
      product.times(v, out);
      expected.forEach((value, i) => {
        expect(out[i]).toBeCloseTo(value, 12);
      });
      expect(out[n]).toBe(7);
    }
  }
});
