import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, it } from "vitest";
import type { DatasetOptions } from "../../src/data/dataset-options.js";
import { openDataset } from "../../src/data/open-dataset.js";
import { allRows, temporaryFolder } from "./temporary-folder.js";

/** Written by test/golden/data/label_lists.py with pyarrow, polars and duckdb. */
const fixtures = join(import.meta.dirname, "../golden/data/fixtures");
const folder = temporaryFolder();

/** Labels as they are kept, or the reason after an exclamation mark. */
async function labels(path: string, options: DatasetOptions): Promise<(string | null)[]> {
  const rows = await allRows(await openDataset(path, { text: "text", ...options }));
  return rows.map((row) => (row.state === "row" ? row.label : `! ${row.reason}`));
}

describe("several labels a row", () => {
  const WRITTEN = ['["comedy","drama"]', "[]", null, '["größe"]', '["drama","war"]'];

  it.each([
    "pyarrow.parquet",
    "polars.parquet",
    "duckdb.parquet",
    "pyarrow.feather",
  ])("are read from lists of %s", async (name) => {
    const path = join(fixtures, `label-lists-${name}`);
    expect(await labels(path, { label: "tags", multiLabel: true })).toEqual(WRITTEN);
    expect(await labels(path, { label: "tags", multiLabel: "|" })).toEqual(WRITTEN);
    expect(await labels(path, { label: "years", multiLabel: true })).toEqual([
      '["1999"]',
      "[]",
      null,
      '["1999","2001"]',
      '["5"]',
    ]);
    const refused = "! column 'tags' holds a list, not text";
    expect(await labels(path, { label: "tags" })).toEqual([refused, refused, null, refused, refused]);
    expect((await openDataset(path, { text: "text", label: "tags", multiLabel: true })).multiLabel).toBe(
      true,
    );
  });

  it("are read from lists of a DuckDB table", async () => {
    const path = join(folder.path, "lists.duckdb");
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    await connection.run("CREATE TABLE t (text VARCHAR, tags VARCHAR[])");
    await connection.run("INSERT INTO t VALUES ('a b', ['x', 'w']), ('c d', []), ('e f', NULL)");
    connection.closeSync();
    instance.closeSync();
    expect(await labels(path, { label: "tags", multiLabel: true })).toEqual(['["w","x"]', "[]", null]);
  });

  it("are read from JSON lists: an empty one is no missing one", async () => {
    const rows = [
      { text: "a b", tags: ["y", "x", "x"] },
      { text: "c d", tags: [] },
      { text: "e f", tags: null },
      { text: "g h" },
      { text: "i j", tags: [7, true] },
      { text: "k l", tags: ["x", null] },
      { text: "m n", tags: [["x"]] },
    ];
    const path = folder.write("rows.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
    expect(await labels(path, { label: "tags", multiLabel: true })).toEqual([
      '["x","y"]',
      "[]",
      null,
      null,
      '["7","true"]',
      "! column 'tags' has a null in its list",
      "! column 'tags' holds a list, not text",
    ]);
  });

  it.each([
    ["|"],
    [";"],
    [","],
    ["::"],
  ])("are split by '%s' in CSV; an empty cell is the empty set", async (by) => {
    const cells = [`b${by} a ${by}${by}b`, "", "one", '["c","d,e"]'];
    const csv = `text,tags\n${cells.map((cell, i) => `row ${i},"${cell.replaceAll('"', '""')}"`).join("\n")}\n`;
    expect(await labels(folder.write("rows.csv", csv), { label: "tags", multiLabel: by })).toEqual([
      '["a","b"]',
      "[]",
      '["one"]',
      '["c","d,e"]',
    ]);
  });

  it("are refused as text without a separator, naming the one to give", async () => {
    const path = folder.write("joined.csv", "text,tags\na b,x;y\n");
    await expect(openDataset(path, { text: "text", label: "tags", multiLabel: true })).rejects.toMatchObject({
      code: "data",
      message: "joined.csv:2: column 'tags' holds text, not a list of labels: 'x;y'",
      hint: expect.stringContaining("--multi-label ';'"),
    });
  });

  it.each([
    [{ multiLabel: "reviews.csv" }, /cannot be separated by 'reviews.csv'/],
    [{ multiLabel: " " }, /cannot be separated/],
    [{ multiLabel: true, label: "" }, /no column has them/],
  ])("are refused for %j", async (options, message) => {
    const path = folder.write("plain.csv", "text,tags\na b,x\n");
    await expect(openDataset(path, { text: "text", ...options })).rejects.toThrow(message);
  });

  it("need a table", async () => {
    const path = folder.write("lines.txt", "a line\n");
    await expect(openDataset(path, { multiLabel: true })).rejects.toMatchObject({ code: "usage" });
  });

  it("make another identity, so that a run is not taken up with other labels", async () => {
    const path = folder.write("identity.csv", "text,tags\na b,x\n");
    const identity = async (multiLabel: string) =>
      (await openDataset(path, { text: "text", label: "tags", multiLabel })).identity;
    expect(await identity("|")).not.toBe(await identity(";"));
  });
});
