import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { DatasetOptions } from "../../src/data/dataset-options.js";
import { openDataset } from "../../src/data/open-dataset.js";
import { allRows, contents } from "./temporary-folder.js";

/** Written by test/golden/data/generate.py with pyarrow, polars, duckdb and sqlite3. */
const fixtures = join(import.meta.dirname, "../golden/data/fixtures");
const open = (name: string, options: DatasetOptions = {}) => openDataset(join(fixtures, name), options);

const TEXTS = [
  "plain words",
  "é 漢字 😀",
  'a "quote", a\nbreak',
  "! empty text",
  "! empty text",
  "the last one",
];
const LABELS = ["good", "bad", "good", "good"];
const IDS = ["1", "2", "3", "4", "5", "1152921504606846976"];

const NESTED = [
  ...["none", "snappy", "gzip", "brotli", "zstd", "lz4", "v2"].map((codec) => `pyarrow-${codec}.parquet`),
  ...["pyarrow.arrow", "pyarrow.arrows", "pyarrow-lz4.feather", "pyarrow-zstd.feather"],
];
const FLAT = ["polars.parquet", "duckdb.parquet", "polars.arrow"];

describe.each([...NESTED, ...FLAT, "duckdb.jsonl.gz", "sqlite.sqlite"])("%s", (name) => {
  it("gives texts, labels and ids as they were written", async () => {
    const dataset = await open(name, { text: "text" });
    expect(dataset.columns).toMatchObject({ content: "text", label: "label", id: "id" });
    const rows = await allRows(dataset);
    expect(await contents(dataset)).toEqual(TEXTS);
    // JSON has no integers above 2^53.
    expect(rows.map((row) => row.id)).toEqual(
      name.endsWith(".jsonl.gz") ? [...IDS.slice(0, 5), "1152921504606847000"] : IDS,
    );
    expect(rows.flatMap((row) => (row.state === "row" ? [row.label] : []))).toEqual(LABELS);
    expect(await allRows(await open(name, { text: "text" }))).toEqual(rows);
  });

  it("is filtered by number, text and null", async () => {
    const ids = async (...where: string[]) =>
      (await allRows(await open(name, { text: "text", where }))).map((row) => row.id.slice(0, 3));
    expect(await ids("stars >= 4.5")).toEqual(["1", "115"]);
    expect(await ids("stars < 3", "label = bad")).toEqual(["2", "4"]);
    expect(await ids("stars is null")).toEqual(["3"]);
    expect(await ids("label is null")).toEqual(["5"]);
    expect(await ids("text ~ 漢")).toEqual(["2"]);
    expect(await ids("id > 1000")).toEqual(["115"]);
  });
});

describe.each([...NESTED, ...FLAT])("%s", (name) => {
  const texts = async (text: string) => contents(await open(name, { text, id: "", label: "" }));

  it("has numbers, booleans, dates and decimals as text", async () => {
    expect(await texts("small")).toEqual(["1", "2", "3", "! empty text", "5", "6"]);
    expect((await texts("flag")).slice(0, 3)).toEqual(["true", "false", "! empty text"]);
    expect((await texts("day")).slice(0, 2)).toEqual(["2024-05-17", "2024-05-18"]);
    expect((await texts("at")).slice(0, 2)).toEqual(["2024-05-17T10:30:00.000Z", "2024-05-17T10:30:01.000Z"]);
    expect(
      (await texts("price")).slice(0, 3).map((price) => (price.startsWith("!") ? null : Number(price))),
    ).toEqual([12.5, -0.05, null]);
  });

  it("has bytes as images, and not as text", async () => {
    const rows = await allRows(await open(name, { image: "raw" }));
    expect(rows).toHaveLength(6);
    expect(rows[2]).toMatchObject({ state: "row", content: { kind: "image" } });
    const { bytes } = (rows[2] as { content: { bytes: Uint8Array } }).content;
    expect([...bytes]).toEqual([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 2]);
    expect((await texts("raw"))[0]).toBe("! column 'raw' holds bytes, not text");
  });
});

describe.each(NESTED)("%s", (name) => {
  it("has nested values as images where they are bytes and a path, else as reasons", async () => {
    const images = await allRows(await open(name, { image: "image" }));
    expect(
      images.map((row) => row.state === "row" && [...(row.content as { bytes: Uint8Array }).bytes]),
    ).toEqual(Array.from({ length: 6 }, (_, i) => [0xff, 0xd8, 0xff, i]));
    const text = { id: "", label: "" };
    expect((await contents(await open(name, { ...text, text: "tags" })))[0]).toBe(
      "! column 'tags' holds a list, not text",
    );
    expect((await contents(await open(name, { ...text, text: "image" })))[0]).toBe(
      "! column 'image' holds an object, not text",
    );
    await expect(open(name, { text: "text", where: ["tags = a"] }).then(allRows)).rejects.toMatchObject({
      code: "data",
      message: expect.stringContaining("column 'tags' holds a list"),
    });
  });
});

describe("a database", () => {
  it("has tables, and views where they are named", async () => {
    const dataset = await open("sqlite.sqlite", { text: "text" });
    expect(dataset.count).toBe(6);
    expect(dataset.guesses[0]).toBe('table: "rows" (the only table)');
    expect(await contents(await open("sqlite.sqlite", { table: "SHORT" }))).toEqual(TEXTS.slice(0, 2));
    await expect(open("sqlite.sqlite", { table: "lines" })).rejects.toMatchObject({
      code: "data",
      message: "sqlite.sqlite has no table 'lines'",
      hint: "Tables: rows, short",
    });
  });
});

describe("a file packed with Zstandard", () => {
  it("is unpacked on the way", async () => {
    const rows = await contents(await open("pyarrow.jsonl.zst"));
    expect(rows).toHaveLength(3000);
    expect(rows[2999]).toBe("row number 2999 and so on and so on and so on ");
  });
});
