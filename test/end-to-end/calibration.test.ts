import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import type { EvaluateResult, TrainOptions, TrainResult } from "../../src/pipeline/types.js";
import { REVIEWS } from "./reviews.js";
import { workplace } from "./run-cli.js";

const { path, write, run, json, refused } = workplace();
const at = (name: string): string => join(path, name);

/** Trains on the reviews of split `train`; 3 folds. */
function train(out: string, options: Partial<TrainOptions> = {}): Promise<TrainResult> {
  return headstart.train({ embeddings: at("x.arrow"), split: "train", cv: 3, out: at(out), ...options });
}

beforeAll(async () => {
  // Some labels are wrong, so that no head can be sure of all.
  const rows = REVIEWS.map(({ id, review, label, split }, i) => {
    const other = label === "good" ? "bad" : "good";
    return { id, review, label: i % 7 === 3 ? other : label, three: i % 3 ? label : "so-so", split };
  });
  write("x.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
  await headstart.embed({ input: at("x.jsonl"), out: at("x.arrow"), label: "label" });
  await headstart.embed({ input: at("x.jsonl"), out: at("three.arrow"), label: "three" });
  await train("plain.onnx");
  await train("platt.onnx", { calibrate: "platt" });
});

describe.concurrent("train --calibrate", () => {
  it.each([
    "platt",
    "isotonic",
  ] as const)("%s gives probabilities to a head that had none, and keeps its answers", async (method) => {
    const trained = await train(`${method}-2.onnx`, { calibrate: method });
    expect(trained.calibration).toMatchObject({ method, rows: 50, before: null });
    expect(trained.calibration!.after.logLoss).toBeGreaterThan(0);
    expect(trained.calibration!.after.calibrationError).toBeLessThan(1);
    const plain = await predictions("plain.onnx");
    const calibrated = await predictions(`${method}-2.onnx`);
    expect(calibrated.map((row) => row.prediction)).toEqual(plain.map((row) => row.prediction));
    expect(plain.every((row) => row.confidence === null)).toBe(true);
    expect(calibrated.every((row) => row.confidence! >= 0.5)).toBe(true);
    const file = await headstart.inspect(at(`${method}-2.onnx`));
    expect(file).toMatchObject({ head: { calibration: trained.calibration } });
  });

  it("shows figures before and after, for three classes too", async () => {
    const { stdout } = await run([
      "train",
      "three.arrow",
      "--head",
      "logistic-regression",
      "--calibrate",
      "platt",
      "--cv",
      "3",
      "-o",
      "three.onnx",
    ]);
    expect(stdout).toMatch(
      /calibration +platt, log-loss \d\.\d+ to \d\.\d+, calibration error \d\.\d+ to \d/,
    );
  });

  it("is refused without cross-validation", async () => {
    await refused(
      ["train", "x.arrow", "--calibrate", "platt", "--cv", "0"],
      2,
      /need cross-validation/,
      /--cv 2/,
    );
  });
});

describe.concurrent("train --threshold", () => {
  it("moves the answers, with figures that were not measured on the rows it was picked on", async () => {
    const wanted = ["--positive", "good", "--threshold", "recall=0.95", "--repeats", "2"];
    const args = ["train", "x.arrow", "--split", "train", "--cv", "3", "-o", "recall.onnx", ...wanted];
    const trained = await json<TrainResult>(args);
    const { threshold, metrics, cv } = trained;
    expect(threshold).toMatchObject({ positive: "good", target: { metric: "recall", value: 0.95 } });
    expect(cv!.accuracies).toHaveLength(6);
    const mean = cv!.accuracies.reduce((sum, one) => sum + one, 0) / 6;
    expect(metrics!.accuracy.value).toBeCloseTo(mean, 1);
    const called = async (head: string): Promise<string[]> =>
      (await predictions(head)).flatMap((row) => (row.prediction === "good" ? [row.id] : []));
    const before = await called("plain.onnx");
    const after = await called("recall.onnx");
    expect(after.length).toBeGreaterThan(before.length);
    expect(after).toEqual(expect.arrayContaining(before));
    const evaluated = await headstart.evaluate({
      head: at("recall.onnx"),
      embeddings: at("x.arrow"),
      split: "train",
    });
    const { classes, counts } = evaluated.confusion;
    const good = classes.indexOf("good");
    const ids = new Set(REVIEWS.filter((row) => row.split === "train").map((row) => row.id));
    expect(counts.reduce((sum, row) => sum + row[good]!, 0)).toBe(after.filter((id) => ids.has(id)).length);
  });

  it.each<[string[], RegExp, RegExp]>([
    [["--threshold", "precision=0.9"], /which class is the positive one/, /--positive 'bad' or 'good'/],
    [["--threshold", "precision=0.9", "--positive", "spam"], /'spam' is no class/, /'bad' or 'good'/],
    [["--positive", "good"], /with a threshold only/, /--threshold/],
    [["--threshold", "f1=0.9"], /argument 'f1=0.9' is invalid/, /./],
    [["--threshold", "recall=1.5"], /argument 'recall=1.5' is invalid/, /./],
  ])("is refused: %s", async (args, message, hint) => {
    await refused(["train", "x.arrow", ...args], 2, message, hint);
  });

  it("is refused for three classes", async () => {
    const args = ["--threshold", "recall=0.9", "--positive", "good"];
    await refused(["train", "three.arrow", ...args], 2, /needs two classes, the rows have 3/, /relabel/);
  });
});

describe.concurrent("--abstain-below", () => {
  it("leaves rows without an answer, in every format, and counts them", async () => {
    const rows = await predictions("platt.onnx");
    const sorted = rows.map((row) => row.confidence!).sort((a, b) => a - b);
    const below = sorted[30]!;
    const unsure = rows.filter((row) => row.confidence! < below).map((row) => row.id);
    expect(unsure.length).toBeGreaterThan(0);
    const abstaining = await predictions("platt.onnx", below);
    expect(abstaining.flatMap((row) => (row.prediction === null ? [row.id] : []))).toEqual(unsure);
    expect(abstaining.map((row) => row.confidence)).toEqual(rows.map((row) => row.confidence));
    for (const out of ["a.csv", "a.arrow", "a.jsonl"]) {
      const result = await headstart.predict({
        head: at("platt.onnx"),
        input: at("x.arrow"),
        out: at(out),
        abstainBelow: below,
      });
      expect(result.abstained).toBe(unsure.length);
      expect(result.classes.reduce((sum, one) => sum + one.rows, 0)).toBe(60 - unsure.length);
    }
    const csv = readFileSync(join(path, "a.csv"), "utf8").split("\n");
    expect(csv.filter((line) => /^[^,]+,,0\.\d+$/.test(line))).toHaveLength(unsure.length);
    const arrow = tableFromIPC(readFileSync(join(path, "a.arrow"))).getChild("prediction")!;
    expect(arrow.nullCount).toBe(unsure.length);
  });

  it("shows both in the summaries", async () => {
    const predicted = await run(["predict", "platt.onnx", "x.arrow", "-o", "s.csv", "--abstain-below", "1"]);
    expect(predicted.stdout).toMatch(/no answer +60, below --abstain-below/);
    const evaluated = await run(["evaluate", "platt.onnx", "x.arrow", "--abstain-below", "0.5"]);
    expect(evaluated.stdout).toMatch(/abstaining +below 0.5: answers 100.0% of the rows, of those \d/);
  });

  it("tells coverage and the accuracy of what is answered", async () => {
    const { abstention, rows } = await evaluateBelow(0.7);
    expect(abstention!.coverage).toBe(abstention!.answered / rows);
    expect(abstention!.accuracy?.value ?? 1).toBeLessThanOrEqual(1);
    const all = await evaluateBelow(0.5);
    expect(all.abstention).toMatchObject({ below: 0.5, coverage: 1, accuracy: all.metrics.accuracy });
  });

  it("is refused for a head without probabilities", async () => {
    for (const command of ["predict", "evaluate"]) {
      const args = [command, "plain.onnx", "x.arrow", "--abstain-below", "0.8"];
      await refused(args, 2, /plain.onnx \(linear-svm\) has no probabilities/, /--calibrate platt/);
    }
  });
});

interface Row {
  readonly id: string;
  readonly prediction: string | null;
  readonly confidence: number | null;
}

async function predictions(head: string, abstainBelow?: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const asked = { head: at(head), input: at("x.arrow"), onRow: (row: Row) => void rows.push(row) };
  await headstart.predict({ ...asked, ...(abstainBelow !== undefined && { abstainBelow }) });
  return rows;
}

/** Of the rows that trained it, which does not matter here. */
function evaluateBelow(abstainBelow: number): Promise<EvaluateResult> {
  return headstart.evaluate({
    head: at("platt.onnx"),
    embeddings: at("x.arrow"),
    split: "train",
    abstainBelow,
  });
}
