import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tableFromArrays, tableFromIPC, tableToIPC } from "apache-arrow";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { REVIEWS, reviewsCsv } from "./reviews.js";
import { workplace } from "./run-cli.js";

const { path, write, run, json, refused } = workplace();
const at = (name: string): string => join(path, name);
const few = REVIEWS.slice(0, 12);
const text = `${few.map((row) => row.review).join("\n")}\n`;
type Row = headstart.Prediction;
let expected: Row[];

beforeAll(async () => {
  write("reviews.csv", reviewsCsv(["id", "review", "label"]));
  write("few.csv", reviewsCsv(["id", "review"], few));
  write("few.jsonl", few.map((row) => JSON.stringify({ id: row.id, review: row.review })).join("\n"));
  write("few.txt", text);
  await headstart.embed({ input: at("reviews.csv"), out: at("x.arrow") });
  await headstart.embed({ input: at("few.csv"), out: at("few.arrow") });
  await headstart.train({
    embeddings: at("x.arrow"),
    out: at("lr.onnx"),
    head: "logistic-regression",
    cv: 0,
  });
  const document = await json<{ predictions: Row[] }>(["predict", "lr.onnx", "few.arrow", "--scores"]);
  expected = document.predictions;
});

/** Rows must agree to the rounding of a batch's composition; those without ids of their own by position. */
function expectSame(rows: readonly Row[], ids = true): void {
  expect(rows).toHaveLength(expected.length);
  rows.forEach((row, i) => {
    const like = expected[i]!;
    expect(row).toMatchObject({ prediction: like.prediction, ...(ids && { id: like.id }) });
    expect(row.confidence).toBeCloseTo(like.confidence!, 5);
    for (const name of ["bad", "good"]) expect(row.scores![name]).toBeCloseTo(like.scores![name]!, 5);
  });
}

const lines = (jsonl: string): Row[] =>
  jsonl
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Row);

describe.concurrent("predict reads", () => {
  it("CSV, JSONL and plain text as embed and then predict do", async () => {
    for (const name of ["few.csv", "few.jsonl", "few.txt"]) {
      const { code, stdout } = await run(["predict", "lr.onnx", name, "--scores"]);
      expect(code).toBe(0);
      expectSame(lines(stdout), name !== "few.txt");
    }
  });

  it("an Arrow table of texts, which is no embeddings file", async () => {
    const table = tableFromArrays({ id: few.map((row) => row.id), review: few.map((row) => row.review) });
    write("table.arrow", tableToIPC(table, "file"));
    write("stream.arrow", tableToIPC(table, "stream"));
    for (const name of ["table.arrow", "stream.arrow"]) {
      const { code, stdout } = await run(["predict", "lr.onnx", name, "--scores"]);
      expect(code).toBe(0);
      expectSame(lines(stdout));
    }
  });

  it("standard input", async () => {
    const { code, stdout } = await run(["predict", "lr.onnx", "-", "--format", "text", "--scores"], text);
    expect(code).toBe(0);
    expectSame(lines(stdout), false);
    expect(lines(stdout)[0]!.id).toBe("stdin:1");
  });
});

describe.concurrent("predict writes", () => {
  it.each(["few.csv", "few.arrow"])("%s to JSONL, CSV and Arrow alike", async (input) => {
    const folder = `from-${input}`;
    for (const out of [`${folder}/p.jsonl`, `${folder}/p.csv`, `${folder}/p.arrow`]) {
      const result = await headstart.predict({
        head: at("lr.onnx"),
        input: at(input),
        out: at(out),
        scores: true,
      });
      expect(result.rows).toBe(12);
    }
    expectSame(lines(readFileSync(at(`${folder}/p.jsonl`), "utf8")));
    const csv: string[][] = parse(readFileSync(at(`${folder}/p.csv`)));
    expect(csv[0]).toEqual(["id", "prediction", "confidence", "score:bad", "score:good"]);
    expectSame(
      csv.slice(1).map(([id, prediction, confidence, bad, good]) => ({
        id: id!,
        prediction: prediction!,
        confidence: Number(confidence),
        scores: { bad: Number(bad), good: Number(good) },
      })),
    );
    const table = tableFromIPC(readFileSync(at(`${folder}/p.arrow`)));
    expect(table.schema.fields.map((field) => field.name)).toEqual(csv[0]);
    expectSame(
      table.toArray().map((row: Record<string, never>) => ({
        id: row.id!,
        prediction: row.prediction!,
        confidence: row.confidence!,
        scores: { bad: row["score:bad"]!, good: row["score:good"]! },
      })),
    );
    expect(readdirSync(at(folder)).sort()).toEqual(["p.arrow", "p.csv", "p.jsonl"]);
  });

  it("no confidence where the head has none", async () => {
    await headstart.train({ embeddings: at("x.arrow"), out: at("svm.onnx"), cv: 0 });
    for (const out of ["n.jsonl", "n.csv", "n.arrow"])
      await run(["predict", "svm.onnx", "few.arrow", "-o", out]);
    expect(lines(readFileSync(at("n.jsonl"), "utf8")).every((row) => row.confidence === null)).toBe(true);
    expect(readFileSync(at("n.csv"), "utf8")).toMatch(/^id,prediction,confidence\nr0-0,\w+,\n/);
    const { confidence, ...others } = tableFromIPC(readFileSync(at("n.arrow")))
      .get(0)!
      .toJSON();
    expect({ confidence, others }).toEqual({ confidence: null, others: { id: "r0-0", prediction: "good" } });
  });

  it("nothing to a name that says no format, and finds that out first", async () => {
    await refused(["predict", "lr.onnx", "few.csv", "-o", "p.txt"], 2, /format of p\.txt/, /\.jsonl, \.csv/);
    expect(readdirSync(path).filter((name) => name.startsWith("p.txt"))).toEqual([]);
  });
});
