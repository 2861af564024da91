import { expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { gemm } from "../../src/linalg/gemm.js";
import { lowerInverse } from "../../src/linalg/lower-inverse.js";
import { zeros } from "../../src/linalg/matrix.js";

it.each([1, 5, 64, 65, 200])("inverts a lower triangle of %i rows", async (n) => {
  const draw = random(n);
  const L = zeros(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) L.data[i * n + j] = (draw.next() - 0.5) / Math.sqrt(n);
    L.data[i * n + i] = 1 + draw.next();
  }
  const { data } = await gemm(L, await lowerInverse(L));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) expect(Math.abs(data[i * n + j]! - Number(i === j))).toBeLessThan(1e-12);
  }
});
