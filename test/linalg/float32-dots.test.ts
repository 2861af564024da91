import { expect, it } from "vitest";
import { float32Dots, rowsAtOnce } from "../../src/linalg/float32-dots.js";
import { zeros } from "../../src/linalg/matrix.js";
import { filled } from "./filled.js";

it.each([
  ["a single row of each", 1, 1, 3],
  ["exactly one tile", 4, 8, 16],
  ["edges on every side", 71, 135, 37],
  ["one column", 9, 70, 1],
  ["more columns than the memory has had room for", 6, 11, 3000],
])("sums in float32 in the order of the columns, bit for bit: %s", (_, m, n, cols) => {
  const A = filled(m + 2, cols, 1);
  const B = filled(n, cols, 2);
  const seen = new Uint8Array(m * n);
  const done = float32Dots(A, { from: 2, to: m + 2 }, B, (sums, stride, b) => {
    for (let i = 0; i < m; i++) {
      for (let j = b.from; j < b.to; j++) {
        let sum = 0;
        for (let k = 0; k < cols; k++) {
          const product = Math.fround(A.data[(i + 2) * cols + k]!) * Math.fround(B.data[j * cols + k]!);
          sum = Math.fround(sum + Math.fround(product));
        }
        expect(sums[i * stride + j - b.from]).toBe(sum);
        seen[i * n + j]! += 1;
      }
    }
  });
  expect(done).toBe(true);
  expect(seen.every((times) => times === 1)).toBe(true);
});

it("takes as many rows as it says, four at a time", () => {
  expect(rowsAtOnce(384)).toBe(2048);
  for (const cols of [1, 1000, 2047, 32_768]) expect(rowsAtOnce(cols) % 4).toBe(0);
});

it("leaves rows alone that are too long for its memory", () => {
  const wide = zeros(1, 40_000);
  expect(float32Dots(wide, { from: 0, to: 1 }, wide, () => expect.fail("visited"))).toBe(false);
});
