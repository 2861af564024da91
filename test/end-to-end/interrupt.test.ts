import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as headstart from "../../src/index.js";
import { CLI, type CliRun } from "../cli/run-cli.js";
import { REVIEWS, reviewsCsv } from "./reviews.js";
import { workplace } from "./run-cli.js";

const { path, write, json } = workplace();
const at = (name: string): string => join(path, name);
/** A little more than one window of 256 texts that fill the backbone's 128 tokens; windows are what is kept. */
const ROWS = 340;
/** On one thread a window takes longer than the second after which work is first saved. */
const SLOWLY = ["--threads", "1"];
beforeAll(async () => {
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const review = REVIEWS[i % 60]!.review;
    return `n${i},"Visit ${i}. ${`${review} `.repeat(14)}",${i % 2 ? "good" : "bad"}`;
  });
  write("many.csv", `id,text,label\n${rows.join("\n")}\n`);
  write("reviews.csv", reviewsCsv(["id", "review", "label"]));
  await headstart.embed({ input: at("reviews.csv"), out: at("few.arrow") });
  await headstart.train({ embeddings: at("few.arrow"), out: at("head.onnx"), cv: 0 });
});

/** Runs until `embeddings` has rows that would survive, then sends Ctrl-C. */
async function interrupted(args: readonly string[], embeddings: string): Promise<CliRun> {
  const child = spawn(process.execPath, [CLI, ...args], { cwd: path, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const watch = setInterval(() => {
    if (!existsSync(at(`${embeddings}.part.json`))) return;
    clearInterval(watch);
    child.kill("SIGINT");
  }, 20);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearInterval(watch);
  return { code, stdout, stderr };
}

/** What a file holds, its vectors as bytes. */
async function rowsOf(name: string) {
  const { X, ids, labels, sources } = await headstart.readEmbeddings(at(name));
  return { X: Buffer.from(X.data.buffer, X.data.byteOffset, X.data.byteLength), ids, labels, sources };
}

/** Signals reach another process as such on POSIX systems only. */
describe.skipIf(process.platform === "win32").concurrent("Ctrl-C in the middle", () => {
  it("of embed keeps the work; the same command goes on to the same file", async () => {
    const command = ["embed", "many.csv", "-o", "many.arrow", ...SLOWLY];
    const stopped = await interrupted(command, "many.arrow");
    expect(stopped).toMatchObject({ code: 130, stdout: "" });
    expect(stopped.stderr).toMatch(/^error: Interrupted; \d+ embedded rows are kept in many\.arrow\.part$/m);
    expect(stopped.stderr).toMatch(/^hint: Run the same command again to continue at input row \d+/m);
    expect(readdirSync(path)).not.toContain("many.arrow");

    const resumed = await json<headstart.EmbedResult>(command);
    expect(resumed).toMatchObject({ rows: ROWS, rejects: 0 });
    expect(resumed.resumedAtRow).toBeGreaterThan(0);
    await headstart.embed({ input: at("many.csv"), out: at("straight.arrow"), threads: 1 });
    const { X: resumedX, ...resumedRows } = await rowsOf("many.arrow");
    const { X, ...rows } = await rowsOf("straight.arrow");
    expect(resumedX.equals(X)).toBe(true);
    expect(resumedRows).toEqual(rows);
    expect(readdirSync(path).filter((name) => /^many.*\.(part|lock)/.test(name))).toEqual([]);
  });

  it("of predict leaves no answers that look whole, and keeps the embeddings so far", async () => {
    const command = ["predict", "head.onnx", "many.csv", "-o", "answers.csv", ...SLOWLY];
    const stopped = await interrupted(command, "answers.csv.embeddings.arrow");
    expect(stopped).toMatchObject({ code: 130, stdout: "" });
    expect(stopped.stderr).toMatch(/^hint: Run the same command again/m);
    expect(readdirSync(path)).not.toContain("answers.csv");
    const kept = readdirSync(path).filter((name) => name.startsWith("answers.csv"));
    expect(kept).toContain("answers.csv.embeddings.arrow.part");
  });
});

it("an interrupted predict without -o promises no going on: its vectors were in a temporary folder", async () => {
  const stop = new AbortController();
  const options = { head: at("head.onnx"), input: at("many.csv"), threads: 1, signal: stop.signal };
  await expect(headstart.predict({ ...options, onProgress: () => stop.abort() })).rejects.toMatchObject({
    code: "interrupted",
    message: "Interrupted before the first answer; nothing is kept",
    hint: expect.stringContaining("-o answers.jsonl") as string,
  });
});
