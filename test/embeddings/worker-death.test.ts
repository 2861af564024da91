import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EmbedSummary, readEmbeddings } from "../../src/embeddings/index.js";

const script = join(import.meta.dirname, "embed-in-worker.mjs");
const ending = pathToFileURL(join(import.meta.dirname, "end-worker.mjs")).href;
const built = existsSync(join(import.meta.dirname, "../../dist/src/backbones/encoder-worker.js"));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "headstart-worker-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Outcome = Partial<EmbedSummary> & { code?: string; message?: string; hint?: string };

/** @param answers - after so many batches the thread ends; null: never. */
function embed(out: string, answers: number | null): Promise<Outcome> {
  const before = answers === null ? [] : ["--import", ending];
  const env = { ...process.env, HEADSTART_TEST_ANSWERS: String(answers) };
  return new Promise((resolve) => {
    execFile(process.execPath, [...before, script, out, "400"], { env }, (_error, stdout) =>
      resolve(JSON.parse(stdout) as Outcome),
    );
  });
}

describe.skipIf(!built)("a thread that ends in the middle of its work (skipped: dist/ not built)", () => {
  it("ends the run with what to do; its work so far is kept, and the next run goes on", async () => {
    const [whole, cut] = [join(folder, "whole.arrow"), join(folder, "cut.arrow")];
    expect(await embed(whole, null)).toMatchObject({ rows: 400, resumedAtRow: null });
    const outcome = await embed(cut, 11);
    expect(outcome).toMatchObject({
      code: "provider",
      message: expect.stringContaining("exit code 7"),
      hint: expect.stringContaining("same command"),
    });
    expect((await readdir(folder)).filter((name) => name.startsWith("cut"))).toEqual([
      "cut.arrow.part",
      "cut.arrow.part.json",
      "cut.arrow.part.rejects.jsonl",
    ]);
    // Three batches a window of 40 rows: eleven are three windows and a bit.
    expect(await embed(cut, null)).toMatchObject({ rows: 400, resumedAtRow: 120 });
    const [{ meta: a, ...values }, { meta: b, ...resumed }] = [
      await readEmbeddings(whole),
      await readEmbeddings(cut),
    ];
    expect(resumed).toEqual(values);
  });

  it("leaves nothing behind where nothing was done", async () => {
    expect(await embed(join(folder, "x.arrow"), 0)).toMatchObject({ code: "provider" });
    expect(await readdir(folder)).toEqual([]);
  });
});
