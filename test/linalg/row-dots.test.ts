import { expect, it } from "vitest";
import { rowDots } from "../../src/linalg/row-dots.js";
import { filled } from "./filled.js";

it.each([
  ["a single row", 1, 7, 20],
  ["fewer columns than pay", 9, 11, 5],
  ["exactly one tile", 4, 4, 16],
  ["edges on every side", 71, 135, 37],
  ["several blocks of each", 130, 200, 64],
])("sums in the order of the columns, bit for bit: %s", (_, m, n, cols) => {
  const A = filled(m + 2, cols, 1);
  const B = filled(n + 3, cols, 2);
  const stride = n + 5;
  const out = new Float64Array(m * stride).fill(9);
  rowDots(A, { from: 2, to: m + 2 }, B, { from: 3, to: n + 3 }, out, stride);
  const expected = new Float64Array(m * stride).fill(9);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < cols; k++) sum += A.data[(i + 2) * cols + k]! * B.data[(j + 3) * cols + k]!;
      expected[i * stride + j] = sum;
    }
  }
  expect(out).toEqual(expected);
});
