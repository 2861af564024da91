import { describe, expect, it } from "vitest";
import { allFinite } from "../../src/linalg/all-finite.js";

describe.each([Float32Array, Float64Array])("%o", (Type) => {
  it.each([
    0, 1, 7, 8, 9, 31, 8191, 8192, 8193, 20_001,
  ])("finds what is not finite wherever it stands among %i elements", (length) => {
    const data = new Type(length).map((_, i) => (i % 13) - 6);
    expect(allFinite(data)).toBe(true);
    const places = [0, 1, 5, 8, 8191, 8192, 16_390, length - 1].filter((at) => at >= 0 && at < length);
    for (const at of places) {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const spoilt = data.slice();
        spoilt[at] = bad;
        expect(allFinite(spoilt), `${bad} at ${at}`).toBe(false);
      }
    }
    expect(allFinite(data)).toBe(true);
  });
});

it("does not let infinities of both signs cancel", () => {
  expect(allFinite(Float32Array.of(Infinity, 0, 0, 0, 0, 0, 0, 0, -Infinity))).toBe(false);
});
