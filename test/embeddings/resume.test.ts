import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RejectedRow, Row } from "../../src/data/row.js";
import { type EmbedOptions, embedDataset, readEmbeddings } from "../../src/embeddings/index.js";
import { datasetOf, textRows, tinyTextBackbone } from "./tiny-backbone.js";

let folder: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "headstart-resume-"));
  out = join(folder, "x.arrow");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const rows: (Row | RejectedRow)[] = textRows(200);
rows[30] = { state: "rejected", id: "row-30", source: "rows.csv:32", reason: "no text" };

const settings = (more: Partial<EmbedOptions> = {}): EmbedOptions => ({
  dataset: datasetOf(rows),
  backbone: tinyTextBackbone(),
  out,
  windowRows: 20,
  batchTokens: 256,
  ...more,
});

/** Runs until `stopAt` rows are done, then interrupts. */
async function interruptAt(stopAt: number, more: Partial<EmbedOptions> = {}): Promise<unknown> {
  const controller = new AbortController();
  const onProgress = ({ done }: { done: number }) => {
    if (done >= stopAt) controller.abort();
  };
  return embedDataset(settings({ signal: controller.signal, onProgress, ...more })).then(
    () => "finished",
    (error: unknown) => error,
  );
}

async function wholeValues() {
  const path = join(folder, "whole.arrow");
  await embedDataset(settings({ out: path }));
  const { meta, ...values } = await readEmbeddings(path);
  return values;
}

describe("an interrupted run", () => {
  it("says how to go on, and goes on to the same values", async () => {
    const error = await interruptAt(90);
    expect(error).toMatchObject({ code: "interrupted", hint: expect.stringContaining("same command") });
    expect(await readdir(folder)).toEqual([
      "x.arrow.part",
      "x.arrow.part.json",
      "x.arrow.part.rejects.jsonl",
    ]);
    const summary = await embedDataset(settings());
    expect(summary).toMatchObject({ rows: 199, rejects: 1 });
    expect(summary.resumedAtRow).toBeGreaterThanOrEqual(80);
    expect(summary.resumedAtRow! % 20).toBe(0);
    const { meta, ...values } = await readEmbeddings(out);
    expect(values).toEqual(await wholeValues());
    expect((await readFile(`${out}.rejects.jsonl`, "utf8")).trimEnd().split("\n")).toHaveLength(1);
  });

  it("drops what lies behind the recorded length: a batch cut in its middle", async () => {
    await interruptAt(90);
    const part = await readFile(`${out}.part`);
    await writeFile(`${out}.part`, Buffer.concat([part, part.subarray(0, 333)]));
    await writeFile(
      `${out}.part.rejects.jsonl`,
      '{"id":"row-30","source":"rows.csv:32","reason":"no text"}\n{"id":',
    );
    await embedDataset(settings());
    const { meta, ...values } = await readEmbeddings(out);
    expect(values).toEqual(await wholeValues());
    expect(await readFile(`${out}.rejects.jsonl`, "utf8")).toMatch(/^\{[^\n]*\}\n$/);
  });

  it("begins anew where the part is shorter than recorded, or on restart", async () => {
    await interruptAt(90);
    await truncate(`${out}.part`, 100);
    expect(await embedDataset(settings())).toMatchObject({ rows: 199, resumedAtRow: null });
    await interruptAt(90);
    expect(await embedDataset(settings({ restart: true }))).toMatchObject({ rows: 199, resumedAtRow: null });
  });

  it("is not continued by a run of another kind, which names what changed", async () => {
    await interruptAt(90);
    const refused: [Partial<EmbedOptions>, string][] = [
      [{ backbone: tinyTextBackbone({ seedName: "other" }) }, "backbone"],
      [{ dataset: datasetOf(rows, { identity: "edited" }) }, "input"],
      [{ batchTokens: 512 }, "batchTokens (256, now 512)"],
      [{ batchImages: 2 }, "batchImages"],
      [{ batchSamples: 2 }, "batchSamples"],
      [{ windowRows: 21 }, "windowRows (20, now 21)"],
      [{ vectors: "fp16" }, "vectors (fp32, now fp16)"],
      [{ cache: {} }, "cache (off, now on)"],
    ];
    for (const [change, named] of refused) {
      await expect(embedDataset(settings(change))).rejects.toMatchObject({
        code: "data",
        message: expect.stringContaining(named),
        hint: expect.stringContaining("--restart"),
      });
    }
    expect(await embedDataset(settings())).toMatchObject({ rows: 199 });
  });

  it("keeps nothing of standard input, which cannot be read twice", async () => {
    const error = await interruptAt(90, { dataset: datasetOf(rows, { identity: null }) });
    expect(error).toMatchObject({ code: "interrupted", hint: expect.stringContaining("Standard input") });
    expect(await readdir(folder)).toEqual([]);
  });

  it("stops even while the input has nothing to give", async () => {
    const stalled = async function* () {
      yield* rows.slice(0, 25);
      await new Promise(() => {});
    };
    const dataset = datasetOf(stalled);
    const error = await embedDataset(settings({ dataset, signal: AbortSignal.timeout(200) })).catch((e) => e);
    expect(error).toMatchObject({ code: "interrupted", facts: { consumed: 20 } });
  });

  it("keeps its work when the input fails", async () => {
    const failing = async function* () {
      yield* rows.slice(0, 50);
      throw new Error("the disk is gone");
    };
    await expect(embedDataset(settings({ dataset: datasetOf(failing) }))).rejects.toThrow("the disk is gone");
    expect(await embedDataset(settings())).toMatchObject({ rows: 199, resumedAtRow: 40 });
  });
});

