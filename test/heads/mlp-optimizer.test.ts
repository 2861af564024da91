import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { adamModule } from "../../src/heads/mlp/adam-module.js";
import { optimizerOf } from "../../src/heads/mlp/optimizer.js";

const ADAM = { optimizer: "adam", momentum: 0, weightDecay: 0.1 } as const;

describe("optimizerOf: adam", () => {
  it.each([1, 3, 4, 4095, 4097, 9001])("takes the same steps in lanes as in float64: %i values", (length) => {
    const draw = random(length);
    const start = Float64Array.from({ length }, () => draw.next() - 0.5);
    const parameters = [true, false].map((decays) => ({
      wide: { values: start.slice(), gradient: new Float64Array(length), decays },
      narrow: { values: Float32Array.from(start), gradient: new Float32Array(length), decays },
    }));
    expect(adamModule()).not.toBeNull();
    const inFloat64 = optimizerOf(
      parameters.map(({ wide }) => wide),
      ADAM,
    );
    const inLanes = optimizerOf(
      parameters.map(({ narrow }) => narrow),
      ADAM,
    );
    for (let step = 0; step < 30; step++) {
      for (const { wide, narrow } of parameters) {
        for (let k = 0; k < length; k++) narrow.gradient[k] = (draw.next() - 0.4) * 10 ** -(k % 6);
        wide.gradient.set(narrow.gradient);
      }
      inFloat64(0.01);
      inLanes(0.01);
    }
    for (const { wide, narrow } of parameters) {
      let worst = 0;
      for (let k = 0; k < length; k++) worst = Math.max(worst, Math.abs(wide.values[k]! - narrow.values[k]!));
      expect(worst).toBeLessThan(2e-5);
      expect(wide.values.every((value, k) => value !== start[k])).toBe(true);
    }
  });

  it("stands still where gradients end, and shows NaN", () => {
    const one = {
      values: new Float32Array(5).fill(1),
      gradient: new Float32Array(5).fill(0.3),
      decays: false,
    };
    const step = optimizerOf([one], ADAM);
    step(0.01);
    one.gradient.fill(0);
    for (let k = 0; k < 900; k++) step(0.01);
    const settled = one.values.slice();
    for (let k = 0; k < 100; k++) step(0.01);
    expect(one.values).toEqual(settled);
    one.gradient[2] = Number.NaN;
    step(0.01);
    expect(Array.from(one.values, Number.isNaN)).toEqual([false, false, true, false, false]);
  });
});
