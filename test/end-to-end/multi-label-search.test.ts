import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { workplace } from "./run-cli.js";
import { rowsOf } from "./tagged-texts.js";

const { path, write, run, json, refused } = workplace();
const at = (name: string): string => join(path, name);

beforeAll(async () => {
  write(
    "tags.jsonl",
    rowsOf(150, 1)
      .map((row) => JSON.stringify(row))
      .join("\n"),
  );
  await headstart.embed({ input: at("tags.jsonl"), out: at("tags.arrow"), label: "tags", multiLabel: true });
});

describe.concurrent("a search over rows of several labels", () => {
  it("chooses one head for all labels by macro F1, and saves what train would", async () => {
    const found = await json<headstart.SearchResult>([
      ...["search", "tags.arrow", "-o", "best.onnx", "--head", "ridge", "--head", "logistic-regression"],
      ...["--grid", "alpha=1e6,1", "--grid", "C=1e-6,10", "--cv", "3", "--repeats", "2", "--seed", "2"],
    ]);
    expect(found).toMatchObject({ metric: "macro-f1", folds: 3, repeats: 2, fits: 4 * 6, split: "train" });
    const best = found.candidates[found.best.candidate]!;
    expect(best.set).toEqual(best.head === "ridge" ? { alpha: 1 } : { C: 10 });
    const trained = await headstart.train({
      ...{ embeddings: at("tags.arrow"), out: at("same.onnx"), set: best.set, cv: 3, repeats: 2, seed: 2 },
      head: best.head as headstart.HeadName,
    });
    const { labelRankingAveragePrecision: _, intervals, perLabel, ...figures } = trained.multiLabel!.figures!;
    expect(intervals.macroF1).not.toBeNull();
    for (const [name, value] of Object.entries(trained.metrics!)) {
      if (name === "accuracy") expect(found.metrics.accuracy).toEqual(value);
      else expect(found.metrics[name as "floor"]).toBeCloseTo(value as number, 12);
    }
    expect(found.multiLabel).toMatchObject({
      ...figures,
      perLabel: perLabel.map(({ averagePrecision: _, ...one }) => one),
      emptyRows: trained.multiLabel!.emptyRows,
      unlabelledRows: trained.multiLabel!.unlabelledRows,
      thresholds: null,
    });
    const answers = async (head: string) =>
      (await headstart.evaluate({ head: at(head), embeddings: at("tags.arrow") })).metrics;
    expect(await answers("best.onnx")).toEqual(await answers("same.onnx"));
    expect(await headstart.inspect(at("best.onnx"))).toMatchObject({
      head: { multiLabel: {}, metrics: { search: { metric: "macro-f1", repeats: 2 } } },
    });
  });

  it("nests, and chooses by another metric", async () => {
    const { stdout, code } = await run([
      ...["search", "tags.arrow", "--head", "ridge", "--grid", "alpha=0.1,1,10,1e6", "--cv", "2"],
      ...["--nested", "2", "--metric", "accuracy"],
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}nested +\d.*2 outer folds$/m);
    expect(stdout).toMatch(/^ {2}whole sets right +\d.*nested$/m);
    expect(stdout).toMatch(/^ {2}macro F1 +[01]\.\d{3}$/m);
    const options = { embeddings: at("tags.arrow"), heads: ["ridge"], cv: 2, nested: 2 } as const;
    const found = await headstart.search({ ...options, grid: { alpha: [1, 1e6] }, metric: "samples-f1" });
    expect(found.nested!.optimism).toBeCloseTo(found.best.mean - found.nested!.mean, 12);
  });

  it("calibrates, and gives each label a threshold", async () => {
    const found = await headstart.search({
      ...{ embeddings: at("tags.arrow"), out: at("laid.onnx"), heads: ["ridge"], grid: { alpha: [1] } },
      ...{ cv: 3, calibrate: "platt", threshold: { metric: "recall", value: 0.95 } },
    } as const);
    const trained = await headstart.train({
      ...{ embeddings: at("tags.arrow"), head: "ridge", set: { alpha: 1 }, cv: 3, calibrate: "platt" },
      threshold: { metric: "recall", value: 0.95 },
    } as const);
    expect(found.calibration).toEqual(trained.calibration);
    expect(found.multiLabel!.thresholds).toEqual(trained.multiLabel!.thresholds);
    expect(found.metrics.accuracy).toEqual(trained.metrics!.accuracy);
    expect(found.fits).toBe(3 + 3);
  });

  it("refuses before any fit what could not be searched", async () => {
    const search = ["search", "tags.arrow", "-o", "never.onnx", "--head", "svm"];
    await refused(
      [...search, "--nested", "2", "--threshold", "recall=0.9"],
      2,
      /without a threshold/,
      /--nested/,
    );
    await refused(
      [...search, "--threshold", "recall=0.9", "--positive", "films"],
      2,
      /'films' is no label of the rows/,
      /--positive/,
    );
    await refused([...search, "--grid", 'classWeight={"x":2}'], 2, /classWeight names 'x'/, /./);
    await refused([...search, "--cv", "200"], 1, /fewer than the 200 folds/, /--cv/);
  });
});

it("tells the progress of a head of several labels by label, after that of the folds", async () => {
  const events: string[] = [];
  await headstart.train({
    ...{ embeddings: at("tags.arrow"), cv: 2, head: "ridge", threads: 1 },
    onProgress: ({ stage, done, total, unit }) => void events.push(`${stage} ${done}/${total} ${unit}`),
  });
  expect(events).toEqual([
    ...["cross-validate 1/2 folds", "cross-validate 2/2 folds"],
    ...["fit 1/3 labels", "fit 2/3 labels", "fit 3/3 labels"],
  ]);
});

it("stops within a fit where the signal is aborted", async () => {
  const stop = new AbortController();
  const training = headstart.train({
    ...{ embeddings: at("tags.arrow"), cv: 0, head: "random-forest", set: { nEstimators: 10_000 } },
    ...{ threads: 1, signal: stop.signal },
  });
  setTimeout(() => stop.abort(), 300);
  await expect(training).rejects.toMatchObject({ code: "interrupted" });
});
