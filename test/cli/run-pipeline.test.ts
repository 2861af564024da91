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
});
