import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { REVIEWS, reviewsCsv } from "./reviews.js";
import { workplace } from "./run-cli.js";

const { path, write, run, json } = workplace();
const at = (name: string): string => join(path, name);
let embedded: headstart.EmbedResult;
let trained: headstart.TrainResult;
let evaluated: headstart.EvaluateResult;
beforeAll(async () => {
  write("reviews.csv", reviewsCsv(["id", "review", "label", "split"]));
  embedded = await json(["embed", "reviews.csv", "-o", "x.arrow"]);
  trained = await json(["train", "x.arrow", "-o", "head.onnx", "--set", "C=2", "--cv", "3", "--seed", "7"]);
  evaluated = await json(["evaluate", "head.onnx", "x.arrow", "--split", "test"]);
});

const share = { value: expect.any(Number), low: expect.any(Number), high: expect.any(Number) };
const metrics = {
  accuracy: share,
  floor: 0.5,
  balancedAccuracy: expect.any(Number),
  macroF1: expect.any(Number),
  microF1: expect.any(Number),
  weightedF1: expect.any(Number),
  mcc: expect.any(Number),
};
const interval = { low: expect.any(Number), high: expect.any(Number) };
const noDuplicates = (checked: number): headstart.NearDuplicateReport => ({
  threshold: 0.995,
  checked,
  rows: 0,
  example: null,
});

