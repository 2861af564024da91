import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { random } from "../../src/core/random.js";
import { type Embeddings, type EmbedSummary, readEmbeddings } from "../../src/embeddings/index.js";

const script = join(import.meta.dirname, "embed-process.mjs");
const built = existsSync(join(import.meta.dirname, "../../dist/src/embeddings/index.js"));
const ROWS = 1000;

type Outcome = Partial<EmbedSummary> & { code?: string; message?: string; hint?: string };

const start = (out: string, pause: number): ChildProcess =>
  spawn(process.execPath, [script, out, String(ROWS), String(pause)], {
    stdio: ["ignore", "pipe", "inherit"],
  });

/** A run with a cache: `rows` rows of texts or images, and its cache in a folder. */
interface CachedRun {
  readonly modality: "text" | "image";
  readonly rows: number;
  readonly cache: string;
}

const startCached = (out: string, pause: number, { modality, rows, cache }: CachedRun): ChildProcess =>
  spawn(process.execPath, [script, out, String(rows), String(pause), modality, "cache"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, HEADSTART_CACHE: cache },
  });

async function finish(child: ChildProcess): Promise<Outcome | null> {
  let text = "";
  child.stdout!.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(child, "close");
  return text === "" ? null : (JSON.parse(text) as Outcome);
}

/** Everything but the time of the run. */
const values = ({ meta, ...rest }: Embeddings) => ({ ...rest, meta: { ...meta, created: "" } });

describe.skipIf(!built)("a process embedding (skipped: dist/ not built)", () => {
  let folder: string;
  let whole: Embeddings;
  let wholeRejects: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "headstart-kill-"));
    const out = join(folder, "whole.arrow");
    expect(await finish(start(out, 0))).toMatchObject({ rows: 980, rejects: 20, resumedAtRow: null });
    whole = await readEmbeddings(out);
    wholeRejects = await readFile(`${out}.rejects.jsonl`, "utf8");
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("loses and doubles nothing when killed at any moment, again and again", async () => {
    const rng = random(Number(process.env.HEADSTART_KILL_SEED ?? 11));
    const out = join(folder, "killed.arrow");
    const working = `${out}.part.json`;
    let kills = 0;
    for (let attempt = 0; attempt < 5; attempt++) {
      const child = start(out, 4);
      const outcome = finish(child);
      const before = existsSync(working) ? await readFile(working, "utf8") : "";
      const begun = async () => (existsSync(working) ? (await readFile(working, "utf8")) !== before : false);
      while (child.exitCode === null && !(await begun())) await sleep(2);
      await sleep(rng.integer(90));
      child.kill("SIGKILL");
      if ((await outcome) === null) kills++;
      expect(existsSync(out)).toBe(false);
    }
    expect(kills).toBe(5);
    const last = await finish(start(out, 0));
    expect(last!.resumedAtRow).toBeGreaterThan(0);
    expect(last).toMatchObject({ rows: 980, rejects: 20 });
    expect(values(await readEmbeddings(out))).toEqual(values(whole));
    expect(await readFile(`${out}.rejects.jsonl`, "utf8")).toBe(wholeRejects);
    expect((await readdir(folder)).filter((name) => name.startsWith("killed"))).toEqual([
      "killed.arrow",
      "killed.arrow.rejects.jsonl",
    ]);
  });

  it.concurrent.each([
    "text",
    "image",
  ] as const)("killed 20 times, %ss and a cache, ends as if it had never stopped", async (modality) => {
    const rng = random(Number(process.env.HEADSTART_KILL_SEED ?? 12));
    const [out, whole] = [join(folder, `${modality}.arrow`), join(folder, `${modality}-whole.arrow`)];
    const killed = { modality, rows: 3000, cache: join(folder, `${modality}-cache`) };
    const never = { ...killed, cache: join(folder, `${modality}-cache-whole`) };
    // The first rows are known beforehand, and so the batches of what is not differ from a cold run's.
    await finish(startCached(join(folder, `${modality}-known.arrow`), 0, { ...killed, rows: 100 }));
    await cp(killed.cache, never.cache, { recursive: true });

    let reached = 0;
    for (let kill = 0; kill < 20; kill++) {
      const child = startCached(out, 4, killed);
      const outcome = finish(child);
      const before = existsSync(`${out}.part.json`) ? await readFile(`${out}.part.json`, "utf8") : "";
      const begun = async () =>
        existsSync(`${out}.part.json`) && (await readFile(`${out}.part.json`, "utf8")) !== before;
      // Every other one at its beginning: while it starts, reads what is there, or takes up the cache.
      if (kill % 2 === 0) await sleep(rng.integer(500));
      else while (child.exitCode === null && !(await begun())) await sleep(2);
      if (kill % 2 === 1) await sleep(rng.integer(60));
      child.kill("SIGKILL");
      expect(await outcome).toBeNull();
      const { consumed = 0 } = JSON.parse(
        existsSync(`${out}.part.json`) ? await readFile(`${out}.part.json`, "utf8") : "{}",
      ) as { consumed?: number };
      expect(consumed).toBeGreaterThanOrEqual(reached);
      reached = consumed;
    }
    expect(reached).toBeGreaterThanOrEqual(10 * 40);
    expect(await finish(startCached(out, 0, killed))).toMatchObject({ resumedAtRow: reached, rejects: 60 });
    const straight = await finish(startCached(whole, 0, never));
    expect(straight).toMatchObject({ rows: 2940, rejects: 60, known: { cache: 490 } });
    expect(values(await readEmbeddings(out))).toEqual(values(await readEmbeddings(whole)));
    expect(await readFile(`${out}.rejects.jsonl`, "utf8")).toBe(
      await readFile(`${whole}.rejects.jsonl`, "utf8"),
    );
  });

  it("survives a kill while the finished file is being written", async () => {
    const out = join(folder, "finishing.arrow");
    for (let attempt = 0; attempt < 3; attempt++) {
      const child = start(out, 0);
      const outcome = finish(child);
      while (child.exitCode === null && !existsSync(`${out}.part.finished`)) await nextTurn();
      child.kill("SIGKILL");
      await outcome;
      // Whatever is there under the target's name is whole.
      if (existsSync(out)) expect(values(await readEmbeddings(out))).toEqual(values(whole));
    }
    expect(await finish(start(out, 0))).toMatchObject({ rows: 980, rejects: 20 });
    expect(values(await readEmbeddings(out))).toEqual(values(whole));
    expect(await readFile(`${out}.rejects.jsonl`, "utf8")).toBe(wholeRejects);
    expect((await readdir(folder)).filter((name) => name.startsWith("finishing"))).toHaveLength(2);
  });

  it("refuses a target that another process is writing, and leaves that one alone", async () => {
    const out = join(folder, "shared.arrow");
    const first = start(out, 40);
    const done = finish(first);
    while (!existsSync(`${out}.part`)) await sleep(2);
    const second = await finish(start(out, 0));
    expect(second).toMatchObject({ code: "io" });
    expect(second!.message).toContain(`process ${first.pid}`);
    expect(await done).toMatchObject({ rows: 980, resumedAtRow: null });
    expect(values(await readEmbeddings(out))).toEqual(values(whole));
  });
});
