import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type * as headstart from "../../src/index.js";
import { CLI } from "../cli/run-cli.js";
import { reviewsCsv } from "./reviews.js";
import { workplace } from "./run-cli.js";

const { path, write, run, json, refused } = workplace();

/** Runs commands as a shell would, and gives what the last one printed; each exit code in order. */
async function piped(line: string): Promise<{ stdout: string; stderr: string; codes: number[] }> {
  const script = line.replaceAll("headstart", `"${process.execPath}" "${CLI}"`);
  const shell = spawn("bash", ["-c", `${script}; echo "codes \${PIPESTATUS[@]}" >&2`], { cwd: path });
  let stdout = "";
  let stderr = "";
  shell.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  shell.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  await new Promise((resolve) => shell.once("close", resolve));
  const [, codes = ""] = /codes (.*)$/m.exec(stderr) ?? [];
  return { stdout, stderr, codes: codes.split(" ").map(Number) };
}

beforeAll(async () => {
  write("reviews.csv", reviewsCsv(["id", "review", "label", "split"]));
  await json(["embed", "reviews.csv", "-o", "x.arrow"]);
  await json(["train", "x.arrow", "-o", "head.onnx"]);
});

describe("embeddings in a pipe", () => {
  it("are those of the file, from text to answers without a file between", async () => {
    const { stdout, stderr, codes } = await piped(
      "cat reviews.csv | headstart embed - --format csv -o - | headstart predict head.onnx -",
    );
    expect(codes).toEqual([0, 0, 0]);
    expect(stderr).toContain("rows      60");
    const answers = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as headstart.Prediction);
    const { predictions } = await json<{ predictions: headstart.Prediction[] }>([
      "predict",
      "head.onnx",
      "x.arrow",
    ]);
    expect(answers).toEqual(predictions);
  });

  it("are trained on and looked at as they come", async () => {
    const trained = await piped("headstart embed reviews.csv -o - | headstart train - -o piped.onnx --json");
    const { cv, rows } = JSON.parse(trained.stdout) as headstart.TrainResult;
    const fromFile = await json<headstart.TrainResult>(["train", "x.arrow", "-o", "file.onnx"]);
    expect({ cv, rows }).toEqual({ cv: fromFile.cv, rows: fromFile.rows });
    const looked = await piped("cat x.arrow | headstart inspect - --json");
    expect(JSON.parse(looked.stdout)).toMatchObject({ kind: "embeddings", rows: 60, path: "-" });
  });

  it("become a file again, equal but for its time", async () => {
    expect((await piped("headstart convert x.arrow -o - | headstart convert - -o y.arrow")).codes).toEqual([
      0, 0,
    ]);
    expect(readFileSync(`${path}/y.arrow`).equals(readFileSync(`${path}/x.arrow`))).toBe(true);
  });

  it("end quietly where nobody reads on", async () => {
    const big = Array.from({ length: 30_000 }, (_, i) => `r${i}`);
    write("ids.csv", `id\n${big.join("\n")}\n`);
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (30000, 64), }".padEnd(117);
    const start = Buffer.concat([
      Buffer.from("\x93NUMPY\x01\x00v\x00", "latin1"),
      Buffer.from(`${header}\n`),
    ]);
    writeFileSync(`${path}/big.npy`, Buffer.concat([start, Buffer.alloc(30_000 * 64 * 4)]));
    const { stdout, stderr } = await piped(
      "headstart convert big.npy --ids ids.csv -o - | head -c 4 | wc -c",
    );
    expect(stdout.trim()).toBe("4");
    expect(stderr).not.toMatch(/error/i);
  });

  it("are refused where their writer has failed halfway", async () => {
    const { stderr, codes } = await piped(
      "headstart convert x.arrow -o - 2>/dev/null | head -c 60000 | headstart train - -o never.onnx",
    );
    expect(codes[2]).toBe(1);
    expect(stderr).toContain("the mark of its end is missing");
  });

  it("do not share stdout with a document, nor build on a file", async () => {
    await refused(["embed", "reviews.csv", "-o", "-", "--restart"], 2, /no file to build on/, /Leave it out/);
    const { stderr, code } = await run(["convert", "x.arrow", "-o", "-", "--json"]);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("both write to stdout") as string,
    });
    await refused(["train", "-", "-o", "n.onnx"], 1, /stdin is empty/, /Arrow stream/);
  });
});

describe("vectors from elsewhere", () => {
  it("are converted, trained on, measured and predicted, but never made here", async () => {
    // Two clouds, as numpy.save writes them.
    const rows = 200;
    const dim = 8;
    const numbers = new Float32Array(rows * dim);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < dim; j++) numbers[i * dim + j] = (i % 2) * 2 - 1 + Math.sin(i * 13 + j * 7);
    }
    const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${dim}), }`.padEnd(117);
    const start = Buffer.concat([
      Buffer.from("\x93NUMPY\x01\x00v\x00", "latin1"),
      Buffer.from(`${header}\n`),
    ]);
    writeFileSync(`${path}/v.npy`, Buffer.concat([start, Buffer.from(numbers.buffer)]));
    const lines = Array.from(
      { length: rows },
      (_, i) => `d${i},${i % 2 ? "yes" : "no"},${i < 150 ? "train" : "test"}`,
    );
    write("rows.csv", `doc,answer,split\n${lines.join("\n")}\n`);
    const converted = await json<headstart.ConvertResult>([
      ..."convert v.npy --ids rows.csv --id doc --label answer --origin my-encoder -o v.arrow".split(" "),
    ]);
    expect(converted).toMatchObject({ rows, dim, backbone: "my-encoder", rejects: 0 });
    await json(["train", "v.arrow", "-o", "v.onnx"]);
    const measured = await json<headstart.EvaluateResult>(["evaluate", "v.onnx", "v.arrow"]);
    expect(measured).toMatchObject({ split: "test", rows: 50 });
    expect(measured.metrics.accuracy.value).toBeGreaterThan(0.95);
    await refused(["predict", "v.onnx", "reviews.csv"], 1, /vectors of 'my-encoder'/, /headstart convert/);
    await refused(["predict", "v.onnx", "x.arrow"], 1, /my-encoder/, /train a head/);
  });
});
