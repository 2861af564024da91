import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  assignFolds,
  crossValidate,
  groupFolds,
  repeatedFolds,
  stratifiedFolds,
  timeOrderedSplits,
} from "../../src/evaluation/index.js";
import { matrix } from "../../src/linalg/matrix.js";

describe("group folds", () => {
  it("keep every group in one fold, fill every fold, and differ by the largest group at most", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 6 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 6, maxLength: 30 }),
        fc.nat(1000),
        (folds, sizes, seed) => {
          const groups = sizes.flatMap((size, group) => new Array<string>(size).fill(`g${group}`));
          const assigned = groupFolds(groups, folds, seed);
          const foldOf = new Map<string, number>();
          const counts = new Array<number>(folds).fill(0);
          groups.forEach((group, row) => {
            expect(foldOf.get(group) ?? assigned[row]).toBe(assigned[row]);
            foldOf.set(group, assigned[row]!);
            counts[assigned[row]!]!++;
          });
          expect(Math.min(...counts)).toBeGreaterThan(0);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(Math.max(...sizes));
        },
      ),
      { numRuns: 200, seed: 5 },
    );
  });

  it("of single rows with labels are as even as stratified ones", () => {
    const codes = Int32Array.from({ length: 100 }, (_, i) => Number(i % 5 === 0));
    const y = { codes, classes: ["many", "few"] };
    const assigned = groupFolds(
      codes.map((_, row) => row),
      5,
      1,
      y,
    );
    for (let fold = 0; fold < 5; fold++) {
      const inside = [...codes].filter((_, row) => assigned[row] === fold);
      expect(inside.length).toBe(20);
      expect(inside.filter((code) => code === 1).length).toBe(4);
    }
  });

  it("name the class that lies in one group, and count too few groups", () => {
    const y = { codes: Int32Array.of(0, 0, 0, 0, 1, 1), classes: ["a", "b"] };
    expect(() => groupFolds(["p", "q", "r", "s", "t", "t"], 2, 0, y)).toThrow(/all 2 rows of class 'b'/);
    expect(() => groupFolds(["p", "p", "q"], 3, 0)).toThrow("2 groups, fewer than the 3 folds");
    expect(() => groupFolds(["p", "p"], 2, 0)).toThrow("All 2 rows are of one group");
  });

  it("differ with the seed where groups are of one size", () => {
    const groups = Array.from({ length: 40 }, (_, i) => i % 20);
    expect(groupFolds(groups, 4, 1)).toEqual(groupFolds(groups, 4, 1));
    expect(groupFolds(groups, 4, 1)).not.toEqual(groupFolds(groups, 4, 2));
  });
});

describe("repeated folds", () => {
  const y = { codes: Int32Array.from({ length: 60 }, (_, i) => i % 3), classes: ["a", "b", "c"] };

  it("begin with the folds of one repeat, and differ from repeat to repeat", () => {
    const repeats = repeatedFolds(y, 5, 3, 7);
    expect(repeats[0]).toEqual(stratifiedFolds(y, 5, 7));
    expect(repeats[1]).not.toEqual(repeats[0]);
    expect(repeats[2]).not.toEqual(repeats[1]);
    expect(repeatedFolds(y, 5, 3, 7)).toEqual(repeats);
  });

  it("refuse no repeat", () => {
    expect(() => repeatedFolds(y, 5, 0, 7)).toThrow(/above 0/);
  });

  it("in cross-validation give accuracies and predictions of every repeat", async () => {
    const X = matrix(
      Float32Array.from({ length: 60 }, (_, i) => i),
      60,
      1,
    );
    const options = { folds: 4, seed: 7, repeats: 2, groups: Int32Array.from(y.codes, (_, i) => i >> 1) };
    const assigned = assignFolds(y, options);
    let runs = 0;
    const { accuracies, predictions } = await crossValidate(
      async (inside, _labels, held) => {
        const groups = new Set(Array.from(inside.data, (value) => value >> 1));
        for (const value of held.data) expect(groups.has(value >> 1)).toBe(false);
        runs++;
        return Int32Array.from(held.data, (value) => value % 3);
      },
      X,
      y,
      options,
    );
    expect(assigned[0]).not.toEqual(assigned[1]);
    expect(runs).toBe(8);
    expect(accuracies).toEqual(new Array(8).fill(1));
    expect(predictions).toEqual([y.codes, y.codes]);
  });
});

describe("time-ordered splits", () => {
  it("never train on a row as late as a tested one, and test no row twice", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 30, maxLength: 80 }),
        fc.integer({ min: 1, max: 4 }),
        (times, splits) => {
          let found: ReturnType<typeof timeOrderedSplits>;
          try {
            found = timeOrderedSplits(times, { splits });
          } catch (thrown) {
            expect((thrown as Error).message).toMatch(/too many of one moment/);
            return;
          }
          const tested = new Set<number>();
          for (const { train, test } of found) {
            const latest = Math.max(...Array.from(train, (row) => times[row]!));
            expect(latest).toBeLessThan(Math.min(...Array.from(test, (row) => times[row]!)));
            for (const row of test) {
              expect(tested.has(row)).toBe(false);
              tested.add(row);
            }
          }
          expect(found).toHaveLength(splits);
        },
      ),
      { numRuns: 200, seed: 6 },
    );
  });

  it("name the row whose time is none", () => {
    expect(() => timeOrderedSplits([1, 2, Number.NaN])).toThrow(/Row 2 has the time NaN/);
  });
});
