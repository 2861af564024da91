import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Encoder } from "../../src/backbones/backbone.js";
import { cpuCount } from "../../src/core/cpu-count.js";
import { packageRoot } from "../../src/core/package-root.js";
import type { Row } from "../../src/data/row.js";
import { embedDataset, readEmbeddings } from "../../src/embeddings/index.js";
import type { TuneLimits } from "../../src/embeddings/tune/tuned.js";
import { textGraph } from "../backbones/encoder-graphs.js";
import { backboneOn } from "./real-encoder.js";
import { datasetOf, textRows } from "./tiny-backbone.js";

const built = existsSync(join(packageRoot(), "dist/src/backbones/encoder-worker.js"));
/** Any run is long enough, and has time for its rounds. */
const WITHIN: TuneLimits = { rows: 100, least: 1.5, most: 1.5, share: 0.01, pays: 0 };

let folder: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "headstart-tune-"));
  out = join(folder, "x.arrow");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A backbone on which each batch costs `perBatch` ms and each token slot of a batch nothing: large batches are fastest. */
function costly(perBatch: number) {
  const backbone = backboneOn(textGraph(8, 1));
  const open = async (options: Parameters<typeof backbone.open>[0]): Promise<Encoder> => {
    const encoder = await backbone.open(options);
    let turn = Promise.resolve();
    return {
      ...encoder,
      encodeTexts(batch) {
        const mine = turn.then(async () => {
          await new Promise((resolve) => setTimeout(resolve, perBatch));
          return encoder.encodeTexts(batch);
        });
        turn = mine.then(
          () => undefined,
          () => undefined,
        );
        return mine;
      },
    };
  };
  return { ...backbone, open };
}

const read = async () => (await readEmbeddings(out)).X.data;

// They measure time: what else the machine does may leave a calibration fewer rounds than tell anything.
describe.skipIf(!built)("--tune auto (skipped: dist/ not built)", { retry: 2 }, () => {
  it("chooses the batch that is fastest, and embeds every row once, in its order", async () => {
    const rows = textRows(1500);
    let readRows = 0;
    const dataset = datasetOf(async function* () {
      for (const row of rows) {
        readRows++;
        yield row;
      }
    });
    const run = { dataset, backbone: costly(4), out, threads: 1, windowRows: 700 };
    const { encoding } = await embedDataset({ ...run, tune: "auto", tuneWithin: WITHIN });
    expect(readRows).toBe(1500);
    const { tuned } = encoding;
    expect(tuned!.candidates[0]).toMatchObject({ batch: 512, sessions: 1, threads: 1 });
    expect(tuned!.candidates.length).toBeGreaterThan(1);
    expect(tuned!.chosen.batch).toBeGreaterThan(512);
    expect(tuned!.speedup).toBeGreaterThan(1.05);
    expect(encoding).toMatchObject({ batchBudget: tuned!.chosen.batch, threads: 1, sessions: 1 });
    expect(tuned!.seconds).toBeLessThan(5);
    const { ids, X } = await readEmbeddings(out);
    expect(ids).toEqual(rows.map((row: Row) => row.id));
    await embedDataset({ ...run, batchTokens: tuned!.chosen.batch });
    expect(await read()).toEqual(X.data);
  });

  it("tries a session for each processor, never more threads than processors", async () => {
    const { encoding } = await embedDataset({
      dataset: datasetOf(textRows(2000)),
      backbone: { ...backboneOn(textGraph(64, 2), 64) },
      out,
      batchTokens: 64,
      tune: "auto",
      // Opening sessions counts; on a busy machine it takes its time.
      tuneWithin: { ...WITHIN, least: 8, most: 8 },
    });
    const { tuned } = encoding;
    if (cpuCount() === 1) expect(tuned).toBeNull();
    else {
      expect(tuned!.candidates.map(({ batch }) => batch)).toEqual([64, 64]);
      expect(tuned!.candidates[1]).toMatchObject({ sessions: cpuCount(), threads: 1 });
      expect(encoding).toMatchObject({ sessions: tuned!.chosen.sessions, threads: tuned!.chosen.threads });
    }
  });

  it("is off by default, changes nothing that was set, and passes short runs over", async () => {
    const dataset = datasetOf(textRows(300));
    const run = { dataset, backbone: costly(0), out, tuneWithin: WITHIN };
    const tunedOf = async (options: object) => (await embedDataset({ ...run, ...options })).encoding.tuned;
    expect(await tunedOf({})).toBeNull();
    expect(await tunedOf({ tune: "off" })).toBeNull();
    expect(await tunedOf({ tune: "auto", batchTokens: 64, threads: 1 })).toBeNull();
    expect(await tunedOf({ tune: "auto", threads: 1, tuneWithin: { ...WITHIN, rows: 301 } })).toBeNull();
    expect(await tunedOf({ tune: "auto", threads: 1, tuneWithin: { ...WITHIN, pays: 1e9 } })).toBeNull();
    await expect(tunedOf({ tune: "on" })).rejects.toMatchObject({ code: "usage" });
  });

  it("is recorded: a run that goes on takes its choice without measuring, and the bits are the same", async () => {
    const dataset = datasetOf(textRows(1500));
    const run = { dataset, backbone: costly(4), out, threads: 1, windowRows: 250 };
    const abort = new AbortController();
    const stopped = embedDataset({
      ...run,
      tune: "auto",
      tuneWithin: WITHIN,
      signal: abort.signal,
      onProgress: ({ done }) => {
        if (done >= 750) abort.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: "interrupted" });
    const state = JSON.parse(await readFile(`${out}.part.json`, "utf8"));
    const batchTokens = state.tuned.chosen.batch;
    expect(state.options.batchTokens).toBe(batchTokens);
    expect(batchTokens).toBeGreaterThan(512);
    const { encoding, resumedAtRow } = await embedDataset({ ...run, tune: "auto", tuneWithin: WITHIN });
    expect(resumedAtRow).toBeGreaterThanOrEqual(500);
    expect(encoding.tuned).toEqual(state.tuned);
    expect(encoding.batchBudget).toBe(batchTokens);
    const resumed = await read();
    await embedDataset({ ...run, batchTokens });
    expect(resumed).toEqual(await read());
  });

  it("ends where it is told to while it measures", async () => {
    const abort = new AbortController();
    const run = embedDataset({
      dataset: datasetOf(textRows(1500)),
      backbone: costly(20),
      out,
      threads: 1,
      tune: "auto",
      tuneWithin: { ...WITHIN, least: 30, most: 30 },
      signal: abort.signal,
    });
    setTimeout(() => abort.abort(), 600);
    const begun = performance.now();
    await expect(run).rejects.toMatchObject({ code: "interrupted" });
    expect(performance.now() - begun).toBeLessThan(15_000);
  });
});
