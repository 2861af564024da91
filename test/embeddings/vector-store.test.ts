import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Backbone } from "../../src/backbones/backbone.js";
import { HeadstartError } from "../../src/core/errors.js";
import type { VectorStore } from "../../src/embeddings/cache/vector-store.js";
import { hashKey } from "../../src/embeddings/engine/open-window.js";
import type { PartState } from "../../src/embeddings/file/part-file.js";
import { embedDataset, readEmbeddings } from "../../src/embeddings/index.js";
import { datasetOf, textRows, tinyImageBackbone, tinyTextBackbone } from "./tiny-backbone.js";

let folder: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "headstart-store-"));
  out = join(folder, "x.arrow");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Vectors in memory. */
function memoryStore(): VectorStore & { readonly vectors: Map<string, Float32Array>; added: number } {
  const store = {
    vectors: new Map<string, Float32Array>(),
    added: 0,
    async lookup(hashes: readonly Uint8Array[]) {
      return hashes.map((hash) => store.vectors.get(hashKey(hash)) ?? null);
    },
    async add(hashes: readonly Uint8Array[], vectors: readonly Float32Array[]) {
      for (const [i, hash] of hashes.entries()) store.vectors.set(hashKey(hash), vectors[i]!.slice());
      store.added += hashes.length;
    },
  };
  return store;
}

/** The backbone, and how often it was asked to prepare something. */
function watched(backbone: Backbone): { backbone: Backbone; prepared: () => number } {
  let calls = 0;
  const { preprocessor } = backbone;
  if (preprocessor.kind === "audio") throw new TypeError("texts and images only");
  const counting =
    preprocessor.kind === "text"
      ? {
          ...preprocessor,
          // No text is so long that it has to be tokenised only to be counted.
          maxTokens: 4096,
          encode: (text: string) => {
            calls++;
            return preprocessor.encode(text);
          },
        }
      : {
          ...preprocessor,
          prepare: (image: Uint8Array | string) => {
            calls++;
            return preprocessor.prepare(image);
          },
        };
  return { backbone: { ...backbone, preprocessor: counting }, prepared: () => calls };
}

