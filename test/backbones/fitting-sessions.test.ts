import { describe, expect, it } from "vitest";
import { fittingSessions } from "../../src/backbones/fitting-sessions.js";

const GIB = 2 ** 30;
const MIB = 2 ** 20;

describe("fittingSessions", () => {
  it.each([
    { processors: 1, weights: 90 * MIB, sessions: 1, threads: 1 },
    { processors: 2, weights: 90 * MIB, sessions: 2, threads: 1 },
    { processors: 8, weights: 90 * MIB, sessions: 8, threads: 1 },
    // Eight at most, and no processor left over where that can be had.
    { processors: 16, weights: 90 * MIB, sessions: 8, threads: 2 },
    { processors: 6, weights: 250 * MIB, sessions: 3, threads: 2 },
    { processors: 7, weights: 250 * MIB, sessions: 1, threads: 7 },
    // Two copies of BERT base fit into a GiB, of BERT large none.
    { processors: 8, weights: 420 * MIB, sessions: 2, threads: 4 },
    { processors: 8, weights: 1300 * MIB, sessions: 1, threads: 8 },
  ])("$weights bytes on $processors processors: $sessions of $threads", ({
    processors,
    weights,
    ...plan
  }) => {
    expect(fittingSessions(weights, { processors, memory: 64 * GIB })).toEqual(plan);
  });

  it("takes a quarter of the free memory at most", () => {
    const plan = (memory: number) => fittingSessions(100 * MIB, { processors: 4, memory });
    expect(plan(2 * GIB)).toEqual({ sessions: 4, threads: 1 });
    expect(plan(GIB)).toEqual({ sessions: 2, threads: 2 });
    expect(plan(GIB / 2)).toEqual({ sessions: 1, threads: 4 });
    expect(plan(0)).toEqual({ sessions: 1, threads: 4 });
  });

  it("does not mind a graph without weights", () => {
    expect(fittingSessions(0, { processors: 2, memory: GIB })).toEqual({ sessions: 2, threads: 1 });
  });
});
