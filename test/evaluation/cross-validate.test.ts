import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crossValidate, stratifiedFolds } from "../../src/evaluation/index.js";
import { matrix } from "../../src/linalg/matrix.js";

const classesOf = (k: number): string[] => Array.from({ length: k }, (_, i) => `c${i}`);

describe("stratified folds", () => {
  it("give every fold each class in the same share, to within a row, and are of equal size", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 7 }),
        fc.array(fc.integer({ min: 7, max: 40 }), { minLength: 2, maxLength: 5 }),
        fc.nat(1000),
        (folds, sizes, seed) => {
          const codes = Int32Array.from(sizes.flatMap((size, code) => new Array<number>(size).fill(code)));
          const assigned = stratifiedFolds({ codes, classes: classesOf(sizes.length) }, folds, seed);
          const spread = (rows: (row: number) => boolean): number => {
            const counts = new Array<number>(folds).fill(0);
            assigned.forEach((fold, row) => {
              if (rows(row)) counts[fold]!++;
            });
            return Math.max(...counts) - Math.min(...counts);
          };
          expect(spread(() => true)).toBeLessThanOrEqual(1);
          sizes.forEach((_, code) => {
            expect(spread((row) => codes[row] === code)).toBeLessThanOrEqual(1);
          });
        },
      ),
      { numRuns: 200, seed: 5 },
    );
  });

  it("name a class with too few rows, and what to do", () => {
    const y = { codes: Int32Array.of(0, 0, 0, 0, 0, 1, 1), classes: ["many", "few"] };
    expect(() => stratifiedFolds(y, 5, 0)).toThrow("Class 'few' has 2 rows, fewer than the 5 folds");
  });

  it("refuse fewer than two folds", () => {
    const y = { codes: Int32Array.of(0, 1), classes: ["a", "b"] };
    expect(() => stratifiedFolds(y, 1, 0)).toThrow(/at least 2/);
  });
});

describe("cross-validation", () => {
  const X = matrix(
    Float32Array.from({ length: 30 }, (_, i) => i),
    30,
    1,
  );
  const y = { codes: Int32Array.from({ length: 30 }, (_, i) => i % 3), classes: classesOf(3) };

  it("predicts each row once, by a model that has not seen it", async () => {
    const heldOut: number[] = [];
    const { predicted, accuracies } = await crossValidate(
      async (inside, labels, held) => {
        const seen = new Set(inside.data);
        for (const value of held.data) {
          expect(seen.has(value)).toBe(false);
          heldOut.push(value);
        }
        expect(labels.codes.length).toBe(inside.rows);
        return Int32Array.from(held.data, (value) => value % 3);
      },
      X,
      y,
      { folds: 5, seed: 1 },
    );
    expect(heldOut.sort((a, b) => a - b)).toEqual([...X.data]);
    expect([...predicted]).toEqual([...y.codes]);
    expect(accuracies).toEqual([1, 1, 1, 1, 1]);
  });

  it("stops between folds when aborted", async () => {
    const controller = new AbortController();
    let folds = 0;
    const run = crossValidate(
      async (_inside, _labels, held) => {
        folds++;
        controller.abort();
        return new Int32Array(held.rows);
      },
      X,
      y,
      { folds: 5, seed: 1, signal: controller.signal },
    );
    await expect(run).rejects.toMatchObject({ code: "interrupted" });
    expect(folds).toBe(1);
  });
});
