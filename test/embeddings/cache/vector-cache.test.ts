import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contentHash } from "../../../src/core/hash.js";
import { cacheContents } from "../../../src/embeddings/cache/cache-contents.js";
import { pruneCache } from "../../../src/embeddings/cache/prune-cache.js";
import { openVectorCache } from "../../../src/embeddings/cache/vector-cache.js";
import { tinyTextBackbone } from "../tiny-backbone.js";

const backbone = tinyTextBackbone();
const { dim } = backbone.spec;
const script = join(import.meta.dirname, "cache-process.mjs");
const built = existsSync(join(import.meta.dirname, "../../../dist/src/embeddings/cache/vector-cache.js"));

let folder: string;
let before: string | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "headstart-cache-"));
  before = process.env.HEADSTART_CACHE;
  process.env.HEADSTART_CACHE = folder;
});
afterEach(async () => {
  if (before === undefined) delete process.env.HEADSTART_CACHE;
  else process.env.HEADSTART_CACHE = before;
  await rm(folder, { recursive: true, force: true });
});

const own = (): string => join(folder, "vectors-1", backbone.fingerprint);
const hash = (n: number): Uint8Array => contentHash(`content ${n}`);
/** Values of every kind that a float has: a bit that is lost would show. */
const vector = (n: number): Float32Array =>
  Float32Array.from({ length: dim }, (_, j) => Math.sin(n * 7 + j) * 1e-3 ** (j % 4));
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const openNow = (maxBytes?: number) =>
  openVectorCache(backbone, { asOf: Date.now(), ...(maxBytes !== undefined && { maxBytes }) });

async function addAll(from: number, to: number, maxBytes?: number): Promise<void> {
  const cache = await openNow(maxBytes);
  await cache.add(numbers(from, to).map(hash), numbers(from, to).map(vector));
  expect(cache.problem).toBeNull();
  await cache.close();
  // Runs that follow one another are at least a millisecond apart.
  await new Promise((resolve) => setTimeout(resolve, 2));
}

async function found(from: number, to: number): Promise<number[]> {
  const cache = await openNow();
  const vectors = await cache.lookup(numbers(from, to).map(hash));
  await cache.close();
  return numbers(from, to).filter((n, i) => {
    const one = vectors[i]!;
    if (one !== null) expect(one).toEqual(vector(n));
    return one !== null;
  });
}

