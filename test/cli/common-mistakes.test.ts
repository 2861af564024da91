import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "./run-cli.js";

const TABLE = "text,label\na film,good\na pan,bad\n";
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headstart-mistakes-"));
  const write = (name: string, content: string): Promise<void> => writeFile(join(folder, name), content);
  await write("table.csv", TABLE);
  await write("vectors.arrow", "ARROW1\0\0 and so on");
  await write("list.jsonl", '[\n{"text": "a film"},\n{"text": "a pan"}\n]\n');
  await write(
    "lfs.csv",
    `version https://git-lfs.github.com/spec/v1\noid sha256:${"4d".repeat(32)}\nsize 9\n`,
  );
  await mkdir(join(folder, "data"));
  await copyFile(join(folder, "lfs.csv"), join(folder, "data/lfs.jsonl"));
  await write("page.parquet", "\n<!DOCTYPE html>\n<title>Sign in</title>");
  await write("captions.csv", "caption,photo\na red barn,1.jpg\na blue door,2.jpg\n");
  await write("book.xlsx", "PK\u0003\u0004");
});
afterAll(() => rm(folder, { recursive: true }));

describe("a common mistake says what to do:", () => {
  it.each([
    ["no -o", ["embed", "table.csv"], 2, "--out", "--help"],
    ["vectors as a table", ["embed", "table.csv", "-o", "x.csv"], 2, "x.csv", "ends in .arrow"],
    [
      "a head over one's data",
      ["train", "vectors.arrow", "-o", "table.csv"],
      2,
      "table.csv",
      "ends in .onnx",
    ],
    [
      "the files in the wrong order",
      ["evaluate", "vectors.arrow", "h.onnx"],
      1,
      "embeddings file, not a head",
      "first",
    ],
    ["a table as the head", ["predict", "table.csv", "h.onnx"], 1, "table.csv is not a head", "first"],
    ["a head that is not there", ["predict", "h.onnx", "table.csv"], 1, "no head h.onnx", "headstart train"],
    ["a pipeline that is not there", ["run", "spam.yml"], 2, "no pipeline spam.yml", "pipelines/spam.yaml"],
    ["a table to inspect", ["inspect", "table.csv"], 1, "neither", ".onnx"],
    ["a folder to inspect", ["inspect", "."], 1, "it is a folder", ".onnx"],
    ["a JSON array", ["embed", "list.jsonl", "-o", "x.arrow"], 1, "one JSON array", "--format json"],
    ["a workbook", ["embed", "book.xlsx", "-o", "x.arrow"], 1, "'.xlsx'", "as CSV"],
    ["a folder as a table", ["embed", ".", "--format", "csv", "-o", "x.arrow"], 1, "a folder", "Name a file"],
    [
      "a pattern that the shell wrote out",
      ["embed", "table.csv", "list.jsonl", "-o", "x.arrow"],
      2,
      "too many arguments",
      "in quotes",
    ],
    [
      "a file that Git LFS has not fetched",
      ["embed", "lfs.csv", "-o", "x.arrow"],
      1,
      "lfs.csv is a Git LFS",
      "git lfs",
    ],
    [
      "a pattern that finds one",
      ["embed", "data/*.jsonl", "-o", "x.arrow"],
      1,
      "lfs.jsonl is a Git LFS",
      "git lfs",
    ],
    ["a page", ["embed", "page.parquet", "-o", "x.arrow"], 1, "page.parquet is an HTML page", "downloads"],
    [
      "captions for an image backbone",
      ["embed", "captions.csv", "-o", "x.arrow", "--backbone", "mobilenet-v2-mid"],
      2,
      "reads images, but captions.csv holds text",
      "--modality image, or --image <column>",
    ],
    [
      "a condition that no row meets",
      ["embed", "table.csv", "-o", "x.arrow", "--where", "label = great"],
      1,
      "table.csv: none of its rows was chosen",
      "--where",
    ],
    ["an address", ["embed", "https://example.org/x.csv", "-o", "x.arrow"], 2, "is an address", "--fetch"],
  ])("%s", async (_what, args, code, message, hint) => {
    const run = await runCli(args, { cwd: folder });
    const [error = "", remedy = ""] = run.stderr.split("\n");
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code, stdout: "" });
    expect(error).toMatch(/^error: /);
    expect(error).toContain(message);
    expect(remedy).toMatch(/^hint: /);
    expect(remedy).toContain(hint);
    expect(await readFile(join(folder, "table.csv"), "utf8")).toBe(TABLE);
  });
});
