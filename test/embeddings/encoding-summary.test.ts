import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import type { ProgressEvent } from "../../src/core/progress.js";
import type { Row } from "../../src/data/row.js";
import { embedDataset, readEmbeddings } from "../../src/embeddings/index.js";
import { greedyTextGraph, textGraph } from "../backbones/encoder-graphs.js";
import { backboneOn } from "./real-encoder.js";
import { datasetOf, textRows } from "./tiny-backbone.js";

const built = existsSync(join(packageRoot(), "dist/src/backbones/encoder-worker.js"));

let folder: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "headstart-summary-"));
  out = join(folder, "x.arrow");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const textOf = ({ content }: Row): string => (content.kind === "text" ? content.text : "");

describe.skipIf(!built)("what a run tells of its encoding (skipped: dist/ not built)", () => {
  it("counts contents, tokens, padding and repetitions", async () => {
    const rows = [...textRows(150), ...textRows(150).map((row, i) => ({ ...row, id: `again-${i}` }))];
    const events: ProgressEvent[] = [];
    const { encoding, stages, seconds } = await embedDataset({
      dataset: datasetOf(rows),
      backbone: backboneOn(textGraph(8, 1)),
      out,
      batchTokens: 100,
      onProgress: (event) => events.push(event),
    });
    const distinct = [...new Set(rows.map(textOf))];
    const tokens = distinct.reduce((sum, text) => sum + text.split(" ").length, 0);
    expect(encoding).toMatchObject({
      contents: distinct.length,
      duplicates: rows.length - distinct.length,
      unit: "tokens",
      amount: tokens,
      batchBudget: 100,
      halvings: 0,
      threads: 1,
      sessions: 1,
    });
    expect(encoding.amountPerSecond).toBeCloseTo(tokens / (seconds.embed + seconds.write), 3);
    expect(encoding.paddingShare).toBeGreaterThan(0);
    expect(encoding.paddingShare).toBeLessThan(0.1);
    expect(stages.inference).toBeGreaterThan(0);
    expect(stages.inference).toBeLessThan(seconds.embed);
    for (const stage of ["read", "prepare", "wait", "assemble", "write"] as const) {
      expect(stages[stage]).toBeGreaterThan(0);
      expect(stages[stage]).toBeLessThan(seconds.total);
    }
    expect(events.at(-1)!.encoding).toEqual({ tokens, paddingShare: encoding.paddingShare, rejects: 0 });
  });

  it("starts no thread for a few rows, and the vectors are the same", async () => {
    const backbone = backboneOn(textGraph(8, 1));
    const run = (rows: number) =>
      embedDataset({ dataset: datasetOf(textRows(rows)), backbone, out, windowRows: 10 });
    expect((await run(20)).encoding.sessions).toBe(0);
    const { X } = await readEmbeddings(out);
    expect((await run(80)).encoding.sessions).toBe(1);
    expect((await readEmbeddings(out)).X.data.subarray(0, 20 * 8)).toEqual(X.data);
    const unknown = datasetOf(async function* () {
      yield* textRows(20);
    });
    expect((await embedDataset({ dataset: unknown, backbone, out, windowRows: 10 })).encoding.sessions).toBe(
      0,
    );
    expect((await readEmbeddings(out)).X.data).toEqual(X.data);
  });

  it("cuts batches in half that do not fit into memory, and says so", async () => {
    // Of one length: this graph knows no mask.
    const rows = textRows(7).map((row, i) => ({
      ...row,
      content: { kind: "text" as const, text: `w${i} w3 w${i + 9}` },
    }));
    const summary = await embedDataset({
      dataset: datasetOf(rows),
      backbone: backboneOn(greedyTextGraph(8)),
      out,
      batchTokens: 300,
      sessions: 1,
    });
    expect(summary).toMatchObject({ rows: 7, rejects: 0 });
    expect(summary.encoding.halvings).toBeGreaterThan(0);
    expect(summary.encoding.batchBudget).toBeLessThan(300);
    const { X } = await readEmbeddings(out);
    await embedDataset({
      dataset: datasetOf(rows),
      backbone: backboneOn(greedyTextGraph(8)),
      out,
      batchTokens: 1,
    });
    const alone = await readEmbeddings(out);
    for (const [i, value] of X.data.entries()) expect(value).toBeCloseTo(alone.X.data[i]!, 3);
  });

  it("shares the batches among sessions, with the same bits", async () => {
    const backbone = backboneOn(textGraph(8, 1));
    const dataset = datasetOf(textRows(200));
    await embedDataset({ dataset, backbone, out, windowRows: 50 });
    const { X } = await readEmbeddings(out);
    const { encoding } = await embedDataset({ dataset, backbone, out, windowRows: 50, sessions: 3 });
    expect(encoding.sessions).toBe(3);
    expect((await readEmbeddings(out)).X.data).toEqual(X.data);
  });

  it("goes on with the batches, threads and sessions of the run that was interrupted", async () => {
    const backbone = backboneOn(textGraph(8, 1));
    const dataset = datasetOf(textRows(200));
    const abort = new AbortController();
    const stopped = embedDataset({
      dataset,
      backbone,
      out,
      windowRows: 20,
      batchTokens: 77,
      sessions: 2,
      signal: abort.signal,
      onProgress: ({ done }) => {
        if (done >= 60) abort.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: "interrupted" });
    expect(JSON.parse(await readFile(`${out}.part.json`, "utf8"))).toMatchObject({
      options: { batchTokens: 77, windowRows: 20 },
      compute: { threads: 1, sessions: 2 },
    });
    const { encoding, resumedAtRow } = await embedDataset({ dataset, backbone, out });
    expect(resumedAtRow).toBeGreaterThanOrEqual(40);
    expect(encoding).toMatchObject({ batchBudget: 77, sessions: 2 });
    const { X } = await readEmbeddings(out);
    await embedDataset({ dataset, backbone, out, windowRows: 20, batchTokens: 77 });
    expect((await readEmbeddings(out)).X.data).toEqual(X.data);
  });
});
