import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { workplace } from "./run-cli.js";
import { rowsOf, SENTENCES, type Topic } from "./tagged-texts.js";

const { path, write, run, json, refused } = workplace();
const at = (name: string): string => join(path, name);

const rows = rowsOf(150, 1);
const tagged = rows.filter((row) => row.tags !== null);
const training = tagged.filter((row) => row.split === "train");

describe("several labels a row", () => {
  beforeAll(async () => {
    write("tags.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
    const csv = tagged.map(({ id, text, tags, split }) => `${id},"${text}",${tags!.join(";")},${split}`);
    write("tags.csv", `id,text,tags,split\n${csv.join("\n")}\n`);
    await headstart.embed({
      input: at("tags.jsonl"),
      out: at("tags.arrow"),
      label: "tags",
      multiLabel: true,
    });
    await headstart.train({
      embeddings: at("tags.arrow"),
      out: at("tags.onnx"),
      head: "logistic-regression",
      set: { C: 10 },
    });
  });

  it("are embedded from CSV as from JSON, and inspected by label", async () => {
    await json(["embed", "tags.csv", "-o", "csv.arrow", "--label", "tags", "--multi-label", ";"]);
    type Labels = {
      labels: { name: string; rows: number }[];
      unlabelled: number;
      multiLabel: { emptyRows: number };
    };
    const fromCsv = await json<Labels>(["inspect", "csv.arrow"]);
    const fromJson = await json<Labels>(["inspect", "tags.arrow"]);
    expect(fromCsv.labels).toEqual(fromJson.labels);
    expect(fromJson.labels).toEqual(
      ["food", "music", "sport"].map((name) => ({
        name,
        rows: tagged.filter((row) => row.tags!.includes(name as Topic)).length,
      })),
    );
    const emptyRows = tagged.filter((row) => row.tags!.length === 0).length;
    expect(fromJson).toMatchObject({ unlabelled: rows.length - tagged.length, multiLabel: { emptyRows } });
    expect(fromCsv).toMatchObject({ unlabelled: 0, multiLabel: { emptyRows } });
    expect((await run(["inspect", "tags.arrow"])).stdout).toMatch(
      new RegExp(`no label +${emptyRows} rows, the neg`),
    );
    const [first] = tableFromIPC(readFileSync(at("tags.arrow"))).getChild("label")!;
    expect(first).toBe(JSON.stringify([...rows[0]!.tags!].sort()));
  });

  it("train one head a label in one file, cross-validated, and say what was left out", async () => {
    const result = await headstart.train({ embeddings: at("tags.arrow"), head: "linear-svm" });
    expect(result).toMatchObject({ rows: training.length, split: "train", head: "linear-svm.v1" });
    expect(result.classes.map((one) => one.name)).toEqual(["food", "music", "sport"]);
    expect(result.multiLabel).toMatchObject({
      unlabelledRows: rows.filter((row) => row.split === "train").length - training.length,
      emptyRows: training.filter((row) => row.tags!.length === 0).length,
      thresholds: null,
    });
    expect(result.metrics!.accuracy.value).toBeGreaterThan(0.8);
    expect(result.metrics!.floor).toBeLessThan(0.5);
    expect(result.multiLabel!.figures!.hammingLoss).toBeLessThan(0.1);
    expect(result.cv!.accuracies).toHaveLength(5);
    expect(await headstart.train({ embeddings: at("tags.arrow"), head: "linear-svm" })).toEqual({
      ...result,
      seconds: expect.anything(),
    });
    const told = (await run(["train", "tags.arrow", "--cv", "2", "--repeats", "2"])).stdout;
    expect(told).toMatch(/whole sets right +\d/);
    expect(told).toMatch(/2-fold cross-validated, 2 times/);
    expect(told).toMatch(/Hamming loss +0\.\d+ \(/);
  });

  it("are evaluated, with labels that the head does not know", async () => {
    const result = await headstart.evaluate({
      head: at("tags.onnx"),
      embeddings: at("tags.arrow"),
      abstainBelow: 0.8,
    });
    const tested = tagged.filter((row) => row.split === "test");
    expect(result).toMatchObject({ rows: tested.length, split: "test", confusion: { classes: [] } });
    expect(result.metrics.accuracy.value).toBeGreaterThan(0.8);
    expect(result.metrics.rocAuc).toBeGreaterThan(0.95);
    expect(result.abstention!.accuracy!.value).toBeGreaterThanOrEqual(result.metrics.accuracy.value);
    expect(result.multiLabel!.perLabel.map((one) => one.name)).toEqual(["food", "music", "sport"]);
    expect((await run(["evaluate", "tags.onnx", "tags.arrow"])).stdout).toMatch(
      /^ *label +precision +recall +F1 +AP/m,
    );

    const more = tested.map((row, i) => ({ ...row, tags: i === 0 ? [...row.tags!, "weather"] : row.tags }));
    write("more.jsonl", more.map((row) => JSON.stringify(row)).join("\n"));
    await headstart.embed({
      input: at("more.jsonl"),
      out: at("more.arrow"),
      label: "tags",
      multiLabel: true,
    });
    const wider = await headstart.evaluate({ head: at("tags.onnx"), embeddings: at("more.arrow") });
    expect(wider.unknownLabels).toEqual(["weather"]);
    expect(wider.warnings.join()).toMatch(/was not trained on 'weather'/);
    expect(wider.metrics.rocAuc).toBeNull();
    expect(wider.perClass.at(-1)).toMatchObject({ name: "weather", recall: 0, rows: 1 });
    expect(wider.metrics.accuracy.value).toBeLessThan(result.metrics.accuracy.value + 1e-9);
  });

  it("are predicted: joined in CSV with a score a label, as a list in JSONL", async () => {
    const texts = [
      ...Object.values(SENTENCES).map(([text]) => text!),
      `${SENTENCES.food[1]}, ${SENTENCES.sport[2]}`,
    ];
    write("new.txt", `${texts.join("\n")}\nit may rain tomorrow in the north\n`);
    const result = await json<headstart.PredictResult>([
      "predict",
      "tags.onnx",
      "new.txt",
      "-o",
      "answers.csv",
      "--scores",
    ]);
    const answers = parse(readFileSync(at("answers.csv")), { columns: true }) as Record<string, string>[];
    expect(answers.map((row) => row.prediction)).toEqual(["food", "music", "sport", "food|sport", ""]);
    expect(Object.keys(answers[0]!)).toEqual([
      "id",
      "prediction",
      "confidence",
      "score:food",
      "score:music",
      "score:sport",
    ]);
    for (const row of answers) {
      const given = ["food", "music", "sport"].filter((name) => Number(row[`score:${name}`]) > 0);
      expect(given.join("|")).toBe(row.prediction);
    }
    expect(result).toMatchObject({ rows: 5, withoutLabel: 1, abstained: 0 });
    expect(result.classes).toEqual([
      { name: "food", rows: 2 },
      { name: "music", rows: 1 },
      { name: "sport", rows: 2 },
    ]);
    const seen: headstart.Prediction[] = [];
    await headstart.predict({
      head: at("tags.onnx"),
      input: at("new.txt"),
      abstainBelow: 0.999,
      onRow: (row) => seen.push(row),
    });
    expect(seen.every((row) => row.prediction === null && row.confidence! < 0.999)).toBe(true);
    const lines = (await run(["predict", "tags.onnx", "new.txt"])).stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as headstart.Prediction);
    expect(lines[3]).toMatchObject({ prediction: "food|sport", labels: ["food", "sport"] });
    expect(lines[4]).toMatchObject({ prediction: "", labels: [] });
  });

  it("are calibrated, and get a threshold each, or one alone", async () => {
    const options = {
      embeddings: at("tags.arrow"),
      out: at("decided.onnx"),
      head: "linear-svm",
      set: { C: 0.01 },
    } as const;
    const all = await headstart.train({
      ...options,
      calibrate: "platt",
      threshold: { metric: "recall", value: 0.99 },
    });
    expect(all.calibration).toMatchObject({ method: "platt", before: null });
    expect(all.multiLabel!.thresholds!.map((one) => one.positive)).toEqual(["food", "music", "sport"]);
    for (const one of all.multiLabel!.figures!.perLabel) expect(one.recall).toBeGreaterThan(0.9);
    const plain = await headstart.train({ ...options, out: at("plain.onnx") });
    const mean = (result: headstart.TrainResult): number =>
      result.multiLabel!.figures!.perLabel.reduce((sum, one) => sum + one.recall, 0);
    expect(mean(all)).toBeGreaterThan(mean(plain));
    const inspected = await headstart.inspect(at("decided.onnx"));
    expect(inspected).toMatchObject({
      head: { multiLabel: { picked: { length: 3 }, commonest: expect.anything() } },
    });
    const alone = await headstart.train({
      ...options,
      threshold: { metric: "precision", value: 0.9 },
      positive: "music",
    });
    expect(alone.multiLabel!.thresholds!.map((one) => one.positive)).toEqual(["music"]);
    await expect(
      headstart.train({ ...options, threshold: { metric: "recall", value: 0.9 }, positive: "films" }),
    ).rejects.toMatchObject({ code: "usage" });
  });

  it("fuse with their backbone into one file that decides alike", async () => {
    await headstart.exportHead({ head: at("tags.onnx"), out: at("fused.onnx") });
    const inspected = await headstart.inspect(at("fused.onnx"));
    expect(inspected).toMatchObject({ kind: "classifier" });
    const names = inspected.kind === "classifier" ? inspected.outputs.map((output) => output.name) : [];
    expect([...names].sort()).toEqual(["decided", "label", "probabilities", "scores"]);
  });

  it("name labels with too few rows, and keep the rest", async () => {
    const rare = training.map((row, i) => ({ ...row, tags: i < 2 ? [...row.tags!, "rare"] : row.tags }));
    write("rare.jsonl", rare.map((row) => JSON.stringify(row)).join("\n"));
    await headstart.embed({
      input: at("rare.jsonl"),
      out: at("rare.arrow"),
      label: "tags",
      multiLabel: true,
    });
    const { warnings } = await headstart.train({ embeddings: at("rare.arrow") });
    expect(warnings.join("\n")).toMatch(/fewer rows than the 5 folds have 'rare' \(2\)/);
  });

  it("are refused where one label a row is needed, and the other way round", async () => {
    await headstart.embed({ input: at("tags.csv"), out: at("single.arrow"), label: "split", split: "" });
    await refused(
      ["evaluate", "tags.onnx", "single.arrow"],
      1,
      /single\.arrow has one label a row/,
      /--multi-label/,
    );
    await headstart.train({ embeddings: at("single.arrow"), out: at("single.onnx"), cv: 0 });
    await refused(["evaluate", "single.onnx", "tags.arrow"], 1, /tags\.arrow has several labels/, /without/);
    write("none.jsonl", rows.map((row) => JSON.stringify({ ...row, tags: [] })).join("\n"));
    await headstart.embed({
      input: at("none.jsonl"),
      out: at("none.arrow"),
      label: "tags",
      multiLabel: true,
      limit: 20,
    });
    await refused(
      ["train", "none.arrow"],
      1,
      /none of its \d+ rows to train on has a label/,
      /rows that have a label/,
    );
  });
});