describe("an interrupted run that builds on a target", () => {
  const more: (Row | RejectedRow)[] = [
    ...rows,
    ...textRows(100, 2).map((row) => ({ ...row, id: `more-${row.id}` })),
  ];
  const onto = (mode: "append" | "update", extra: Partial<EmbedOptions> = {}) => ({
    mode,
    dataset: datasetOf(more, { identity: "more" }),
    ...extra,
  });

  it.each(["append", "update"] as const)("%s goes on, and only as itself", async (mode) => {
    await embedDataset(settings());
    const before = await readEmbeddings(out);
    await interruptAt(mode === "append" ? 50 : 250, onto(mode));
    const others: Partial<EmbedOptions>[] = [
      onto(mode, { mode: undefined }),
      onto(mode === "append" ? "update" : "append"),
    ];
    for (const other of others) {
      await expect(embedDataset(settings(other))).rejects.toMatchObject({
        code: "data",
        message: expect.stringContaining("mode ("),
      });
    }
    const { meta, ...untouched } = await readEmbeddings(out);
    expect({ meta, ...untouched }).toEqual(before);
    const summary = await embedDataset(settings(onto(mode)));
    expect(summary).toMatchObject({ rows: 299, target: { mode, kept: 199, added: 100, dropped: 0 } });
    expect(summary.resumedAtRow).toBeGreaterThan(0);
    const after = await readEmbeddings(out);
    expect(after.ids).toEqual(more.filter(({ state }) => state === "row").map(({ id }) => id));
    expect(after.X.data.subarray(0, before.X.data.length)).toEqual(before.X.data);
  });

  it("does not add its rows twice where it was killed between renaming the file and removing the part", async () => {
    await embedDataset(settings());
    await interruptAt(50, onto("append"));
    const names = (await readdir(folder)).filter((name) => name.startsWith("x.arrow.part"));
    const parts = await Promise.all(
      names.map(async (name) => [name, await readFile(join(folder, name))] as const),
    );
    await embedDataset(settings(onto("append")));
    for (const [name, content] of parts) await writeFile(join(folder, name), content);
    expect(await embedDataset(settings(onto("append")))).toMatchObject({
      rows: 299,
      resumedAtRow: null,
      target: { added: 0, passedOver: 299 },
    });
    expect((await readEmbeddings(out)).ids).toHaveLength(299);
  });

  it("is refused where the target changed since", async () => {
    await embedDataset(settings());
    await interruptAt(50, onto("append"));
    await embedDataset(settings({ out: join(folder, "other.arrow"), dataset: datasetOf(textRows(30)) }));
    await writeFile(out, await readFile(join(folder, "other.arrow")));
    await expect(embedDataset(settings(onto("append")))).rejects.toMatchObject({
      code: "data",
      message: expect.stringContaining("target ("),
    });
  });
});

describe("the lock of a target", () => {
  it("keeps a second run in the same process out", async () => {
    const first = embedDataset(settings());
    await expect(embedDataset(settings())).rejects.toMatchObject({ code: "io" });
    expect(await first).toMatchObject({ rows: 199 });
  });

  it("is taken over from a process that died on this machine, not from another machine's", async () => {
    await writeFile(`${out}.lock`, JSON.stringify({ pid: 2 ** 30, host: hostname() }));
    expect(await embedDataset(settings())).toMatchObject({ rows: 199 });
    await writeFile(`${out}.lock`, JSON.stringify({ pid: 2 ** 30, host: "elsewhere" }));
    await expect(embedDataset(settings())).rejects.toMatchObject({
      code: "io",
      facts: { owner: `process ${2 ** 30} on elsewhere` },
    });
  });

  it("is waited for while it has no name, as that of a process that was killed when it had just made it", async () => {
    const lock = `${out}.lock`;
    await writeFile(lock, "");
    const run = embedDataset(settings());
    await sleep(200);
    expect(existsSync(out)).toBe(false);
    await writeFile(lock, JSON.stringify({ pid: 2 ** 30, host: "elsewhere" }));
    await expect(run).rejects.toMatchObject({ facts: { owner: `process ${2 ** 30} on elsewhere` } });

    await writeFile(lock, "");
    const almost = new Date(performance.timeOrigin + performance.now() - 4500);
    await utimes(lock, almost, almost);
    expect(await embedDataset(settings())).toMatchObject({ rows: 199 });
    expect(existsSync(lock)).toBe(false);
  });

  it("is taken over, too, where a process died while it took it over", async () => {
    await writeFile(`${out}.lock`, JSON.stringify({ pid: 2 ** 30, host: hostname() }));
    const takeover = `${out}.lock.takeover`;
    await writeFile(takeover, JSON.stringify({ pid: 2 ** 30, host: hostname() }));
    const almost = new Date(performance.timeOrigin + performance.now() - 4500);
    await utimes(takeover, almost, almost);
    expect(await embedDataset(settings())).toMatchObject({ rows: 199 });
    expect([existsSync(`${out}.lock`), existsSync(takeover)]).toEqual([false, false]);
  });
});
