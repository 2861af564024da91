import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { holm } from "../../src/evaluation/holm.js";
import { mcnemarTest } from "../../src/evaluation/mcnemar-test.js";
import { auditLabelSets } from "../../src/evaluation/multi-label/audit-label-sets.js";
import { compareLabelSets } from "../../src/evaluation/multi-label/compare-label-sets.js";
import { measureLabelSets } from "../../src/evaluation/multi-label/measure-label-sets.js";
import { encodeLabelSets } from "../../src/heads/multi-label/label-sets.js";
import { matrix, zeros } from "../../src/linalg/matrix.js";

const NAMES = ["a", "b", "c"];

/** Sets, and what a head gives that is wrong in a share of the cells; the last label is one of few rows. */
function answered(rows: number, wrong: readonly [number, number], seed: number) {
  const rng = random(seed);
  const truth = encodeLabelSets(
    Array.from({ length: rows }, (_, i) =>
      NAMES.filter((name) => (name === "c" ? i % 40 === 0 : rng.next() < 0.4)),
    ),
    NAMES,
  );
  const given = (share: number) => truth.members.map((one) => (rng.next() < share ? 1 - one : one));
  return { truth, a: given(wrong[0]), b: given(wrong[1]) };
}

describe("Holm's correction", () => {
  it("is the closed test by Bonferroni: the largest p over all sets of tests that one is in", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 }),
        (ps) => {
          const closed = ps.map((_, i) => {
            let largest = 0;
            for (let set = 0; set < 2 ** ps.length; set++) {
              if (((set >> i) & 1) === 0) continue;
              const inside = ps.filter((_, k) => ((set >> k) & 1) === 1);
              largest = Math.max(largest, Math.min(1, inside.length * Math.min(...inside)));
            }
            return largest;
          });
          holm(ps).forEach((p, i) => {
            expect(p).toBeCloseTo(closed[i]!, 12);
          });
        },
      ),
      { numRuns: 200, seed: 1 },
    );
    expect(holm([])).toEqual([]);
  });
});

describe("two heads of several labels", () => {
  it("have the F1 that each is measured with, and a difference that its interval holds", async () => {
    const { truth, a, b } = answered(400, [0.05, 0.2], 2);
    const found = await compareLabelSets(truth, a, b, { seed: 1 });
    for (const [head, decided] of [
      ["a", a],
      ["b", b],
    ] as const) {
      const scores = zeros(truth.rows, 3);
      const report = await measureLabelSets({ truth, decided, scores, probabilities: null }, null);
      expect(found.macroF1[head]).toBeCloseTo(report.macroF1, 12);
      expect(found.microF1[head]).toBeCloseTo(report.microF1, 12);
      found.perLabel.forEach(({ f1, rows }, k) => {
        expect(f1[head]).toBeCloseTo(report.perLabel[k]!.f1, 12);
        expect(rows).toBe(report.perLabel[k]!.rows);
      });
    }
    const { difference, interval } = found.macroF1;
    expect(difference).toBeCloseTo(found.macroF1.a - found.macroF1.b, 12);
    expect(interval!.low).toBeGreaterThan(0);
    expect(interval!.low).toBeLessThan(difference);
    expect(interval!.high).toBeGreaterThan(difference);
    expect(await compareLabelSets(truth, a, b, { seed: 1 })).toEqual(found);
  });

  it("are told apart by label: McNemar's test on the rows that one alone has right, corrected", async () => {
    const { truth, a, b } = answered(400, [0.05, 0.2], 3);
    const { perLabel } = await compareLabelSets(truth, a, b, { resamples: 10 });
    perLabel.forEach(({ onlyA, onlyB, mcnemar }, k) => {
      const right = (given: Uint8Array, row: number) => given[3 * row + k] === truth.members[3 * row + k];
      const rows = [...Array(400).keys()];
      expect(onlyA).toBe(rows.filter((row) => right(a, row) && !right(b, row)).length);
      expect(onlyB).toBe(rows.filter((row) => right(b, row) && !right(a, row)).length);
      expect(mcnemar).toEqual(mcnemarTest(onlyA, onlyB));
    });
    expect(perLabel.map(({ corrected }) => corrected)).toEqual(
      holm(perLabel.map(({ mcnemar }) => mcnemar.midP)),
    );
    const same = await compareLabelSets(truth, a, a, { resamples: 10 });
    expect(same.macroF1).toMatchObject({ difference: 0, interval: { low: 0, high: 0 } });
    expect(same.perLabel.every(({ onlyA, corrected }) => onlyA === 0 && corrected >= 0.5)).toBe(true);
  });

  it("hardly ever look different in some label where they are not", async () => {
    let misled = 0;
    for (let seed = 0; seed < 100; seed++) {
      const { truth, a, b } = answered(120, [0.15, 0.15], seed);
      const { perLabel } = await compareLabelSets(truth, a, b, { resamples: 1 });
      if (perLabel.some(({ corrected }) => corrected < 0.05)) misled++;
    }
    expect(misled).toBeLessThanOrEqual(9);
  });
});

describe("an audit of label sets", () => {
  it("ranks cells that contradict their probability, and leaves out labels of too few rows", () => {
    const truth = encodeLabelSets(
      Array.from({ length: 40 }, (_, i) => [
        ...(i % 2 === 0 ? ["a"] : []),
        ...(i % 4 < 2 ? ["b"] : []),
        ...(i === 7 ? ["c"] : []),
      ]),
      NAMES,
    );
    const p = matrix(
      Float64Array.from(truth.members, (one, k) =>
        k % 3 === 2 ? 0 : one === 1 ? 0.9 - 0.001 * (k % 7) : 0.1,
      ),
      40,
      3,
    );
    // Row 5 lacks 'a' and row 8 has 'b', both wrongly; the second is the surer error.
    p.data[5 * 3] = 0.93;
    p.data[8 * 3 + 1] = 0.02;
    const found = auditLabelSets(p, truth, 5);
    expect(found.suspects.map(({ row, code, given }) => [row, code, given])).toEqual([
      [8, 1, true],
      [5, 0, false],
    ]);
    expect(found.suspects[0]!.selfConfidence).toBeCloseTo(0.02, 12);
    expect(found.suspects[1]!.margin).toBeCloseTo(0.07 - 0.93, 12);
    expect(found.perLabel[2]).toBeNull();
    expect(found.perLabel[0]!.confidentJoint[0]![1]).toBe(1);
    // With its one row judged by heads that never saw another, 'c' would be called wrong there.
    expect(auditLabelSets(p, truth, 1).suspects.some(({ row, code }) => row === 7 && code === 2)).toBe(true);
  });
});
