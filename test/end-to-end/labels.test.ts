import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { REVIEWS } from "./reviews.js";
import { workplace } from "./run-cli.js";

const { path, write, run, json, refused } = workplace();
const at = (name: string): string => join(path, name);

/** Twenty reviews with a label of its own choice each; null for none. */
async function embedLabels(
  name: string,
  labelOf: (row: number) => string | null,
  splitOf?: (row: number) => string,
) {
  const rows = REVIEWS.slice(0, 20).map(({ id, review }, i) => ({
    id,
    review,
    label: labelOf(i),
    ...(splitOf && { split: splitOf(i) }),
  }));
  write(`${name}.jsonl`, rows.map((row) => JSON.stringify(row)).join("\n"));
  await headstart.embed({ input: at(`${name}.jsonl`), out: at(`${name}.arrow`), label: "label" });
}

describe("labels that cannot be learnt", () => {
  beforeAll(async () => {
    await embedLabels("one", () => "only");
    await embedLabels("rare", (i) => (i < 2 ? "rare" : i % 2 ? "odd" : "even"));
    await embedLabels("single", (i) => (i === 0 ? "single" : i % 2 ? "odd" : "even"));
    await embedLabels("none", () => null);
    await embedLabels("half", (i) => (i % 3 ? "a" : i % 2 ? "b" : null));
    await embedLabels(
      "split",
      (i) => (i % 2 ? "a" : "b"),
      () => "train",
    );
  });

  it.concurrent.each([
    [
      "of one class only",
      ["train", "one.arrow"],
      /one\.arrow has one class only \('only'\)/,
      /at least two classes/,
    ],
    [
      "of fewer rows than folds",
      ["train", "rare.arrow"],
      /Class 'rare' has 2 rows, fewer than the 5 folds/,
      /--cv 2, or --cv 0/,
    ],
    [
      "of the rarest class, though others lack rows too",
      ["train", "rare.arrow", "--cv", "50"],
      /Class 'rare' has 2 rows/,
      /--cv 2,/,
    ],
    ["of a single row", ["train", "single.arrow"], /Class 'single' has 1 row,/, /--cv 0/],
    ["that are not there", ["train", "none.arrow"], /none\.arrow has no label/, /--label/],
    [
      "of a split that is not there",
      ["train", "split.arrow", "--split", "dev"],
      /split\.arrow has no split 'dev'/,
      /Splits: train/,
      2,
    ],
    [
      "of a split where there is none",
      ["train", "one.arrow", "--split", "dev"],
      /no split 'dev'/,
      /no splits/,
      2,
    ],
  ] as [string, string[], RegExp, RegExp, (1 | 2)?][])("%s", async (_what, args, message, hint, code = 1) => {
    await refused([...args, "-o", "never.onnx"], code, message, hint);
  });

  it("are learnt without folds, and a warning says what they are worth", async () => {
    const { code, stderr } = await run(["train", "rare.arrow", "-o", "rare.onnx", "--cv", "0"]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: fewer than 10 rows of 'even' \(9\), 'odd' \(9\), 'rare' \(2\)/m);
  });

  it("are left out where a row has none", async () => {
    const trained = await headstart.train({ embeddings: at("half.arrow"), cv: 2 });
    expect(trained.rows).toBe(16);
    const file = await headstart.inspect(at("half.arrow"));
    expect(file).toMatchObject({ rows: 20, unlabelled: 4 });
  });

  it("count as wrong where the head never saw them", async () => {
    await headstart.train({ embeddings: at("rare.arrow"), out: at("seen.onnx"), cv: 0 });
    const figures = await json<headstart.EvaluateResult>(["evaluate", "seen.onnx", "one.arrow"]);
    expect(figures).toMatchObject({
      rows: 20,
      unknownLabels: ["only"],
      metrics: { accuracy: { value: 0 }, floor: 0 },
    });
    expect(figures.warnings[0]).toContain("was not trained on 'only'");
    expect(JSON.stringify(figures)).not.toContain("null,null");
  });
});

describe("labels of any characters", () => {
  const odd = ["a,b", 'say "q"', "two\nlines", "größe 🙂", "=1+1", "\u001b[2J"];
  beforeAll(async () => {
    await embedLabels("odd", (i) => odd[i % odd.length]!);
    await headstart.train({
      embeddings: at("odd.arrow"),
      out: at("odd.onnx"),
      head: "knn",
      set: { nNeighbors: 1 },
      cv: 0,
    });
  });

  it("come back whole from CSV, JSONL and Arrow", async () => {
    const expected = REVIEWS.slice(0, 20).map(({ id }, i) => [id, odd[i % odd.length]]);
    for (const out of ["odd.csv", "odd.out.jsonl", "odd.out.arrow"]) {
      await headstart.predict({ head: at("odd.onnx"), input: at("odd.arrow"), out: at(out), scores: true });
    }
    const csv: Record<string, string>[] = parse(readFileSync(at("odd.csv")), { columns: true });
    const jsonl = readFileSync(at("odd.out.jsonl"), "utf8").trimEnd().split("\n");
    const table = tableFromIPC(readFileSync(at("odd.out.arrow"))).toArray();
    const rows = [csv, jsonl.map((line) => JSON.parse(line) as Record<string, string>), table];
    for (const read of rows) expect(read.map((row) => [row.id, row.prediction])).toEqual(expected);
    expect(Object.keys(csv[0]!).slice(3).sort()).toEqual(odd.map((label) => `score:${label}`).sort());
  });

  it("never break a table on the terminal", async () => {
    const { code, stdout } = await run(["evaluate", "odd.onnx", "odd.arrow"]);
    expect(code).toBe(0);
    expect(stdout).toContain("two\\nlines");
    expect(stdout).toContain("\\u001b[2J");
    expect(stdout).not.toContain("\u001b");
    expect(stdout).not.toMatch(/^lines/m);
  });
});