describe("text, from a CSV file to figures", () => {
  it("embed --json tells what was done", () => {
    expect(embedded).toEqual({
      out: "x.arrow",
      rows: 60,
      rejects: 0,
      rejectsFile: null,
      truncated: 0,
      dim: 512,
      backbone: "use-lite",
      feature: {
        layer: "layer_1",
        pooling: "mean",
        normalize: true,
        precision: "fp32",
        prompt: null,
      },
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      device: "cpu",
      resumedAtRow: null,
      guesses: [
        'text column: "review" (by its name)',
        'label column: "label" (by its name)',
        'id column: "id" (by its name)',
        'split column: "split" (by its name)',
      ],
      store: "fp32",
      kept: [],
      known: { target: 0, cache: 0 },
      cacheProblem: null,
      target: null,
      shard: null,
      encoding: expect.objectContaining({ contents: 60, duplicates: 0, unit: "tokens" }),
      stages: expect.objectContaining({ inference: expect.any(Number), wait: expect.any(Number) }),
      profile: null,
      rowsPerSecond: expect.any(Number),
      seconds: {
        load: expect.any(Number),
        embed: expect.any(Number),
        write: expect.any(Number),
        total: expect.any(Number),
      },
    });
  });

  it("train --json has the documented fields, and learns", () => {
    expect(trained).toEqual({
      out: "head.onnx",
      head: "linear-svm.v1",
      engine: "headstart",
      options: expect.objectContaining({ C: 2, seed: 7 }),
      scale: "none",
      pca: null,
      seed: 7,
      rows: 50,
      split: "train",
      calibration: null,
      threshold: null,
      dim: 512,
      classes: [
        { name: "bad", rows: 25 },
        { name: "good", rows: 25 },
      ],
      cv: { folds: 3, repeats: 1, accuracies: [expect.any(Number), expect.any(Number), expect.any(Number)] },
      metrics,
      convergence: { converged: true, iterations: expect.any(Number) },
      nearDuplicates: { folds: noDuplicates(50), test: noDuplicates(10) },
      groups: null,
      sharedGroups: null,
      warnings: [],
      seconds: {
        load: expect.any(Number),
        fit: expect.any(Number),
        cv: expect.any(Number),
        save: expect.any(Number),
      },
    });
    const { accuracy, floor } = trained.metrics!;
    expect(accuracy.value).toBeGreaterThan(floor + 0.2);
    expect(accuracy.low).toBeLessThan(accuracy.value);
    expect(accuracy.high).toBeLessThanOrEqual(1);
  });

  it("evaluate --json has the documented fields, which agree with each other", () => {
    expect(evaluated).toEqual({
      head: "linear-svm.v1",
      split: "test",
      abstention: null,
      sharedGroups: null,
      rows: 10,
      metrics: {
        ...metrics,
        rocAuc: expect.any(Number),
        prAuc: expect.any(Number),
        // A linear SVM has no probabilities.
        logLoss: null,
        brier: null,
        calibrationError: null,
        intervals: {
          balancedAccuracy: interval,
          macroF1: interval,
          microF1: interval,
          weightedF1: interval,
          mcc: interval,
          rocAuc: interval,
          prAuc: interval,
          logLoss: null,
          brier: null,
          calibrationError: null,
        },
      },
      perClass: ["bad", "good"].map((name) => ({
        name,
        precision: expect.any(Number),
        recall: expect.any(Number),
        f1: expect.any(Number),
        rows: 5,
      })),
      confusion: { classes: ["bad", "good"], counts: expect.any(Array) },
      unknownLabels: [],
      nearDuplicates: noDuplicates(10),
      warnings: [],
      seconds: { load: expect.any(Number), predict: expect.any(Number), measure: expect.any(Number) },
    });
    const { counts } = evaluated.confusion;
    expect(counts.flat().reduce((a, b) => a + b)).toBe(10);
    expect(evaluated.metrics.accuracy.value).toBe((counts[0]![0]! + counts[1]![1]!) / 10);
    expect(evaluated.perClass[0]!.recall).toBe(counts[0]![0]! / 5);
  });

  it("inspect tells of both files", async () => {
    const file = await json<headstart.InspectResult>(["inspect", "x.arrow"]);
    expect(file).toMatchObject({
      kind: "embeddings",
      rows: 60,
      dim: 512,
      fingerprint: embedded.fingerprint,
      unlabelled: 0,
      splits: expect.arrayContaining([{ name: "test", rows: 10 }]),
    });
    const head = await json<headstart.InspectResult>(["inspect", "head.onnx"]);
    expect(head).toMatchObject({
      kind: "head",
      fingerprint: embedded.fingerprint,
      head: {
        id: "linear-svm.v1",
        rows: 50,
        seed: 7,
        metrics: { measured: expect.stringContaining("3-fold") },
      },
    });
  });

  it("without --json prints lines for people, and what to type next", async () => {
    const { code, stdout, stderr } = await run(["evaluate", "head.onnx", "x.arrow"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^next: headstart predict head.onnx/m);
  });

  it("the typed API gives the same numbers, and the same bytes", async () => {
    const embedding = await headstart.embed({ input: at("reviews.csv"), out: at("api.arrow") });
    expect(embedding).toMatchObject({ rows: 60, fingerprint: embedded.fingerprint });
    const { X } = await headstart.readEmbeddings(at("api.arrow"));
    expect(X).toEqual((await headstart.readEmbeddings(at("x.arrow"))).X);
    const options = { out: at("api.onnx"), set: { C: 2 }, cv: 3, seed: 7 };
    const training = await headstart.train({ embeddings: at("x.arrow"), ...options });
    expect({ ...training, out: null, seconds: null }).toEqual({ ...trained, out: null, seconds: null });
    expect(readFileSync(at("api.onnx")).equals(readFileSync(at("head.onnx")))).toBe(true);
    const figures = await headstart.evaluate({
      head: at("api.onnx"),
      embeddings: at("x.arrow"),
      split: "test",
    });
    expect({ ...figures, seconds: null }).toEqual({ ...evaluated, seconds: null });
    const rows: headstart.Prediction[] = [];
    await headstart.predict({ head: at("api.onnx"), input: at("x.arrow"), onRow: (row) => rows.push(row) });
    const { predictions } = await json<{ predictions: unknown }>(["predict", "head.onnx", "x.arrow"]);
    expect(rows).toEqual(predictions);
    expect(rows.map((row) => row.id)).toEqual(REVIEWS.map((row) => row.id));
  });

  it("leaves no working files", () => {
    const names = readdirSync(path).sort();
    expect(names).toEqual(["api.arrow", "api.onnx", "head.onnx", "reviews.csv", "x.arrow"]);
  });
});