describe("a store of known vectors", () => {
  it("saves tokenising and encoding what it knows, and learns the rest", async () => {
    const store = memoryStore();
    const first = textRows(90);
    await embedDataset({
      dataset: datasetOf(first),
      backbone: tinyTextBackbone(),
      out,
      store,
      windowRows: 40,
    });
    const before = await readEmbeddings(out);
    const distinct = new Set(first.map(({ content }) => (content.kind === "text" ? content.text : "")));
    expect(store.vectors.size).toBe(distinct.size);

    const tiny = tinyTextBackbone();
    const { backbone, prepared } = watched(tiny);
    const changed = [...first.slice(0, 50), ...textRows(3, 99), ...first.slice(50)].map((row, i) => ({
      ...row,
      id: `${i}`,
    }));
    await embedDataset({ dataset: datasetOf(changed), backbone, out, store, windowRows: 40 });
    // And the empty text, for what surrounds each.
    expect(prepared()).toBe(4);
    expect(tiny.usage.encoded).toBe(3);
    expect(store.added).toBe(distinct.size + 3);
    const after = await readEmbeddings(out);
    expect(after.ids).toEqual(changed.map(({ id }) => id));
    expect(after.X.data.slice(0, 50 * 8)).toEqual(before.X.data.slice(0, 50 * 8));
    expect(after.X.data.slice(53 * 8)).toEqual(before.X.data.slice(50 * 8));
    expect(after.X.data.slice(50 * 8, 51 * 8)).not.toEqual(before.X.data.slice(50 * 8, 51 * 8));
  });

  it("opens no session where it knows everything, and one for the first content that it does not", async () => {
    const store = memoryStore();
    const rows = textRows(4000);
    const first = await embedDataset({ dataset: datasetOf(rows), backbone: tinyTextBackbone(), out, store });
    expect(first.encoding.threads).toBeGreaterThan(0);
    const before = await readEmbeddings(out);
    let opened = 0;
    const tiny = tinyTextBackbone();
    const backbone: Backbone = {
      ...tiny,
      open: (options) => {
        opened++;
        return tiny.open(options);
      },
    };
    const again = await embedDataset({ dataset: datasetOf(rows), backbone, out, store });
    expect(opened).toBe(0);
    expect(again.encoding).toMatchObject({ contents: 0, threads: 0, sessions: 0 });
    expect((await readEmbeddings(out)).X.data).toEqual(before.X.data);

    const states: PartState[] = [];
    const onProgress = () => {
      const path = `${out}.part.json`;
      if (existsSync(path)) states.push(JSON.parse(readFileSync(path, "utf8")) as PartState);
    };
    const longer = datasetOf([...rows, ...textRows(2, 4000).map((row) => ({ ...row, id: `new ${row.id}` }))]);
    const options = { backbone, out, store, windowRows: 500, checkpointSeconds: 0, onProgress };
    expect((await embedDataset({ ...options, dataset: longer })).encoding).toMatchObject({ contents: 2 });
    expect(opened).toBe(1);
    // A part of known rows alone says nothing of threads, which one with computed rows is continued with.
    expect(states.some(({ consumed, compute }) => consumed <= 4000 && compute === undefined)).toBe(true);
    const computed = states.filter(({ consumed }) => consumed > 4000);
    expect(computed.map(({ compute }) => compute)).toEqual(computed.map(() => ({ threads: 1 })));
    expect(computed.length).toBeGreaterThan(0);
    expect((await readEmbeddings(out)).X.rows).toBe(4002);
  });

  it("tells of a backbone that does not open where the first content comes that is not known", async () => {
    const store = memoryStore();
    const rows = textRows(1000);
    await embedDataset({ dataset: datasetOf(rows), backbone: tinyTextBackbone(), out, store });
    const broken: Backbone = {
      ...tinyTextBackbone(),
      open: () => Promise.reject(new HeadstartError("model", "no such weights")),
    };
    for (const at of [0, 999]) {
      const changed = rows.map((row, i) =>
        i === at ? { ...row, content: { kind: "text" as const, text: "w1 w2 unheard of" } } : row,
      );
      const run = {
        dataset: datasetOf(changed),
        backbone: broken,
        out,
        store,
        windowRows: 50,
        restart: true,
      };
      await expect(embedDataset(run)).rejects.toMatchObject({ code: "model", message: "no such weights" });
    }
    expect((await readEmbeddings(out)).X.rows).toBe(1000);
  });

  it("counts texts that are cut short, whether their vectors are known or not", async () => {
    const tiny = tinyTextBackbone();
    const texts = [
      "w1 ".repeat(65).trim(),
      "w1 ".repeat(64).trim(),
      "w2",
      "\ufdfa".repeat(40),
      "w1 ".repeat(65).trim(),
    ];
    const rows = texts.map((text, i) => ({
      ...textRows(1)[0]!,
      id: `long-${i}`,
      content: { kind: "text" as const, text },
    }));
    const store = memoryStore();
    for (const encoded of [4, 4]) {
      const summary = await embedDataset({ dataset: datasetOf(rows), backbone: tiny, out, store });
      expect(summary).toMatchObject({ rows: 5, truncated: 2 });
      expect(tiny.usage.encoded).toBe(encoded);
    }
  });

  it("saves decoding images that it knows; those that are none are rejected each time", async () => {
    const store = memoryStore();
    const rows = textRows(6).map((row, i) => ({
      ...row,
      content: { kind: "image" as const, bytes: new Uint8Array(i === 4 ? 3 : 12).fill(i) },
    }));
    const dataset = datasetOf(rows, { modality: "image" });
    const whole = await embedDataset({ dataset, backbone: tinyImageBackbone(), out, store });
    const { X } = await readEmbeddings(out);
    const { backbone, prepared } = watched(tinyImageBackbone());
    const again = await embedDataset({ dataset, backbone, out, store });
    expect([whole.rejects, again.rejects]).toEqual([1, 1]);
    expect(prepared()).toBe(1);
    expect((await readEmbeddings(out)).X).toEqual(X);
  });

  it("is not told of vectors that are no numbers", async () => {
    const store = memoryStore();
    const backbone = tinyTextBackbone();
    const open: Backbone["open"] = async (session) => {
      const encoder = await backbone.open(session);
      return {
        ...encoder,
        encodeTexts: async (batch) => (await encoder.encodeTexts(batch)).fill(Number.NaN, 0, 8),
      };
    };
    const summary = await embedDataset({
      dataset: datasetOf(textRows(5)),
      backbone: { ...backbone, open },
      out,
      store,
    });
    expect(summary.rejects).toBe(1);
    expect(store.vectors.size).toBe(4);
  });

  it("that gives vectors of another length ends the run", async () => {
    const lookup: VectorStore["lookup"] = async (hashes) => hashes.map(() => new Float32Array(7));
    const run = embedDataset({
      dataset: datasetOf(textRows(5)),
      backbone: tinyTextBackbone(),
      out,
      store: { lookup, add: async () => undefined },
    });
    await expect(run).rejects.toMatchObject({ code: "shape", facts: { expected: [8], actual: [7] } });
  });
});
