import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HeadstartError } from "../../src/core/errors.js";
import { random } from "../../src/core/random.js";
import { decodeModel, encodeModel } from "../../src/onnx/index.js";
import { arbitraryModel } from "./arbitrary-model.js";
import { mutate } from "./mutate.js";
import { type Target, targets } from "./targets.js";

const root = join(import.meta.dirname, "../..");
const SECONDS_AN_INPUT = 1;

/** Runs a target; only a `HeadstartError` may come out of it, and soon. */
function survives(target: Target, input: Uint8Array): boolean {
  const started = performance.now();
  let accepted = true;
  try {
    target.run(input);
  } catch (error) {
    if (!(error instanceof HeadstartError)) throw error;
    accepted = false;
  }
  expect(performance.now() - started).toBeLessThan(1000 * SECONDS_AN_INPUT);
  return accepted;
}

describe("models of every form", () => {
  it("come out of writing and reading as they went in", () => {
    fc.assert(
      fc.property(arbitraryModel, (model) => {
        const bytes = encodeModel(model);
        const again = decodeModel(bytes);
        expect(again).toEqual(model);
        expect(encodeModel(again)).toEqual(bytes);
      }),
      { numRuns: 200, seed: 11 },
    );
  });
});

describe.each(targets(root))("hostile bytes for the reader of $name", (target) => {
  it("reads its seeds", () => {
    expect(target.seeds.filter((seed) => survives(target, seed)).length).toBeGreaterThan(0);
  });

  it("answers changed files with a result or a named error", () => {
    const generator = random(5);
    let accepted = 0;
    let inputs = [...target.seeds];
    for (let i = 0; i < 1500; i++) {
      const one = inputs[generator.integer(inputs.length)]!;
      const other = inputs[generator.integer(inputs.length)]!;
      const changed = mutate(one, other, generator, 1 << 14);
      if (!survives(target, changed)) continue;
      accepted++;
      // What is still read may be changed further.
      if (inputs.length < 200) inputs = [...inputs, changed];
    }
    expect(accepted).toBeGreaterThan(30);
    expect(accepted).toBeLessThan(1500);
  });

  it("answers noise with a result or a named error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        survives(target, noise);
      }),
      { numRuns: 1000, seed: 3 },
    );
  });
});
