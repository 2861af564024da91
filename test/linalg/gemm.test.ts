import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { gemm } from "../../src/linalg/gemm.js";
import { type FloatArray, type Matrix, matrix } from "../../src/linalg/matrix.js";

function draw<Data extends FloatArray>(data: Data, rows: number, cols: number, seed: number): Matrix<Data> {
  const rng = random(seed);
  for (let k = 0; k < data.length; k++) data[k] = rng.next() - 0.5;
  return matrix(data, rows, cols);
}

/** The definition, in float64. */
function product(A: Matrix, B: Matrix, transposeA: boolean, transposeB: boolean): number[] {
  const at = (X: Matrix, i: number, j: number, turned: boolean) =>
    X.data[turned ? j * X.cols + i : i * X.cols + j]!;
  const [m, k] = transposeA ? [A.cols, A.rows] : [A.rows, A.cols];
  const n = transposeB ? B.rows : B.cols;
  return Array.from({ length: m * n }, (_, cell) => {
    let sum = 0;
    for (let l = 0; l < k; l++) {
      sum += at(A, Math.floor(cell / n), l, transposeA) * at(B, l, cell % n, transposeB);
    }
    return sum;
  });
}

describe("gemm", () => {
  const size = fc.integer({ min: 1, max: 40 });

  it.each([
    [Float32Array, 1e-5],
    [Float64Array, 1e-13],
  ] as const)("is the product that the definition gives: %o", async (Type, tolerance) => {
    await fc.assert(
      fc.asyncProperty(
        size,
        size,
        size,
        fc.boolean(),
        fc.boolean(),
        async (m, k, n, transposeA, transposeB) => {
          const A = draw(new Type(m * k), transposeA ? k : m, transposeA ? m : k, 1);
          const B = draw(new Type(k * n), transposeB ? n : k, transposeB ? k : n, 2);
          const before = [A.data.slice(), B.data.slice()];
          const Y = await gemm<FloatArray>(A, B, { transposeA, transposeB });
          expect([Y.rows, Y.cols, Y.data.constructor]).toEqual([m, n, Type]);
          const expected = product(A, B, transposeA, transposeB);
          expect(Math.max(...expected.map((value, i) => Math.abs(value - Y.data[i]!)))).toBeLessThan(
            tolerance,
          );
          expect([A.data, B.data]).toEqual(before);
        },
      ),
      { numRuns: 30, seed: 4 },
    );
  });

  it("writes into the buffer that it is given", async () => {
    const out = new Float64Array(2).fill(9);
    const A = matrix(Float64Array.of(1, 2, 3, 4), 2, 2);
    const Y = await gemm(A, matrix(Float64Array.of(1, 1), 2, 1), { out });
    expect(Y.data).toBe(out);
    expect([...out]).toEqual([3, 7]);
  });

  it("gives zeros for an empty inner size, and nothing for no rows", async () => {
    const none = matrix(new Float32Array(0), 3, 0);
    expect([...(await gemm(none, matrix(new Float32Array(0), 0, 2))).data]).toEqual([0, 0, 0, 0, 0, 0]);
    expect((await gemm(matrix(new Float32Array(0), 0, 3), matrix(new Float32Array(6), 3, 2))).rows).toBe(0);
  });

  it("refuses sizes that disagree", async () => {
    const A = matrix(new Float32Array(6), 2, 3);
    await expect(gemm(A, A)).rejects.toMatchObject({ code: "shape" });
    await expect(gemm(A, A, { transposeB: true, out: new Float32Array(3) })).rejects.toMatchObject({
      code: "shape",
    });
  });
});
