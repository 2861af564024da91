import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Row } from "../../src/data/row.js";
import { embedDataset, readEmbeddings } from "../../src/embeddings/index.js";
import { datasetOf, textRows, tinyTextBackbone } from "./tiny-backbone.js";

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
});
