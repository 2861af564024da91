import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { KeptCell, KeptColumn } from "../../../src/data/kept-columns.js";
import type { Row } from "../../../src/data/row.js";
import { embedDataset } from "../../../src/embeddings/engine/embed-dataset.js";
import { readEmbeddings } from "../../../src/embeddings/file/read-embeddings.js";
import { convert } from "../../../src/index.js";
import { temporaryFolder } from "../../data/temporary-folder.js";
import { datasetOf, textRows, tinyTextBackbone } from "../tiny-backbone.js";

const { path } = temporaryFolder();
const file = (name: string): string => join(path, name);
const KEPT: readonly KeptColumn[] = [
  { name: "note", type: "utf8" },
  { name: "n", type: "int64" },
  { name: "x", type: "float64" },
  { name: "yes", type: "bool" },
];

/** Over one batch, with what tables quote, nulls everywhere, and the ends of each type. */
function rows(): Row[] {
  return textRows(4200, 3).map((row, i): Row => {
    const kept: KeptCell[] = [
      i % 4 === 0 ? null : `a "quoted", word\nand größe ${i}`,
      i % 3 === 0 ? null : 2n ** 63n - 1n - BigInt(i),
      i % 5 === 0 ? null : i / 7,
      i % 6 === 0 ? null : i % 2 === 0,
    ];
    return { ...row, source: i === 9 ? 'odd, "name".csv:11' : row.source, kept };
  });
}

async function written(name: string, vectors: "fp32" | "fp16", all = rows()): Promise<string> {
  const dataset = { ...datasetOf(all), kept: KEPT };
  await embedDataset({ dataset, backbone: tinyTextBackbone(), out: file(name), vectors });
  return file(name);
}

describe("embeddings, converted and converted back", () => {
  beforeAll(async () => {
    await written("fp32.arrow", "fp32");
    await written("fp16.arrow", "fp16");
  });

  it.each([
    "fp32",
    "fp16",
  ] as const)("are the same bytes by way of Parquet, NumPy and a stream: %s", async (store) => {
    const input = file(`${store}.arrow`);
    for (const extension of ["parquet", "npy", "arrows"]) {
      const out = file(`${store}.${extension}`);
      const back = file(`${store}-${extension}.arrow`);
      expect(await convert({ input, out })).toMatchObject({ rows: 4200, rejects: 0, dim: 8, store, out });
      expect(await convert({ input: out, out: back })).toMatchObject({ rows: 4200, rejects: 0 });
      expect(readFileSync(back).equals(readFileSync(input)), extension).toBe(true);
    }
  });

  it("are the same bytes by way of one foreign format after the other", async () => {
    await convert({ input: file("fp32.arrow"), out: file("a.npy"), rows: file("a.rows.jsonl") });
    await convert({ input: file("a.npy"), out: file("b.parquet") });
    await convert({ input: file("b.parquet"), out: file("c.arrows") });
    await convert({ input: file("c.arrows"), out: file("d.npy") });
    await convert({ input: file("d.npy"), out: file("e.arrow") });
    expect(readFileSync(file("e.arrow")).equals(readFileSync(file("fp32.arrow")))).toBe(true);
  });

  it("tell an empty text from none, but where the rows are CSV", async () => {
    const note = ["", null, " ", "null", ""];
    const some = rows().slice(0, note.length);
    const empty = some.map((row, i): Row => ({ ...row, kept: [note[i]!, ...row.kept!.slice(1)] }));
    const input = await written("empty.arrow", "fp32", empty);
    const back = file("empty-again.arrow");
    for (const out of ["empty.parquet", "empty.arrows", "empty.npy"]) {
      await convert({ input, out: file(out), ...(out.endsWith(".npy") && { rows: file("empty.jsonl") }) });
      await convert({
        input: file(out),
        out: back,
        ...(out.endsWith(".npy") && { ids: file("empty.jsonl") }),
      });
      expect(readFileSync(back).equals(readFileSync(input)), out).toBe(true);
    }
    await convert({ input, out: file("empty.npy") });
    await convert({ input: file("empty.npy"), out: back });
    const { kept } = await readEmbeddings(back, { kept: ["note"] });
    expect(kept[0]).toEqual([null, null, " ", "null", null]);
  });

  it("are written into a folder that is made, as embed makes it", async () => {
    const input = await written("new/folder/few.arrow", "fp32", rows().slice(0, 3));
    for (const out of ["other/folder/few.npy", "third/few.parquet", "fourth/few.arrows"]) {
      expect(await convert({ input, out: file(out) })).toMatchObject({ rows: 3 });
    }
  });

  it("keep a file without a single label or split", async () => {
    const bare = rows()
      .slice(0, 3)
      .map((row) => ({ ...row, label: null, split: null }));
    await written("bare.arrow", "fp32", bare);
    for (const extension of ["parquet", "npy", "arrows"]) {
      await convert({ input: file("bare.arrow"), out: file(`bare.${extension}`) });
      await convert({ input: file(`bare.${extension}`), out: file("again.arrow") });
      expect(readFileSync(file("again.arrow")).equals(readFileSync(file("bare.arrow"))), extension).toBe(
        true,
      );
    }
  });
});

describe("what is not written", () => {
  it("replaces its own input", async () => {
    await expect(convert({ input: file("fp32.arrow"), out: file("fp32.arrow") })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("would be overwritten") as string,
    });
  });

  it("has a name that says nothing", async () => {
    await expect(convert({ input: file("fp32.arrow"), out: file("x.csv") })).rejects.toMatchObject({
      code: "usage",
      hint: expect.stringContaining(".parquet") as string,
    });
  });

  it("is left behind half done", async () => {
    const controller = new AbortController();
    const { readdirSync } = await import("node:fs");
    const before = readdirSync(path).sort();
    const onProgress = (): void => controller.abort();
    const { signal } = controller;
    for (const name of ["half.parquet", "half.npy", "half.arrow"]) {
      await expect(
        convert({ input: file("fp32.arrow"), out: file(name), onProgress, signal }),
      ).rejects.toMatchObject({ code: "interrupted" });
    }
    expect(readdirSync(path).sort()).toEqual(before);
  });

  it("takes options that are for others' vectors", async () => {
    await expect(
      convert({ input: file("fp32.parquet"), out: file("x.arrow"), label: "note" }),
    ).rejects.toMatchObject({ code: "usage", facts: { flag: "--label" } });
  });
});
