import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { cosine } from "../../src/evaluation/each-near-pair.js";
import { groupNearDuplicates, nearDuplicates, nearDuplicatesAcross } from "../../src/evaluation/index.js";
import { type Matrix, matrix, rowOf } from "../../src/linalg/matrix.js";

/** Rows around a few directions, some nearer than 0.995 to each other and some not. */
function scattered(rows: number, cols: number, seed: number): Matrix<Float32Array> {
  const rng = random(seed);
  const centres = Array.from({ length: 5 }, () =>
    Float64Array.from({ length: cols }, () => rng.next() - 0.5),
  );
  const data = new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    const centre = centres[rng.integer(5)]!;
    const noise = rng.next() * 0.1;
    for (let k = 0; k < cols; k++) data[i * cols + k] = centre[k]! + noise * (rng.next() - 0.5);
  }
  return matrix(data, rows, cols);
}

describe("near-duplicates", () => {
  it("between two sides are those of all pairs looked at one by one", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(1e6),
        async (n, m, seed) => {
          const A = scattered(n, 16, seed);
          const B = scattered(m, 16, seed + 1);
          const near = Array.from({ length: n }, (_, a) => a).filter((a) =>
            Array.from({ length: m }, (_, b) => cosine(rowOf(A, a), rowOf(B, b))).some((c) => c > 0.995),
          );
          const found = await nearDuplicates(A, B);
          expect(found).toMatchObject({ rows: near.length, checked: n });
          if (near.length > 0) {
            const { a, b, cosine: value } = found.example!;
            expect(value).toBeCloseTo(cosine(rowOf(A, a), rowOf(B, b)), 12);
            expect(value).toBeGreaterThan(0.995);
          } else expect(found.example).toBeNull();
        },
      ),
      { numRuns: 50, seed: 1 },
    );
  });

  it("are found across the edges of blocks, whatever the lengths of the rows; rows of zeros are near nothing", async () => {
    const rng = random(9);
    const A = matrix(
      Float32Array.from({ length: 2500 * 24 }, () => rng.next() - 0.5),
      2500,
      24,
    );
    const copy = (from: number, to: number, scale: number): void => {
      for (let k = 0; k < 24; k++) A.data[to * 24 + k] = scale * A.data[from * 24 + k]!;
    };
    copy(4, 2499, 5);
    copy(1023, 1024, 0.01);
    A.data.fill(0, 10 * 24, 12 * 24);
    const folds = Int32Array.from({ length: 2500 }, (_, i) => i % 2);
    const across = await nearDuplicatesAcross(A, folds);
    expect(across.rows).toBe(4);
    const within = await nearDuplicatesAcross(A, new Int32Array(2500));
    expect(within).toMatchObject({ rows: 0, example: null });
    const groups = await groupNearDuplicates(A);
    expect(groups[2499]).toBe(4);
    expect(groups[1024]).toBe(1023);
    expect(new Set(groups).size).toBe(2498);
  });

  it("are looked for in an even sample where all would cost too much", async () => {
    const A = scattered(60, 16, 3);
    const B = scattered(50, 16, 3);
    const budget = 20 * 50 * (16 + 100);
    const found = await nearDuplicates(A, B, { budget });
    const sampled = Array.from({ length: 20 }, (_, i) => i * 3);
    const near = sampled.filter((a) =>
      Array.from({ length: 50 }, (_, b) => cosine(rowOf(A, a), rowOf(B, b))).some((c) => c > 0.995),
    );
    expect(near.length).toBeGreaterThan(0);
    expect(found).toMatchObject({ checked: 20, rows: near.length });
    expect(sampled).toContain(found.example!.a);
    const { checked, rows } = await nearDuplicatesAcross(
      A,
      Int32Array.from({ length: 60 }, (_, i) => i),
      {
        budget: 20 * 60 * (16 + 100),
      },
    );
    expect(checked).toBe(20);
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThanOrEqual(20);
  });

  it("form groups that reach through others", async () => {
    const at = (degrees: number): number[] => [
      Math.cos((degrees * Math.PI) / 180),
      Math.sin((degrees * Math.PI) / 180),
    ];
    // 0.995 is 5.7 degrees: 0, 5 and 10 hang together though the ends do not touch.
    const X = matrix(Float32Array.from([at(0), at(10), at(5), at(90)].flat()), 4, 2);
    expect([...(await groupNearDuplicates(X))]).toEqual([0, 0, 0, 3]);
  });

  it("refuse other columns", async () => {
    await expect(nearDuplicates(scattered(2, 3, 1), scattered(2, 4, 1))).rejects.toThrow(/expected/);
  });
});
