import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { cholesky, choleskySolve } from "../../src/linalg/cholesky.js";
import { gemm } from "../../src/linalg/gemm.js";
import { type Matrix, matrix, zeros } from "../../src/linalg/matrix.js";
import { pivotedCholesky } from "../../src/linalg/pivoted-cholesky.js";
import { columnGram, rowGram, type ShiftedRows } from "../../src/linalg/shifted-rows.js";
import { pseudoSolve, solveSemidefinite } from "../../src/linalg/solve-semidefinite.js";
import { symmetricEigen } from "../../src/linalg/symmetric-eigen.js";

function noise(rows: number, cols: number, seed = 1): Matrix<Float64Array> {
  const rng = random(seed);
  const data = Float64Array.from({ length: rows * cols }, () => rng.next() - 0.5);
  return matrix(data, rows, cols);
}

function largest(A: Matrix, B: Matrix): number {
  let most = 0;
  for (let k = 0; k < B.data.length; k++) most = Math.max(most, Math.abs(A.data[k]! - B.data[k]!));
  return most;
}

describe("Cholesky", () => {
  // Sizes on both sides of a block, and of several.
  it.each([
    1, 2, 3, 4, 5, 96, 97, 250, 448, 449, 500,
  ])("of %i columns multiplies back and solves", async (n) => {
    const B = noise(n + 5, n);
    const A = await gemm(B, B, { transposeA: true });
    for (let i = 0; i < n; i++) A.data[i * n + i]! += 0.5;
    const L = (await cholesky(A))!;
    expect(largest(await gemm(L, L, { transposeB: true }), A)).toBeLessThan(1e-11);
    const right = noise(n, 3, 2);
    expect(largest(await gemm(A, await choleskySolve(L, right)), right)).toBeLessThan(1e-11);
  });

  it("says where a matrix is not positive definite", async () => {
    expect(await cholesky(matrix(new Float64Array([1, 2, 2, 1]), 2, 2))).toBeNull();
    expect(await cholesky(zeros(3, 3))).toBeNull();
    expect(await cholesky(matrix(new Float64Array([1, 1, 1, 1]), 2, 2))).toBeNull();
  });

  it("hears that it is not wanted any more", async () => {
    const control = { signal: AbortSignal.abort() };
    await expect(cholesky(zeros(2, 2), control)).rejects.toThrow(
      expect.objectContaining({ code: "interrupted" }),
    );
  });
});

describe("singular systems", () => {
  it("have the rank that they were made with", async () => {
    const B = noise(7, 40);
    const A = await gemm(B, B, { transposeA: true });
    const L = await pivotedCholesky(A, 1e-12);
    expect([L.rows, L.cols]).toEqual([40, 7]);
    expect(largest(await gemm(L, L, { transposeB: true }), A)).toBeLessThan(1e-12);
  });

  it("are solved by the pseudo-inverse, which is that of the eigenvalues", async () => {
    const B = noise(6, 20);
    const A = await gemm(B, B, { transposeA: true });
    const right = noise(20, 2, 4);
    const { values, vectors } = symmetricEigen(A);
    const expected = (power: number) => {
      const X = zeros(20, 2);
      for (let k = 0; k < 6; k++) {
        for (let c = 0; c < 2; c++) {
          let product = 0;
          for (let j = 0; j < 20; j++) product += vectors.data[k * 20 + j]! * right.data[j * 2 + c]!;
          for (let j = 0; j < 20; j++) {
            X.data[j * 2 + c]! += (vectors.data[k * 20 + j]! * product) / values[k]! ** power;
          }
        }
      }
      return X;
    };
    expect(largest(await solveSemidefinite(A, right), expected(1))).toBeLessThan(1e-9);
    expect(largest(await pseudoSolve(A, right, 2), expected(2))).toBeLessThan(1e-8);
    expect(Array.from((await solveSemidefinite(zeros(20, 20), right)).data)).toEqual(new Array(40).fill(0));
  });
});

describe("centred and scaled rows", () => {
  it("have the products that plain loops give", async () => {
    const X = noise(30, 9);
    const S: ShiftedRows = {
      X,
      rows: Int32Array.from([3, 29, 0, 11]),
      centres: noise(2, 9, 5),
      groups: Int32Array.from({ length: 30 }, (_, i) => i % 2),
      rowScale: Float64Array.from({ length: 30 }, (_, i) => i + 1),
      columnScale: Float64Array.from({ length: 9 }, (_, j) => 1 / (j + 1)),
    };
    const plain = zeros(4, 9);
    [3, 29, 0, 11].forEach((i, r) => {
      for (let j = 0; j < 9; j++) {
        plain.data[r * 9 + j] = ((X.data[i * 9 + j]! - S.centres.data[(i % 2) * 9 + j]!) * (i + 1)) / (j + 1);
      }
    });
    expect(largest(await columnGram(S), await gemm(plain, plain, { transposeA: true }))).toBeLessThan(1e-11);
    expect(largest(await rowGram(S), await gemm(plain, plain, { transposeB: true }))).toBeLessThan(1e-11);
  });
});

describe("eigenvalues of a symmetric matrix", () => {
  it.each([1, 2, 3, 60])("of %i columns give it back, with vectors at right angles", async (n) => {
    for (const rank of [n, Math.ceil(n / 3)]) {
      const B = noise(rank, n, n);
      const A = await gemm(B, B, { transposeA: true });
      const { values, vectors } = symmetricEigen(A);
      expect(Array.from(values)).toEqual(Array.from(values).sort((a, b) => b - a));
      const scaled = { ...vectors, data: vectors.data.map((value, k) => value * values[Math.floor(k / n)]!) };
      expect(largest(await gemm(scaled, vectors, { transposeA: true }), A)).toBeLessThan(1e-13 * (n + 1));
      const identity = zeros(n, n);
      for (let i = 0; i < n; i++) identity.data[i * n + i] = 1;
      expect(largest(await gemm(vectors, vectors, { transposeB: true }), identity)).toBeLessThan(1e-13);
    }
  });

  it("are those that can be worked out by hand", () => {
    const { values, vectors } = symmetricEigen(matrix(new Float64Array([2, 1, 0, 1, 2, 0, 0, 0, -5]), 3, 3));
    expect(largest(matrix(values, 1, 3), matrix(new Float64Array([3, 1, -5]), 1, 3))).toBeLessThan(1e-14);
    expect(Math.abs(vectors.data[0]!)).toBeCloseTo(Math.SQRT1_2, 14);
    expect(Array.from(symmetricEigen(zeros(4, 4)).values)).toEqual([0, 0, 0, 0]);
  });
});