describe("the cache of vectors", () => {
  it("gives back the very bytes, in whatever order they are asked for, and nothing for others", async () => {
    await addAll(0, 3000);
    const cache = await openNow();
    const asked = numbers(0, 3100).sort((a, b) => ((a * 7919) % 3100) - ((b * 7919) % 3100));
    const vectors = await cache.lookup(asked.map(hash));
    asked.forEach((n, i) => {
      expect(vectors[i]).toEqual(n < 3000 ? vector(n) : null);
    });
    expect(await cache.lookup([])).toEqual([]);
    await cache.close();
  });

  it("shows a run what was there when it began, not what it or another one adds", async () => {
    await addAll(0, 10);
    const begun = Date.now();
    const cache = await openVectorCache(backbone, { asOf: begun });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await cache.add([hash(10)], [vector(10)]);
    await addAll(11, 12);
    expect(await cache.lookup([hash(10), hash(11)])).toEqual([null, null]);
    await cache.close();
    const again = await openVectorCache(backbone, { asOf: begun });
    expect(await again.lookup([hash(9), hash(10), hash(11)])).toEqual([vector(9), null, null]);
    await again.close();
    expect(await found(0, 13)).toEqual(numbers(0, 12));
  });

  it("keeps backbones apart", async () => {
    await addAll(0, 10);
    const other = tinyTextBackbone({ seedName: "other" });
    const cache = await openVectorCache(other, { asOf: Date.now() });
    expect(await cache.lookup([hash(1)])).toEqual([null]);
    await cache.close();
  });

  it("does not believe a vector whose bits have changed, an index that has, or a file cut short", async () => {
    await addAll(0, 100);
    const [name] = (await readdir(own())).filter((one) => one.endsWith(".seg"));
    const path = join(own(), name!);
    const whole = await readFile(path);
    const record = 20 + 4 * dim;
    const damagedAt = async (position: number): Promise<number[]> => {
      const bytes = Buffer.from(whole);
      bytes[position]! ^= 1;
      await writeFile(path, bytes);
      return found(0, 100);
    };
    expect(await damagedAt(64 + 5 * record + 16)).toEqual(numbers(0, 100).filter((n) => n !== 5));
    expect(await damagedAt(64 + 100 * record + 3)).toEqual([]);
    expect(await damagedAt(whole.length - 60)).toEqual([]);
    expect(await damagedAt(9)).toEqual([]);
    await writeFile(path, whole.subarray(0, whole.length - 1));
    expect(await found(0, 100)).toEqual([]);
    expect(await cacheContents()).toMatchObject([{ vectors: 0, damaged: 1 }]);
    expect(await pruneCache({ usedBefore: 0 })).toMatchObject({ segments: 1 });
    expect(await cacheContents()).toEqual([]);
  });

  it("tells the backbone again once it is used, and the dimension at any time, where the note of them is damaged", async () => {
    await addAll(0, 10);
    for (const damage of [(file: string) => writeFile(file, '{"id": "tin'), (file: string) => rm(file)]) {
      await damage(join(own(), "backbone.json"));
      expect(await cacheContents()).toMatchObject([{ backbone: null, dim, vectors: 10 }]);
      expect(await found(0, 10)).toEqual(numbers(0, 10));
      expect(await cacheContents()).toMatchObject([{ backbone: backbone.spec.id, dim, vectors: 10 }]);
    }
  });

  it("merges what many short runs leave, and finds all of it", async () => {
    for (let run = 0; run < 20; run++) await addAll(run * 5, run * 5 + 5);
    expect((await readdir(own())).filter((name) => name.endsWith(".seg")).length).toBeLessThan(16);
    expect(await found(0, 100)).toEqual(numbers(0, 100));
  });

  it("keeps within its size: the least recently used goes first, and a run adds no more than that", async () => {
    await addAll(0, 1000);
    await addAll(1000, 2000);
    const size = (await cacheContents())[0]!.bytes;
    const old = new Date(Date.now() - 86_400_000);
    for (const name of await readdir(own())) await utimes(join(own(), name), old, old);
    expect(await found(1000, 1001)).toEqual([1000]);
    await addAll(2000, 2010, size);
    expect(await found(0, 2010)).toEqual(numbers(1000, 2010));
    const cache = await openNow(10_000);
    for (let n = 3000; n < 4000; n += 10) {
      await cache.add(numbers(n, n + 10).map(hash), numbers(n, n + 10).map(vector));
    }
    await cache.close();
    expect((await cacheContents()).reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(20_000);
  });

  it("is pruned by backbone, by age and by size", async () => {
    await addAll(0, 100);
    const other = tinyTextBackbone({ seedName: "other" });
    const cache = await openVectorCache(other, { asOf: Date.now() });
    await cache.add([hash(1)], [vector(1)]);
    await cache.close();
    expect(await pruneCache({ usedBefore: Date.now() - 60_000 })).toEqual({ segments: 0, bytes: 0 });
    expect(await pruneCache({ fingerprints: [other.fingerprint] })).toMatchObject({ segments: 1 });
    expect((await cacheContents()).map(({ fingerprint }) => fingerprint)).toEqual([backbone.fingerprint]);
    expect(await pruneCache({ maxBytes: 100 })).toMatchObject({ segments: 1 });
    expect(await readdir(join(folder, "vectors-1"))).toEqual([]);
  });

  it("leaves a run alone that has nowhere to write, and says why nothing is kept", async () => {
    await writeFile(join(folder, "vectors-1"), "no folder");
    const cache = await openNow();
    expect(await cache.lookup([hash(1)])).toEqual([null]);
    await cache.add([hash(1)], [vector(1)]);
    expect(cache.problem).toMatch(/vectors-1/);
    await cache.close();
  });
});

describe.skipIf(!built)("a killed process (skipped: dist/ not built)", () => {
  /** Adds ten vectors a batch until it is killed. */
  const begin = (first: number) =>
    spawn(process.execPath, [script, String(first)], {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...process.env,
        CACHE_TEST_BACKBONE: JSON.stringify({ fingerprint: backbone.fingerprint, dim }),
      },
    });

  it("leaves its vectors to the next, cut back to what is whole, even where several take them up at once", async () => {
    const children = [begin(0), begin(1_000_000)];
    const told = [0, 0];
    await Promise.all(
      children.map(
        (child, i) =>
          new Promise<void>((resolve) => {
            child.stdout.on("data", (chunk: Buffer) => {
              told[i] = Number(String(chunk).trim().split("\n").at(-1));
              if (told[i]! >= 200) resolve();
            });
          }),
      ),
    );
    const lines = [...told];
    // Only now: one that starts when the other is dead already takes up what that one left.
    for (const child of children) {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    }
    const left = (await readdir(own())).filter((name) => name.endsWith(".open"));
    expect(left).toHaveLength(2);
    // What a power cut leaves: half a record, and one of zeros.
    const torn = await open(join(own(), left[0]!), "a");
    await torn.write(Buffer.alloc(31));
    await torn.close();
    const caches = await Promise.all([openNow(), openNow(), openNow()]);
    for (const cache of caches) await cache.close();
    expect((await readdir(own())).filter((name) => name.endsWith(".open"))).toEqual([]);
    expect((await found(0, lines[0]!)).length).toBe(lines[0]);
    expect((await found(1_000_000, 1_000_000 + lines[1]!)).length).toBe(lines[1]);
  });

  it("that still runs is left alone", async () => {
    const child = begin(0);
    await once(child.stdout, "data");
    expect(await found(0, 10)).toEqual([]);
    const [name] = (await readdir(own())).filter((one) => one.endsWith(".open"));
    expect(name).toContain(`-${child.pid}-`);
    expect((await pruneCache({})).segments).toBe(0);
    child.kill("SIGKILL");
    await once(child, "exit");
  });

  it("of another machine is waited for a day", async () => {
    const child = begin(0);
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    const [name] = (await readdir(own())).filter((one) => one.endsWith(".open"));
    const host = createHash("sha256").update("elsewhere").digest("hex").slice(0, 8);
    const foreign = join(own(), name!.replace(/^[0-9a-f]{8}/, host));
    await rename(join(own(), name!), foreign);
    expect(await found(0, 10)).toEqual([]);
    const { mtimeMs } = await stat(foreign);
    await utimes(foreign, new Date(), new Date(mtimeMs - 25 * 3_600_000));
    expect(await found(0, 10)).toEqual(numbers(0, 10));
  });
});
