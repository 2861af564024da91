import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { resample } from "../../src/backbones/audio/resample.js";

interface Golden {
  readonly noise: readonly number[];
  readonly cases: readonly {
    readonly rate: number;
    readonly wanted: number;
    readonly count: number;
    readonly output: readonly number[];
  }[];
}

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, "../golden/families-audio/resample.json"), "utf8"),
) as Golden;
const noise = Float32Array.from(golden.noise);

describe("resampling", () => {
  it.each(golden.cases)("equals torchaudio's to 1e-5: $count samples, $rate to $wanted Hz", (one) => {
    const out = resample(noise.subarray(0, one.count), one.rate, one.wanted);
    expect(out.length).toBe(one.output.length);
    const worst = one.output.reduce((most, value, i) => Math.max(most, Math.abs(value - out[i]!)), 0);
    expect(worst).toBeLessThan(1e-5);
  });

  it("leaves a sound of the wanted rate alone", () => {
    expect(resample(noise, 16_000, 16_000)).toBe(noise);
  });

  it("keeps a constant, away from the ends", () => {
    const out = resample(new Float32Array(4410).fill(0.5), 44_100, 16_000);
    for (const value of out.subarray(50, -50)) expect(value).toBeCloseTo(0.5, 2);
  });
});
