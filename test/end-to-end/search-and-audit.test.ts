import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { REVIEWS, reviewsCsv } from "./reviews.js";
import { workplace } from "./run-cli.js";

const { path, write, run, json, refused } = workplace();
const at = (name: string): string => join(path, name);
/** Rows of the training split whose label is turned. */
const TURNED = new Set(["r0-2", "r1-7", "r2-4", "r3-8"]);
beforeAll(async () => {
  write("reviews.csv", reviewsCsv(["id", "review", "label", "split"]));
  const turned = REVIEWS.map((row) =>
    TURNED.has(row.id) ? { ...row, label: row.label === "good" ? ("bad" as const) : ("good" as const) } : row,
  );
  write("turned.csv", reviewsCsv(["id", "review", "label", "split"], turned));
  await headstart.embed({ input: at("reviews.csv"), out: at("x.arrow") });
  await headstart.embed({ input: at("turned.csv"), out: at("turned.arrow") });
});

describe.concurrent("search", () => {
  it("tries a grid, keeps the winner with the search inside, and says what choosing adds", async () => {
    const found = await json<headstart.SearchResult>([
      ...["search", "x.arrow", "-o", "best.onnx", "--head", "ridge", "--head", "svm"],
      ...["--grid", "C=1,10", "--grid", "alpha=1,10", "--pca", "none,4", "--cv", "3", "--nested", "3"],
    ]);
    expect(found.candidates.map(({ head, set, pca }) => [head, set, pca?.components])).toEqual([
      ["ridge", { alpha: 1 }, undefined],
      ["ridge", { alpha: 10 }, undefined],
      ["ridge", { alpha: 1 }, 4],
      ["ridge", { alpha: 10 }, 4],
      ["svm", { C: 1 }, undefined],
      ["svm", { C: 10 }, undefined],
      ["svm", { C: 1 }, 4],
      ["svm", { C: 10 }, 4],
    ]);
    expect(found.fits).toBe(8 * 3 + 3 * (8 * 3 + 1));
    expect(found).toMatchObject({ rows: 50, split: "train", folds: 3, halving: false });
    const best = found.candidates[found.best.candidate]!;
    expect(best.rank).toBe(1);
    expect(Math.max(...found.candidates.map(({ mean }) => mean!))).toBeCloseTo(best.mean!, 12);
    expect(found.nested!.optimism).toBeCloseTo(best.mean! - found.nested!.mean, 12);
    const inspected = await json<{ head: { metrics: Record<string, unknown> } }>(["inspect", "best.onnx"]);
    expect(inspected.head.metrics).toMatchObject({
      measured: expect.stringContaining("nested cross-validation of the search, 3 outer folds"),
      search: { folds: 3, halving: false, candidates: found.candidates, nested: found.nested },
    });
    const { metrics } = await headstart.evaluate({ head: at("best.onnx"), embeddings: at("x.arrow") });
    expect(metrics.accuracy.value).toBeGreaterThan(0.5);
  });

  it("calibrates its winner, and gives it a threshold, as train does with the same options", async () => {
    const laid = {
      ...({ calibrate: "platt", positive: "bad" } as const),
      threshold: { metric: "recall", value: 0.9 } as const,
    };
    const found = await json<headstart.SearchResult>([
      ...["search", "x.arrow", "-o", "laid.onnx", "--head", "linear-svm", "--grid", "C=0.001,1", "--cv", "3"],
      ...["--calibrate", "platt", "--threshold", "recall=0.9", "--positive", "bad"],
    ]);
    const { C } = found.best.options;
    const trained = await headstart.train({
      ...{ embeddings: at("x.arrow"), out: at("same.onnx"), head: "linear-svm", set: { C }, cv: 3 },
      ...laid,
    });
    expect(found.calibration).toEqual(trained.calibration);
    expect(found.threshold).toEqual(trained.threshold);
    expect(found.metrics.accuracy).toEqual(trained.metrics!.accuracy);
    expect(found.fits).toBe(2 * 3 + 3);
    const answers = async (head: string) =>
      (await headstart.evaluate({ head: at(head), embeddings: at("x.arrow") })).metrics;
    expect(await answers("laid.onnx")).toEqual(await answers("same.onnx"));
    expect((await headstart.inspect(at("laid.onnx"))) as object).toMatchObject({
      head: { calibration: { method: "platt" }, threshold: { positive: "bad" } },
    });
    await expect(headstart.search({ embeddings: at("x.arrow"), nested: 3, ...laid })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(/nested search measures answers without/),
    });
    await expect(headstart.search({ embeddings: at("x.arrow"), positive: "bad" })).rejects.toMatchObject({
      code: "usage",
    });
  });

  it("repeats the cross-validation in other folds, as train does", async () => {
    const found = await json<headstart.SearchResult>([
      ...["search", "x.arrow", "--head", "ridge", "--grid", "alpha=1,1000", "--cv", "3", "--repeats", "2"],
      ...["--seed", "4", "--positive", "bad", "--threshold", "recall=0.9", "--threads", "1"],
    ]);
    const { alpha } = found.best.options;
    const trained = await headstart.train({
      ...({ embeddings: at("x.arrow"), head: "ridge", set: { alpha }, cv: 3, repeats: 2, seed: 4 } as const),
      ...{ positive: "bad", threshold: { metric: "recall", value: 0.9 } as const },
    });
    expect(found).toMatchObject({ repeats: 2, fits: 2 * 6 + 6, metric: "accuracy" });
    expect(found.candidates.map(({ scores }) => scores.length)).toEqual([6, 6]);
    expect(found.metrics).toEqual(trained.metrics);
    expect(found.threshold).toEqual(trained.threshold);
    expect(found.measured).toMatch(/3-fold stratified cross-validation, seed 4, 2 repeats: chosen/);
    const plain = await headstart.search({
      ...{
        embeddings: at("x.arrow"),
        heads: ["ridge"],
        grid: { alpha: [alpha] },
        cv: 3,
        repeats: 2,
        seed: 4,
      },
    } as const);
    const without = await headstart.train({
      ...({ embeddings: at("x.arrow"), head: "ridge", set: { alpha }, cv: 3, repeats: 2, seed: 4 } as const),
    });
    expect(plain.candidates[0]!.scores).toEqual(without.cv!.accuracies);
    expect(plain.metrics).toEqual(without.metrics);
    const { stdout } = await run(["search", "x.arrow", "--head", "ridge", "--cv", "2", "--repeats", "2"]);
    expect(stdout).toMatch(/best of the grid +\d.*, 2 folds, 2 times$/m);
    await refused(["search", "x.arrow", "--repeats", "0"], 2, /whole number of at least 1/, /./);
    await expect(headstart.search({ embeddings: at("x.arrow"), repeats: 0 })).rejects.toMatchObject({
      code: "usage",
    });
  });

  it("chooses by the metric that is asked for, and refuses one of label sets", async () => {
    const found = await json<headstart.SearchResult>([
      ...["search", "x.arrow", "--head", "ridge", "--grid", "alpha=1,1e6", "--cv", "3", "--metric", "mcc"],
    ]);
    expect(found).toMatchObject({ metric: "mcc", measured: expect.stringContaining("by mcc in 3-fold") });
    const best = found.candidates[found.best.candidate]!;
    for (const { mean } of found.candidates) expect(best.mean).toBeGreaterThanOrEqual(mean!);
    const { metrics } = await headstart.train({
      ...{ embeddings: at("x.arrow"), head: "ridge", set: best.set, cv: 3 },
    });
    expect(found.metrics).toEqual(metrics);
    const told = await run(["search", "x.arrow", "--head", "ridge", "--cv", "3", "--metric", "macro-f1"]);
    expect(told.stdout).toMatch(/^ {2}rank +head +options +rows +macro F1 +error$/m);
    await refused(["search", "x.arrow", "--metric", "samples-f1"], 2, /label sets/, /--metric/);
  });

  it("is the same each time, and warns that the best of a grid flatters", async () => {
    const args = ["search", "x.arrow", "--head", "knn", "--halving", "--cv", "3", "--seed", "5"];
    const { seconds, ...first } = await json<headstart.SearchResult>(args);
    expect(await json(args)).toEqual({ ...first, seconds: expect.anything() });
    expect(seconds.nested).toBeLessThan(1);
    expect(first.out).toBeNull();
    expect(first.warnings.join()).toContain("--nested 5");
    expect(first.measured).toContain("too high");
    const { code, stdout, stderr } = await run(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}rank +head +options +rows +accuracy +error$/m);
    expect(stdout).toMatch(/^ {2}best of the grid +\d/m);
    expect(stderr).toContain("warning: the best figure of a grid flatters");
  });

  it("refuses before any fit what could not be searched", async () => {
    const search = ["search", "x.arrow", "-o", "never.onnx"];
    await refused([...search, "--head", "ridge", "--grid", "C=1"], 2, /ridge has no option 'C'/, /alpha/);
    await refused([...search, "--head", "svm", "--grid", "C=1,-1"], 2, /Option 'C' of svm/, /Cost/);
    await refused(
      [...search, "--nested", "40"],
      1,
      /Class '\w+' has 25 rows: too few for 5 folds within 40 outer ones/,
      /--cv 12 --nested 2/,
    );
    await refused(["audit", "x.arrow", "--cv", "26"], 1, /too few for 26 folds/, /--cv 25/);
    await refused(
      [...search, "--head", "svm", "--grid", 'classWeight={"x":2}'],
      2,
      /classWeight names 'x'/,
      /good/,
    );
    expect(existsSync(at("never.onnx"))).toBe(false);
  });
});

