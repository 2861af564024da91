import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import { random } from "../../src/core/random.js";
import { mlpOptions } from "../../src/heads/mlp/mlp-options.js";
import { type Network, networkArrays } from "../../src/heads/mlp/network.js";
import { trainNetwork } from "../../src/heads/mlp/train-network.js";
import { parseOptions } from "../../src/heads/parse-options.js";
import { type FloatArray, matrix } from "../../src/linalg/matrix.js";

interface GoldenLayer {
  inputs: number;
  units: number;
  weights: number[];
  bias: number[];
  norm: { gain: number[]; mean: number[]; variance: number[] } | null;
}

interface Golden {
  options: Record<string, unknown>;
  rows: number;
  dim: number;
  X: number[];
  codes: number[];
  rowWeights: number[];
  start: GoldenLayer[];
  losses: number[];
  end: GoldenLayer[];
}

const GOLDEN: Golden[] = JSON.parse(
  readFileSync(join(packageRoot(), "test/golden/torch/fixtures/mlp.json"), "utf8"),
);

const networkOf = <Data extends FloatArray>(
  layers: GoldenLayer[],
  from: (values: number[]) => Data,
): Network<Data> =>
  layers.map(({ inputs, units, weights, bias, norm }) => ({
    weights: matrix(from(weights), inputs, units),
    bias: from(bias),
    norm: norm && { gain: from(norm.gain), mean: from(norm.mean), variance: from(norm.variance) },
  }));

async function compare<Data extends FloatArray>(
  golden: Golden,
  from: (values: number[]) => Data,
  tolerance: number,
): Promise<void> {
  const network = networkOf(golden.start, from);
  const rows = {
    X: matrix(from(golden.X), golden.rows, golden.dim),
    codes: Int32Array.from(golden.codes),
    rowWeights: Float64Array.from(golden.rowWeights),
  };
  const options = parseOptions("mlp", mlpOptions, golden.options);
  const { losses } = await trainNetwork(network, rows, null, options, random(0));
  expect(losses.length).toBe(golden.losses.length);
  losses.forEach(
    (loss, epoch) => void expect(Math.abs(loss - golden.losses[epoch]!)).toBeLessThan(tolerance),
  );
  const end = networkArrays(networkOf(golden.end, (values) => Float64Array.from(values)));
  networkArrays(network).forEach((values, a) => {
    let worst = 0;
    for (let k = 0; k < values.length; k++) worst = Math.max(worst, Math.abs(values[k]! - end[a]![k]!));
    expect(worst, `array ${a}`).toBeLessThan(tolerance);
  });
}

describe.each(GOLDEN)("a training run like PyTorch's: $options", (golden) => {
  it("in float64: the same losses and weights", () =>
    compare(golden, (values) => Float64Array.from(values), 1e-8));

  it("in float32: the same but for rounding", () =>
    compare(golden, (values) => Float32Array.from(values), 2e-3));
});
