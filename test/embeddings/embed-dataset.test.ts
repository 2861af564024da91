import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Backbone } from "../../src/backbones/backbone.js";
import { HeadstartError } from "../../src/core/errors.js";
import type { ProgressEvent } from "../../src/core/progress.js";
import type { RejectedRow, Row } from "../../src/data/row.js";
import { embedDataset, readEmbeddings } from "../../src/embeddings/index.js";
import { datasetOf, textRows, tinyImageBackbone, tinyTextBackbone } from "./tiny-backbone.js";

let folder: string;
let out: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "headstart-embed-"));
  out = join(folder, "x.arrow");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const text = (id: string, content: string): Row => ({
  state: "row",
  id,
  content: { kind: "text", text: content },
  label: null,
  split: null,
  source: `rows.csv:${id}`,
});

describe("embedDataset", () => {
  it("says so in its metadata where rows have several labels, and keeps the empty set apart from none", async () => {
    const labels = ['["a","b"]', "[]", null];
    const rows = labels.map((label, i) => ({ ...text(`${i}`, `row ${i}`), label }));
    const dataset = { ...datasetOf(rows), multiLabel: true as const };
    await embedDataset({ dataset, backbone: tinyTextBackbone(), out });
    const several = await readEmbeddings(out);
    expect(several.meta.labels).toBe("multi");
    expect(Array.from(several.labels!.codes, (code) => several.labels!.values[code] ?? null)).toEqual(labels);
    await embedDataset({ dataset: datasetOf(rows), backbone: tinyTextBackbone(), out });
    expect((await readEmbeddings(out)).meta).not.toHaveProperty("labels");
  });

  it("keeps the input's order, and every value, whatever the batching did", async () => {
    const rows = textRows(300);
    const backbone = tinyTextBackbone();
    const summary = await embedDataset({
      dataset: datasetOf(rows),
      backbone,
      out,
      batchTokens: 128,
      windowRows: 100,
    });
    expect(summary).toMatchObject({ out, rows: 300, rejects: 0, rejectsFile: null, dim: 8, device: "cpu" });
    expect(backbone.usage.largestBatch).toBeLessThanOrEqual(128);

    const { ids, X, labels, splits, sources, meta } = await readEmbeddings(out);
    expect(ids).toEqual(rows.map((row) => row.id));
    expect(sources).toEqual(rows.map((row) => row.source));
    expect(labels!.values).toEqual(["apple", "größe", "pear"]);
    expect(Array.from(labels!.codes, (code) => labels!.values[code] ?? null)).toEqual(
      rows.map((row) => row.label),
    );
    expect(Array.from(splits!.codes, (code) => splits!.values[code] ?? null)).toEqual(
      rows.map((row) => row.split),
    );
    expect(meta).toMatchObject({
      fingerprint: backbone.fingerprint,
      backbone: backbone.spec,
      dataset: "rows.csv",
    });

    const encoder = await backbone.open();
    const alone = backbone.preprocessor;
    if (alone.kind !== "text") throw new Error("expected a text backbone");
    for (const i of [0, 1, 57, 99, 100, 299]) {
      const { content } = rows[i]!;
      const vector = await encoder.encodeTexts([
        alone.encode(content.kind === "text" ? content.text : "").ids,
      ]);
      for (let j = 0; j < 8; j++) expect(X.data[i * 8 + j]).toBeCloseTo(vector[j]!, 5);
    }
    await encoder.release();
    expect(await readdir(folder)).toEqual(["x.arrow"]);
  });

  it("ends at a fault of the program or the model; only bad content rejects a row", async () => {
    const faults = [
      new HeadstartError("model", "the tokenizer is broken"),
      Object.assign(new TypeError("not a string"), { code: "ERR_INVALID_ARG_TYPE" }),
    ];
    for (const fault of faults) {
      const backbone = tinyTextBackbone();
      const encode = () => {
        throw fault;
      };
      const broken = { ...backbone, preprocessor: { kind: "text", maxTokens: 8, encode } as const };
      await expect(embedDataset({ dataset: datasetOf(textRows(3)), backbone: broken, out })).rejects.toBe(
        fault,
      );
    }
  });

  it("holds few of large images at a time", async () => {
    const small = tinyImageBackbone();
    const image = (id: string): Row => ({
      ...text(id, ""),
      content: { kind: "image", bytes: Uint8Array.from({ length: 12 }, (_, i) => i + Number(id)) },
    });
    const rows = Array.from({ length: 32 }, (_, i) => image(`${i}`));
    await embedDataset({ dataset: datasetOf(rows, { modality: "image" }), backbone: small, out });
    expect(small.usage.batches).toBe(4);
    const large = tinyImageBackbone();
    const preprocessor = { ...large.preprocessor, width: 1024, height: 1024 } as Backbone["preprocessor"];
    const dataset = datasetOf(rows, { modality: "image" });
    await embedDataset({ dataset, backbone: { ...large, preprocessor }, out });
    expect(large.usage.batches).toBe(16);
  });

  it("embeds equal texts of a window once", async () => {
    const rows = Array.from({ length: 50 }, (_, i) => text(`${i}`, ["one", "two words", "three"][i % 3]!));
    const backbone = tinyTextBackbone();
    await embedDataset({ dataset: datasetOf(rows), backbone, out });
    expect(backbone.usage.encoded).toBe(3);
    const { X } = await readEmbeddings(out);
    expect(X.rows).toBe(50);
    expect(X.data.slice(3 * 8, 4 * 8)).toEqual(X.data.slice(0, 8));
    expect(X.data.slice(8, 16)).not.toEqual(X.data.slice(0, 8));
  });

  it("sends bad rows to the rejects file, and the rows after them into the right places", async () => {
    const rows: (Row | RejectedRow)[] = [
      text("a", "one"),
      { state: "rejected", id: "b", source: "rows.csv:3", reason: "the text is empty" },
      text("c", "!"),
      text("d", "four"),
    ];
    const summary = await embedDataset({ dataset: datasetOf(rows), backbone: tinyTextBackbone(), out });
    expect(summary).toMatchObject({ rows: 2, rejects: 2, rejectsFile: `${out}.rejects.jsonl` });
    const lines = (await readFile(summary.rejectsFile!, "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { id: "b", source: "rows.csv:3", reason: "the text is empty" },
      { id: "c", source: "rows.csv:c", reason: "the text cannot be tokenised" },
    ]);
    expect((await readEmbeddings(out)).ids).toEqual(["a", "d"]);

    await embedDataset({ dataset: datasetOf([text("a", "one")]), backbone: tinyTextBackbone(), out });
    expect(await readdir(folder)).toEqual(["x.arrow"]);
  });

  it("stops at a bad row under onError fail, leaving no file", async () => {
    const rows = [text("a", "one"), text("b", "!")];
    const run = embedDataset({
      dataset: datasetOf(rows),
      backbone: tinyTextBackbone(),
      out,
      onError: "fail",
    });
    await expect(run).rejects.toMatchObject({ code: "data", facts: { id: "b" } });
    expect(await readdir(folder)).not.toContain("x.arrow");
  });

  it("refuses a data set of which nothing can be embedded, and leaves the old file as it was", async () => {
    await writeFile(out, "what was there before");
    const backbone = tinyTextBackbone();
    const none = embedDataset({ dataset: datasetOf([text("a", "!"), text("b", "!")]), backbone, out });
    await expect(none).rejects.toMatchObject({
      code: "data",
      hint: "The first: rows.csv:a: the text cannot be tokenised",
    });
    await expect(embedDataset({ dataset: datasetOf([]), backbone, out })).rejects.toMatchObject({
      code: "data",
    });
    expect(await readdir(folder)).toEqual(["x.arrow"]);
    expect(await readFile(out, "utf8")).toBe("what was there before");
  });

  it("rejects the rows whose vectors are no numbers, each time they occur, and no others", async () => {
    const backbone = tinyTextBackbone();
    const overflowing: Backbone = {
      ...backbone,
      async open(session) {
        const encoder = await backbone.open(session);
        const encodeTexts: typeof encoder.encodeTexts = async (batch) => {
          const vectors = await encoder.encodeTexts(batch);
          batch.forEach((ids, i) => {
            if (ids.length === 2) vectors[i * 8 + 7] = Number.POSITIVE_INFINITY;
            if (ids.length === 3) vectors[i * 8] = Number.NaN;
          });
          return vectors;
        };
        return { ...encoder, encodeTexts };
      },
    };
    // Five rows are left, and there are five different contents: their vectors do not lie in place all the same.
    const contents = ["a", "a b", "a", "a b c", "a b c d", "a b", "a", "a b c d e"];
    const rows = contents.map((content, i) => text(String(i), content));
    const summary = await embedDataset({ dataset: datasetOf(rows), backbone: overflowing, out });
    expect(summary).toMatchObject({ rows: 5, rejects: 3 });
    const lines = (await readFile(summary.rejectsFile!, "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(["1", "3", "5"]);
    expect(lines[0]).toContain("no finite numbers");
    const { ids, X } = await readEmbeddings(out);
    expect(ids).toEqual(["0", "2", "4", "6", "7"]);
    const encoder = await backbone.open();
    for (const [i, id] of ids.entries()) {
      const { preprocessor } = backbone;
      if (preprocessor.kind !== "text") throw new Error("expected a text backbone");
      const alone = await encoder.encodeTexts([preprocessor.encode(contents[Number(id)]!).ids]);
      expect(X.data.subarray(i * 8, (i + 1) * 8)).toEqual(alone);
    }
    await encoder.release();
  });

  it("embeds images, equal ones once, and rejects what is none", async () => {
    const image = (id: string, bytes: Uint8Array): Row => ({
      state: "row",
      id,
      content: { kind: "image", bytes },
      label: id,
      split: null,
      source: `${id}.png`,
    });
    const onDisk = join(folder, "white.png");
    await writeFile(onDisk, new Uint8Array(12).fill(255));
    const white: Row = { ...image("white", new Uint8Array()), content: { kind: "image", path: onDisk } };
    const missing: Row = { ...white, id: "gone", content: { kind: "image", path: join(folder, "gone.png") } };
    const red = Uint8Array.from({ length: 12 }, (_, i) => (i < 4 ? 255 : 0));
    const rows = [
      image("red", red),
      white,
      image("cut", red.slice(0, 5)),
      missing,
      image("again", red.slice()),
    ];
    const backbone = tinyImageBackbone();
    const summary = await embedDataset({ dataset: datasetOf(rows, { modality: "image" }), backbone, out });
    expect(summary).toMatchObject({ rows: 3, rejects: 2 });
    expect(backbone.usage.encoded).toBe(2);
    const { ids, X } = await readEmbeddings(out);
    expect(ids).toEqual(["red", "white", "again"]);
    expect(Array.from(X.data)).toEqual([1, 0, 0, 1, 1, 1, 1, 0, 0]);
  });

  it("counts texts that were cut, and reports progress up to the last row", async () => {
    const long = Array.from({ length: 70 }, (_, i) => `word${i}`).join(" ");
    const seen: ProgressEvent[] = [];
    const summary = await embedDataset({
      dataset: datasetOf([text("a", long), text("b", "short"), text("c", long)]),
      backbone: tinyTextBackbone(),
      out,
      onProgress: (event) => seen.push(event),
    });
    expect(summary.truncated).toBe(2);
    // The short one is filled up to the 64 tokens of the other.
    const encoding = { tokens: 65, paddingShare: 1 - 65 / 128, rejects: 0 };
    expect(seen.at(-1)).toEqual({ stage: "embed", done: 3, total: 3, unit: "rows", encoding });
  });

  it("names a folder that cannot be written, before it opens the backbone", async () => {
    await writeFile(join(folder, "file"), "");
    const inside = join(folder, "file", "x.arrow");
    const backbone = { ...tinyTextBackbone(), open: () => Promise.reject(new Error("opened too early")) };
    const run = embedDataset({ dataset: datasetOf([text("a", "one")]), backbone, out: inside });
    await expect(run).rejects.toMatchObject({ code: "io", facts: { path: inside } });
  });

  it.skipIf(process.getuid?.() === 0)(
    "names a folder without write permission (skipped: root may write anywhere)",
    async () => {
      await chmod(folder, 0o500);
      const run = embedDataset({ dataset: datasetOf([text("a", "one")]), backbone: tinyTextBackbone(), out });
      await expect(run).rejects.toMatchObject({ code: "io", facts: { path: out } });
      await chmod(folder, 0o700);
    },
  );

  it("refuses options that make no sense", async () => {
    const dataset = datasetOf([text("a", "one")]);
    const backbone = tinyTextBackbone();
    await expect(embedDataset({ dataset, backbone, out, batchTokens: 0 })).rejects.toMatchObject({
      code: "usage",
    });
    await expect(embedDataset({ dataset, backbone, out, windowRows: 1.5 })).rejects.toMatchObject({
      code: "usage",
    });
    const other = embedDataset({ dataset, backbone: tinyImageBackbone(), out });
    await expect(other).rejects.toMatchObject({ code: "usage" });
  });
});
