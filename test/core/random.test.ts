import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";

describe("random", () => {
  it("gives the same sequence for the same seed, another for another", () => {
    const take = (seed: number): number[] => {
      const rng = random(seed);
      return Array.from({ length: 8 }, () => rng.next());
    };
    expect(take(7)).toEqual(take(7));
    expect(take(7)).not.toEqual(take(8));
  });

  it("is uniform enough: each of 10 integers within 5 sigma of its share", () => {
    const rng = random(1);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[rng.integer(10)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(9_000));
  });

  it("shuffles every permutation of three about equally often", () => {
    const rng = random(3);
    const seen = new Map<string, number>();
    for (let i = 0; i < 60_000; i++) {
      const key = rng.shuffle([0, 1, 2]).join("");
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const count of seen.values()) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});
