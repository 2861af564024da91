import { describe, expect, it } from "vitest";
import { classMultipliers, countClasses, encodeLabels } from "../../src/heads/labels.js";

describe("labels", () => {
  it("sorts classes by code unit and codes every value", () => {
    const y = encodeLabels(["b", "", "B", "10", "9", "b"]);
    expect(y.classes).toEqual(["", "10", "9", "B", "b"]);
    expect(Array.from(y.codes)).toEqual([4, 0, 3, 1, 2, 4]);
    expect(Array.from(countClasses(y))).toEqual([1, 1, 1, 1, 2]);
  });

  it("weighs classes as scikit-learn does", () => {
    const y = encodeLabels(["a", "a", "a", "b"]);
    expect(Array.from(classMultipliers(y, null))).toEqual([1, 1]);
    expect(Array.from(classMultipliers(y, "balanced"))).toEqual([4 / 6, 2]);
    expect(Array.from(classMultipliers(y, { b: 7 }))).toEqual([1, 7]);
    expect(() => classMultipliers(y, { c: 1 })).toThrow(expect.objectContaining({ code: "usage" }));
  });
});
