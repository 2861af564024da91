import fc from "fast-check";
import { expect, it } from "vitest";
import { nthSmallest } from "../../src/linalg/nth-smallest.js";

it("finds what sorting would put there, among equal values and infinite ones too", () => {
  const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), fc.nat(), (numbers, place) => {
      const sorted = Float64Array.from(numbers).sort();
      const k = place % numbers.length;
      expect(nthSmallest(Float64Array.from(numbers), k) + 0).toBe(sorted[k]! + 0);
    }),
  );
});

it("stays linear on values that are sorted, reversed or all equal", () => {
  const n = 200_000;
  for (const at of [(k: number) => k, (k: number) => -k, () => 7]) {
    const values = Float64Array.from({ length: n }, (_, k) => at(k));
    const expected = values.slice().sort()[1000]!;
    const started = performance.now();
    expect(nthSmallest(values, 1000)).toBe(expected);
    expect(performance.now() - started).toBeLessThan(2000);
  }
});