describe.concurrent("audit", () => {
  it("finds labels that were turned, in a table to correct", async () => {
    const found = await json<headstart.AuditResult>([
      "audit",
      "turned.arrow",
      "-o",
      "suspects.csv",
      "--set",
      "C=100",
    ]);
    const hits = found.suspects.filter(({ id }) => TURNED.has(id));
    expect(hits.length).toBeGreaterThanOrEqual(3);
    expect(TURNED.has(found.suspects[0]!.id)).toBe(true);
    expect(found.suspects.length).toBeLessThanOrEqual(8);
    const margins = found.suspects.map(({ margin }) => margin);
    expect(margins).toEqual([...margins].sort((a, b) => a - b));
    const lines = readFileSync(at("suspects.csv"), "utf8").trimEnd().split("\n");
    expect(lines[0]).toBe("id,source,label,suggested_label,self_confidence,margin");
    expect(lines.slice(1).map((line) => line.split(",")[0])).toEqual(found.suspects.map(({ id }) => id));
    expect(found.noise.reduce((sum, pair) => sum + pair.rows, 0)).toBe(found.suspects.length);
    expect(found.confidentJoint.flat().reduce((sum, rows) => sum + rows, 0)).toBeLessThanOrEqual(50);
  });

  it("says where the softmax of scores stood in for probabilities", async () => {
    const found = await json<headstart.AuditResult>(["audit", "turned.arrow", "--head", "linear-svm"]);
    expect(found).toMatchObject({ probabilities: "softmax", out: null, head: "linear-svm.v1" });
    const { code, stdout, stderr } = await run(["audit", "turned.arrow", "--head", "linear-svm"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}id +label +suggested +margin$/m);
    expect(stderr).toContain("warning: linear-svm.v1 has no probabilities");
  });

  it("refuses a table that is no CSV, and options that the head lacks", async () => {
    await refused(["audit", "x.arrow", "-o", "s.jsonl"], 2, /Suspects are written as CSV/, /\.csv/);
    await refused(
      ["audit", "x.arrow", "--head", "knn", "--set", "C=1"],
      2,
      /knn has no option 'C'/,
      /nNeigh/,
    );
  });
});
