import { describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { argmaxRows } from "../../src/heads/argmax.js";
import { fitHead } from "../../src/heads/head.js";
import { headToOnnx, verifyHead } from "../../src/heads/head-onnx.js";
import { encodeLabels } from "../../src/heads/labels.js";
import { holdOut } from "../../src/heads/mlp/hold-out.js";
import { learningRateSchedule } from "../../src/heads/mlp/learning-rate.js";
import { mlp } from "../../src/heads/mlp/mlp.js";
import { mlpOptions } from "../../src/heads/mlp/mlp-options.js";
import { type Matrix, matrix } from "../../src/linalg/matrix.js";

const META = { fingerprint: "f".repeat(64), backbone: null, metrics: null };

/** Two rings, one inside the other: no plane parts them. */
function rings(rows: number, seed = 3) {
  const draw = random(seed);
  const X = matrix(new Float32Array(rows * 2), rows, 2);
  for (let i = 0; i < rows; i++) {
    const angle = 2 * Math.PI * draw.next();
    const radius = (i % 2) + 0.6 + 0.3 * draw.next();
    X.data.set([radius * Math.cos(angle), radius * Math.sin(angle)], 2 * i);
  }
  return { X, y: encodeLabels(Array.from({ length: rows }, (_, i) => (i % 2 === 0 ? "in" : "out"))) };
}

const share = (scores: Matrix, codes: Int32Array): number =>
  argmaxRows(scores).filter((best, i) => best === codes[i]).length / codes.length;

describe("mlp", () => {
  const { X, y } = rings(400);
  const unseen = rings(400, 4);

  it.each([
    {},
    { hidden: [16, 16], batchNorm: true },
    { optimizer: "sgd" as const, learningRate: 0.05, schedule: "cosine" as const },
    { schedule: "plateau" as const, learningRate: 0.01 },
  ])("parts what no plane parts, on rows that it has not seen: %o", async (options) => {
    const model = await mlp(options).fit(X, y);
    expect(share(model.scores(unseen.X), unseen.y.codes)).toBeGreaterThan(0.97);
    const plane = await mlp({ ...options, hidden: [] }).fit(X, y);
    expect(share(plane.scores(unseen.X), unseen.y.codes)).toBeLessThan(0.75);
  });

  it("keeps the weights of the best epoch on the rows held out", async () => {
    const draw = random(1);
    const coin = encodeLabels(Array.from(y.codes, () => (draw.next() < 0.5 ? "a" : "b")));
    const options = { hidden: [256], dropout: 0, learningRate: 0.02, patience: 8, seed: 5 };
    const { training, scores, convergence } = await mlp(options).fit(X, coin);
    const { validationLosses } = training;
    const best = validationLosses.indexOf(Math.min(...validationLosses));
    expect(convergence).toEqual({ converged: true, iterations: validationLosses.length });
    expect(best).toBeLessThan(validationLosses.length - 1);
    // Stopped right after that epoch, it is the same model.
    const stopped = await mlp({ ...options, epochs: best + 1 }).fit(X, coin);
    expect(stopped.convergence?.converged).toBe(false);
    expect(stopped.scores(X).data).toEqual(scores(X).data);
  });

  it("runs all epochs where it shall not stop early, and says whether the loss had settled", async () => {
    const run = (options: object) => mlp({ earlyStopping: false, dropout: 0, ...options }).fit(X, y);
    const short = await run({ epochs: 3 });
    expect(short.convergence).toEqual({ converged: false, iterations: 3 });
    expect(short.training.losses.length).toBe(3);
    expect(short.training.validationLosses.length).toBe(0);
    const settled = await run({ epochs: 12, patience: 2, learningRate: 1e-9 });
    expect(settled.convergence).toEqual({ converged: true, iterations: 12 });
  });

  it("gives the same model for a seed on any number of threads, another one for another seed", async () => {
    const scores = async (seed: number, threads: number) =>
      (await mlp({ seed, epochs: 3, batchNorm: true }).fit(X, y, { threads })).scores(X).data;
    const first = await scores(7, 1);
    expect(await scores(7, 2)).toEqual(first);
    expect(await scores(8, 1)).not.toEqual(first);
  });

  it("reports epochs, and stops when it is told to while others run", async () => {
    const seen: number[] = [];
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    const fit = mlp({ epochs: 100_000, earlyStopping: false }).fit(X, y, {
      signal: controller.signal,
      onProgress: ({ done, total, unit }) => {
        expect([total, unit]).toEqual([100_000, "epochs"]);
        seen.push(done);
      },
    });
    await expect(fit).rejects.toThrow(expect.objectContaining({ code: "interrupted" }));
    expect(seen).toEqual(seen.map((_, k) => k + 1));
    expect(seen.length).toBeLessThan(10_000);
  });

  it.each([
    { optimizer: "sgd" as const, learningRate: 1e20 },
    { optimizer: "adam" as const, learningRate: 1e38 },
    { optimizer: "sgd" as const, learningRate: 1e30, epochs: 1, batchSize: 1000, earlyStopping: false },
    { optimizer: "sgd" as const, learningRate: 1, weightDecay: 1e6 },
  ])("refuses to give a model that diverged: %o", async (options) => {
    const big = matrix(
      X.data.map((value) => value * 1e10),
      X.rows,
      X.cols,
    );
    await expect(mlp(options).fit(big, y)).rejects.toThrow(
      expect.objectContaining({
        code: "usage",
        message: expect.stringMatching(/diverged.*epoch \d/),
        hint: expect.stringContaining("learningRate"),
        facts: expect.objectContaining({ optimizer: options.optimizer }),
      }),
    );
  });

  it("learns 1,000 classes of one row each, and classes of one row beside large ones", async () => {
    const draw = random(2);
    const rows = 1000;
    const wide = matrix(
      Float32Array.from({ length: rows * 64 }, () => draw.next() - 0.5),
      rows,
      64,
    );
    const each = encodeLabels(Array.from({ length: rows }, (_, i) => `class ${i}`));
    const recipe = { name: "mlp", set: { epochs: 12, hidden: [64], dropout: 0, learningRate: 0.01 } };
    const head = await fitHead(recipe, wide, each);
    expect(share(head.scores(wide), each.codes)).toBeGreaterThan(0.8);
    await verifyHead(head, headToOnnx(head, META), wide);
    const lone = encodeLabels(Array.from({ length: rows }, (_, i) => (i < 3 ? `lone ${i}` : "many")));
    const fitted = await fitHead({ name: "mlp", set: { epochs: 2 } }, wide, lone);
    expect(fitted.scores(wide).data.every(Number.isFinite)).toBe(true);
  });

  it("takes constant features and equal rows with different labels, with batch norm too", async () => {
    const same = matrix(new Float32Array(80 * 3).fill(0.1), 80, 3);
    const labels = encodeLabels(Array.from({ length: 80 }, (_, i) => (i % 4 === 0 ? "a" : "b")));
    for (const batchNorm of [false, true]) {
      const set = { batchNorm, epochs: 200, learningRate: 0.02 };
      const head = await fitHead({ name: "mlp", set }, same, labels);
      await verifyHead(head, headToOnnx(head, META), same);
      expect(head.probabilities!(same).data[0]).toBeCloseTo(0.25, 1);
    }
  });

  it("writes batch norm into its weights: the file has products, sums and ReLUs only", async () => {
    const set = { hidden: [12, 5], batchNorm: true, epochs: 20 };
    const head = await fitHead({ name: "mlp", set, scale: "none" }, X, y);
    const bytes = headToOnnx(head, META);
    await verifyHead(head, bytes, X);
    expect(Buffer.from(bytes).includes("BatchNormalization")).toBe(false);
  });
});

describe("holdOut", () => {
  it("takes its share of each class, every row once, and leaves each class a row", () => {
    const y = encodeLabels(Array.from({ length: 203 }, (_, i) => (i < 150 ? "a" : i < 202 ? "b" : "c")));
    const { train, held } = holdOut(y, 0.1, random(1));
    const count = (rows: Int32Array, code: number) => rows.filter((row) => y.codes[row] === code).length;
    expect([0, 1, 2].map((code) => count(held, code))).toEqual([15, 5, 0]);
    expect([...train, ...held].sort((a, b) => a - b)).toEqual(Array.from({ length: 203 }, (_, i) => i));
    expect(holdOut(y, 0.02, random(1)).held.length).toBe(0);
  });
});

describe("learningRateSchedule", () => {
  const rates = (options: object, losses: number[]) => {
    const given = mlpOptions.parse({ learningRate: 1, epochs: 4, decayEvery: 2, ...options });
    const rateOf = learningRateSchedule(given);
    return losses.map((loss, epoch) => rateOf(epoch, loss));
  };
  const falling = [Number.NaN, 4, 3, 2];

  it("follows its formula", () => {
    expect(rates({ schedule: "constant" }, falling)).toEqual([1, 1, 1, 1]);
    expect(rates({ schedule: "step" }, falling)).toEqual([1, 1, 0.5, 0.5]);
    const close = (actual: number[], expected: number[]) =>
      actual.forEach((rate, k) => void expect(rate).toBeCloseTo(expected[k]!, 12));
    close(rates({ schedule: "exponential" }, falling), [1, Math.SQRT1_2, 0.5, Math.SQRT1_2 / 2]);
    close(rates({ schedule: "cosine" }, falling), [1, (1 + Math.SQRT1_2) / 2, 0.5, (1 - Math.SQRT1_2) / 2]);
  });

  it("waits for a plateau", () => {
    expect(rates({ schedule: "plateau" }, falling)).toEqual([1, 1, 1, 1]);
    expect(rates({ schedule: "plateau" }, [Number.NaN, 4, 4, 4, 4, 4, 3, 3, 3])).toEqual([
      1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125,
    ]);
  });
});
