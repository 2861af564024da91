import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { KeptColumn } from "../../src/data/kept-columns.js";
import type { Row } from "../../src/data/row.js";
import {
  type EmbedOptions,
  embedDataset,
  readEmbeddings,
  streamEmbeddings,
} from "../../src/embeddings/index.js";
import { datasetOf, textRows, tinyTextBackbone } from "./tiny-backbone.js";

const folder = mkdtempSync(join(tmpdir(), "headstart-kept-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const KEPT: readonly KeptColumn[] = [
  { name: "user", type: "utf8" },
  { name: "count", type: "int64" },
  { name: "share", type: "float64" },
  { name: "new", type: "bool" },
];

const rows: Row[] = textRows(5000, 5).map((row, i) => ({
  ...row,
  kept: [
    i % 11 === 0 ? null : `grüße ${i % 50}`,
    i % 13 === 0 ? null : 2n ** 60n + BigInt(i),
    i % 17 === 0 ? null : i / 3,
    i % 3 === 0 ? null : i % 2 === 0,
  ],
}));
const values = KEPT.map((_, j) => rows.map((row) => row.kept![j]!));

const settings = (more: Partial<EmbedOptions> = {}): EmbedOptions => ({
  dataset: datasetOf(rows, { kept: KEPT }),
  backbone: tinyTextBackbone(),
  out: join(folder, "x.arrow"),
  batchTokens: 4096,
  ...more,
});

describe("kept columns", () => {
  it("come back as they went in, over several batches, nulls included", async () => {
    await embedDataset(settings());
    const { kept, meta } = await readEmbeddings(settings().out);
    expect(meta.kept).toEqual(KEPT);
    expect(kept).toEqual(values);
    let at = 0;
    for await (const batch of streamEmbeddings(settings().out)) {
      expect(batch.kept[1]).toEqual(values[1]!.slice(at, at + batch.ids.length));
      at += batch.ids.length;
    }
    expect(at).toBe(5000);
  });

  it("are read only where asked for", async () => {
    await embedDataset(settings());
    const { kept, ids } = await readEmbeddings(settings().out, { kept: ["count", "nowhere"] });
    expect(ids).toHaveLength(5000);
    expect(kept).toEqual([[], values[1], [], []]);
  });

  it("survive an interruption", async () => {
    const out = join(folder, "resumed.arrow");
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }) => {
      if (done >= 3000) controller.abort();
    };
    const stopped = settings({ out, signal: controller.signal, onProgress, windowRows: 100 });
    await expect(embedDataset(stopped)).rejects.toMatchObject({ code: "interrupted" });
    const { resumedAtRow } = await embedDataset(settings({ out, windowRows: 100 }));
    expect(resumedAtRow).toBeGreaterThan(2000);
    expect((await readEmbeddings(out)).kept).toEqual(values);
  });

  it("are absent from files that keep none", async () => {
    const out = join(folder, "none.arrow");
    await embedDataset(settings({ out, dataset: datasetOf(textRows(10)) }));
    const { kept, meta } = await readEmbeddings(out);
    expect([kept, meta.kept, meta.vectors]).toEqual([[], [], "fp32"]);
  });
});
