import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PipelineResult } from "../../src/pipeline/run-pipeline.js";
import { runCli } from "./run-cli.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headstart-pipeline-"));
  const praise = ["good", "great", "lovely", "superb"];
  const blame = ["bad", "awful", "dull", "dreadful"];
  const rows = Array.from({ length: 80 }, (_, i) => {
    const [label, words] = i % 2 === 0 ? ["up", praise] : ["down", blame];
    return `a ${words[(i >> 1) % 4]} film number ${i},${label},${i % 5 === 0 ? "test" : "train"}`;
  });
  await writeFile(join(folder, "films.csv"), ["text,label,split", ...rows].join("\n"));
  await writeFile(
    join(folder, "books.csv"),
    [
      "text,label",
      ...rows.slice(0, 20).map((row) => row.replace("film", "book").replace(/,[^,]*$/, "")),
      ",up",
    ].join("\n"),
  );
  await writeFile(
    join(folder, "films.yaml"),
    `version: 1
name: films
data: { input: films.csv, text: text, label: label, split: split }
backbone: { id: use-lite, threads: 1 }
heads:
  - { name: linear-svm, cv: 3, set: { C: 2 } }
  - { name: logistic-regression, cv: 0, out: logistic.onnx }
evaluate: {}
evaluateOn:
  - name: books
    data: { input: books.csv, text: text, label: label }
`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

describe("headstart run", () => {
  it("embeds, trains and measures, and says what each step gave", async () => {
    const { code, stdout, stderr } = await runCli(["run", "films.yaml", "--json"], { cwd: folder });
    expect(stderr).toContain("training linear-svm");
    const result = JSON.parse(stdout) as PipelineResult;
    expect(code).toBe(3);
    expect(result).toMatchObject({
      name: "films",
      rejects: 1,
      embeddings: { out: "out/films/embeddings.arrow", rows: 80, dim: 512, rejects: 0 },
      further: [{ name: "books", embeddings: { out: "out/films/books.arrow", rows: 20, rejects: 1 } }],
    });
    expect(result.heads.map(({ train }) => [train.out, train.rows, train.cv?.folds ?? 0])).toEqual([
      ["out/films/linear-svm.onnx", 64, 3],
      ["logistic.onnx", 64, 0],
    ]);
    expect(result.heads[0]?.train.options).toMatchObject({ C: 2 });
    for (const { evaluations } of result.heads) {
      expect(evaluations.map(({ on, result: { split, rows } }) => [on, split, rows])).toEqual([
        ["films", "test", 16],
        ["books", null, 20],
      ]);
    }
    for (const file of ["out/films/embeddings.arrow", "out/films/linear-svm.onnx", "logistic.onnx"]) {
      expect(existsSync(join(folder, file)), file).toBe(true);
    }
  });

  it("without --json prints one table and what to type next", async () => {
    const { code, stdout } = await runCli(["run", "films.yaml"], { cwd: folder });
    expect(code).toBe(3);
    expect(stdout).toMatch(/^head +measured on +rows +accuracy \(95%\) +floor +fit$/m);
    expect(stdout).toMatch(/^linear-svm\S* +3-fold cv +64 +\d/m);
    expect(stdout).toMatch(/^ +films, test +16 +\d/m);
    expect(stdout).toMatch(/\nnext: headstart predict out\/films\/linear-svm\.onnx <new input>\n$/);
  });

  it("searches for the best head, by the words of headstart search", async () => {
    const search = [
      "search:",
      "  heads: [ridge, logistic-regression]",
      "  grid: { alpha: [1, 1.0e+6], C: [1] }",
      "  scales: [none]",
      "  pcas: [null, 3]",
      "  metric: macro-f1",
      "  cv: 2",
      "  repeats: 2",
      "  nested: 2",
      "  calibrate: platt",
      "  seed: 3",
      "  threads: 1",
    ];
    const films = ["version: 1", "name: best", "data: { input: films.csv }", ...search, "evaluate: {}"];
    await writeFile(join(folder, "best.yaml"), films.join("\n"));
    const { code, stdout, stderr } = await runCli(["run", "best.yaml", "--json"], { cwd: folder });
    expect([code, stderr]).toEqual([0, expect.stringContaining("searching the best of 6 candidates")]);
    const { heads, search: found } = JSON.parse(stdout) as PipelineResult;
    expect(heads).toEqual([]);
    expect(found!.evaluations.map(({ on, result }) => [on, result.split])).toEqual([["best", "test"]]);
    const flags = [
      ...["--head", "ridge,logistic-regression", "--grid", "alpha=1,1e6", "--grid", "C=1", "--scale", "none"],
      ...["--pca", "none,3", "--metric", "macro-f1", "--cv", "2", "--repeats", "2", "--nested", "2"],
      ...["--calibrate", "platt", "--seed", "3", "--threads", "1", "-o", "out/best/best.onnx", "--json"],
    ];
    const same = await runCli(["search", "out/best/embeddings.arrow", ...flags], { cwd: folder });
    expect(JSON.parse(same.stdout)).toEqual({ ...found!.result, seconds: expect.anything() });
    const told = await runCli(["run", "best.yaml"], { cwd: folder });
    expect(told.stdout).toMatch(/^(ridge|logistic-regression)\.v1 +nested, 2 folds +64 +\d/m);
    expect(told.stdout).toMatch(/^saved out\/best\/best\.onnx$/m);
    expect(told.stdout).toMatch(/\nnext: headstart predict out\/best\/best\.onnx <new input>\n$/);
  });

  it("refuses an option that no head has before anything is embedded", async () => {
    const lines = ["version: 1", "name: never", "data: { input: films.csv }"];
    await writeFile(
      join(folder, "never.yaml"),
      [...lines, "search: { heads: [ridge], grid: { C: [1] } }"].join("\n"),
    );
    const { code, stderr } = await runCli(["run", "never.yaml"], { cwd: folder });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/ridge has no option 'C'[\s\S]*alpha/)]);
    expect(existsSync(join(folder, "out/never"))).toBe(false);
  });
});
