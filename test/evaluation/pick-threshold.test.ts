import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heldOutPositives } from "../../src/evaluation/calibration/held-out-positives.js";
import { pickThreshold } from "../../src/evaluation/calibration/pick-threshold.js";

const values = Float64Array.of(5, 4, 3, 2, 1, 0);
const positive = Uint8Array.of(1, 1, 0, 1, 0, 0);

describe("a threshold", () => {
  it("for a precision keeps the most recall, for a recall the most precision", () => {
    expect(pickThreshold(values, positive, { metric: "precision", value: 0.9 })).toEqual({
      value: 3.5,
      precision: 1,
      recall: 2 / 3,
      reached: true,
    });
    expect(pickThreshold(values, positive, { metric: "precision", value: 0.75 }).value).toBe(1.5);
    expect(pickThreshold(values, positive, { metric: "recall", value: 0.6 }).value).toBe(3.5);
    expect(pickThreshold(values, positive, { metric: "recall", value: 1 }).value).toBe(1.5);
  });

  it("says where no threshold reaches the precision, and comes nearest", () => {
    const found = pickThreshold(Float64Array.of(1, 2, 3), Uint8Array.of(1, 1, 0), {
      metric: "precision",
      value: 0.9,
    });
    expect(found).toMatchObject({ reached: false, precision: 2 / 3, recall: 1 });
  });

  it("gives exactly the figures that it names, and no better candidate is passed over", () => {
    const row = fc.record({ value: fc.integer({ min: -5, max: 5 }), positive: fc.boolean() });
    const rows = fc
      .array(row, { minLength: 1, maxLength: 20 })
      .filter((all) => all.some((one) => one.positive));
    fc.assert(
      fc.property(
        rows,
        fc.constantFrom("precision", "recall"),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        (all, metric, value) => {
          const figures = (threshold: number) => {
            const called = all.filter((one) => one.value > threshold);
            const hits = called.filter((one) => one.positive).length;
            return {
              precision: hits / called.length,
              recall: hits / all.filter((one) => one.positive).length,
            };
          };
          const found = pickThreshold(
            Float64Array.from(all, (one) => one.value),
            Uint8Array.from(all, (one) => Number(one.positive)),
            { metric, value },
          );
          expect(figures(found.value)).toEqual({ precision: found.precision, recall: found.recall });
          const other = metric === "precision" ? "recall" : "precision";
          const able = all.map((one) => figures(one.value - 0.5)).filter((one) => one[metric] >= value);
          expect(found.reached).toBe(able.length > 0);
          if (found.reached) expect(found[other]).toBe(Math.max(...able.map((one) => one[other])));
        },
      ),
      { numRuns: 200, seed: 3 },
    );
  });

  it("is picked on other folds where it is measured", () => {
    const assigned = Int32Array.of(0, 1, 0, 1, 0, 1);
    const target = { metric: "recall", value: 1 } as const;
    // Fold 1 puts the threshold between 2 and 0, fold 0 between 5 and 3: each is used on the other.
    expect([...heldOutPositives(values, positive, target, assigned)]).toEqual([1, 0, 1, 0, 0, 0]);
  });
});
