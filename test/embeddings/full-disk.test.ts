import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ioError } from "../../src/embeddings/file/io-error.js";
import { embedDataset } from "../../src/embeddings/index.js";
import { datasetOf, textRows, tinyTextBackbone } from "./tiny-backbone.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "headstart-full-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("a file system that says no", () => {
  it("tells that a full disk needs space, and that the work can go on", () => {
    const full = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    expect(ioError("write", "x.arrow", full).hint).toMatch(
      /free some space, then run the same command again/,
    );
  });

  it("names the working file that cannot be removed", async () => {
    const out = join(folder, "x.arrow");
    await mkdir(`${out}.part`);
    await expect(
      embedDataset({ dataset: datasetOf(textRows(3)), backbone: tinyTextBackbone(), out }),
    ).rejects.toMatchObject({ code: "io", message: expect.stringContaining("x.arrow.part") });
  });

  it("leaves the part and nothing else where the list of rejected rows cannot be put in place", async () => {
    const out = join(folder, "x.arrow");
    await mkdir(`${out}.rejects.jsonl`);
    const bad = { state: "rejected", id: "b", source: "rows.csv:9", reason: "no text" } as const;
    const run = () =>
      embedDataset({ dataset: datasetOf([...textRows(3), bad]), backbone: tinyTextBackbone(), out });
    await expect(run()).rejects.toMatchObject({ code: "io" });
    expect((await readdir(folder)).sort()).toEqual([
      "x.arrow.part",
      "x.arrow.part.json",
      "x.arrow.part.rejects.jsonl",
      "x.arrow.rejects.jsonl",
    ]);
    await rm(`${out}.rejects.jsonl`, { recursive: true });
    expect(await run()).toMatchObject({ rows: 3, rejects: 1, resumedAtRow: 4 });
  });
});
