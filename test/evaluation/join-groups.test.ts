import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { joinGroups } from "../../src/evaluation/join-groups.js";

describe("joinGroups", () => {
  it("links rows that share a group of either, through others too", () => {
    const joined = joinGroups(Int32Array.of(0, 0, 2, 3, 4, 5), Int32Array.of(9, 1, 1, 7, 7, 5));
    expect(Array.from(joined)).toEqual([0, 0, 0, 3, 3, 5]);
  });

  it("is the transitive closure of both groupings", () => {
    const rng = random(4);
    for (let round = 0; round < 30; round++) {
      const n = 30;
      const [a, b] = [0, 0].map(() => Int32Array.from({ length: n }, () => rng.integer(20))) as [
        Int32Array,
        Int32Array,
      ];
      const linked = Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (_, j) => a[i] === a[j] || b[i] === b[j]),
      );
      for (let k = 0; k < n; k++)
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) linked[i]![j] ||= linked[i]![k]! && linked[k]![j]!;
      const joined = joinGroups(a, b);
      for (let i = 0; i < n; i++) expect(joined[i]).toBe(linked[i]!.indexOf(true));
    }
  });

  it("refuses groupings of different lengths", () => {
    expect(() => joinGroups(new Int32Array(2), new Int32Array(3))).toThrow(/groups/);
  });
});
