import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Random, random } from "../../src/core/random.js";
import { drawNetwork, type Network } from "../../src/heads/mlp/network.js";
import { networkGradients } from "../../src/heads/mlp/network-gradients.js";
import { matrix } from "../../src/linalg/matrix.js";

/** The network in float64, with gains and biases that are not at their start. */
const widened = (network: Network<Float32Array>, draw: Random): Network<Float64Array> =>
  network.map(({ weights, bias, norm }) => ({
    weights: matrix(Float64Array.from(weights.data), weights.rows, weights.cols),
    bias: Float64Array.from(bias, () => draw.next() - 0.5),
    norm: norm && {
      gain: Float64Array.from(norm.gain, () => 0.5 + draw.next()),
      mean: Float64Array.from(norm.mean),
      variance: Float64Array.from(norm.variance),
    },
  }));

describe("networkGradients", () => {
  it("are those of finite differences, whatever the layers", async () => {
    const architecture = fc.record({
      dim: fc.integer({ min: 1, max: 6 }),
      hidden: fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 3 }),
      classes: fc.integer({ min: 2, max: 5 }),
      rows: fc.integer({ min: 2, max: 9 }),
      batchNorm: fc.boolean(),
      dropout: fc.constantFrom(0, 0.4),
      seed: fc.nat(),
    });
    let compared = 0;
    let bent = 0;
    await fc.assert(
      fc.asyncProperty(architecture, async ({ dim, hidden, classes, rows, batchNorm, dropout, seed }) => {
        const draw = random(seed);
        const outputs = classes === 2 ? 1 : classes;
        const network = widened(drawNetwork([dim, ...hidden, outputs], batchNorm, draw), draw);
        const batch = {
          X: Float64Array.from({ length: rows * dim }, () => 2 * draw.next() - 1),
          codes: Int32Array.from({ length: rows }, () => draw.integer(classes)),
          rowWeights: Float64Array.from({ length: rows }, () => 0.2 + draw.next()),
        };
        // The same units are dropped at each evaluation; there is room for more rows than there are.
        const evaluate = () => networkGradients(network, rows + 3, dropout, random(seed));
        const { parameters, run } = evaluate();
        await run(rows, batch);
        const lossAt = (values: Float64Array, k: number, value: number): Promise<number> => {
          values[k] = value;
          return evaluate().run(rows, batch);
        };
        for (const { values, gradient } of parameters) {
          for (let k = 0; k < values.length; k += Math.ceil(values.length / 4)) {
            const at = values[k]!;
            const slope = async (h: number): Promise<number> =>
              ((await lossAt(values, k, at + h)) - (await lossAt(values, k, at - h))) / (2 * h);
            const [near, nearer] = [await slope(1e-5), await slope(2.5e-6)];
            values[k] = at;
            // Where the two disagree, a ReLU bends in between.
            if (Math.abs(near - nearer) > 1e-5 * Math.max(1, Math.abs(nearer))) {
              bent++;
              continue;
            }
            compared++;
            expect(Math.abs(gradient[k]! - nearer)).toBeLessThan(2e-5 * Math.max(1, Math.abs(nearer)));
          }
        }
      }),
      { numRuns: 40, seed: 6 },
    );
    expect(compared).toBeGreaterThan(300);
    expect(bent / compared).toBeLessThan(0.02);
  });
});
