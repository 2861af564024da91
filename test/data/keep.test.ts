import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openDataset } from "../../src/data/open-dataset.js";
import { allRows, temporaryFolder } from "./temporary-folder.js";

/** Written by test/golden/data/generate.py with pyarrow, polars, duckdb and sqlite3. */
const fixtures = join(import.meta.dirname, "../golden/data/fixtures");
const folder = temporaryFolder();

const keptOf = async (input: string, keep: readonly string[], text = "text") => {
  const dataset = await openDataset(input, { text, keep });
  const rows = await allRows(dataset);
  return { columns: dataset.kept, values: rows.flatMap((row) => (row.state === "row" ? [row.kept] : [])) };
};

describe("kept columns", () => {
  it.each([
    "pyarrow-none.parquet",
    "pyarrow-v2.parquet",
    "pyarrow.arrow",
    "pyarrow.arrows",
    "polars.parquet",
  ])("%s: are of the declared types", async (name) => {
    const keep = ["small", "stars", "flag", "day"];
    const { columns, values } = await keptOf(join(fixtures, name), keep);
    expect(columns).toEqual([
      { name: "small", type: "int64" },
      { name: "stars", type: "float64" },
      { name: "flag", type: "bool" },
      { name: "day", type: "utf8" },
    ]);
    expect(values).toEqual([
      [1n, 4.5, true, "2024-05-17"],
      [2n, 1, false, "2024-05-18"],
      [3n, null, null, "2024-05-19"],
      [6n, 5, true, "2024-05-22"],
    ]);
  });

  it("are text where the format declares no types: CSV, JSON, SQLite", async () => {
    const csv = folder.write("a.csv", 'text,n,user\none,1,u1\ntwo,,"  "\n');
    expect(await keptOf(csv, ["user", "n"])).toEqual({
      columns: [
        { name: "user", type: "utf8" },
        { name: "n", type: "utf8" },
      ],
      values: [
        ["u1", "1"],
        ["  ", ""],
      ],
    });
    const lines = [
      '{"text":"one","n":1.5,"tags":["a",{"b":1}]}',
      '{"text":"two","n":null}',
      '{"text":"x","n":true}',
    ];
    const jsonl = folder.write("a.jsonl", `${lines.join("\n")}\n`);
    expect((await keptOf(jsonl, ["n", "tags"])).values).toEqual([
      ["1.5", '["a",{"b":1}]'],
      [null, null],
      ["true", null],
    ]);
    const sqlite = await keptOf(join(fixtures, "sqlite.sqlite"), ["stars"]);
    expect(sqlite.columns).toEqual([{ name: "stars", type: "utf8" }]);
    expect(sqlite.values).toEqual([["4.5"], ["1"], [null], ["5"]]);
  });

  it("may be columns that are read anyway", async () => {
    const csv = folder.write("b.csv", "body,stars\none text,5\n");
    const dataset = await openDataset(csv, { text: "body", label: "stars", keep: ["body", "stars"] });
    expect(await allRows(dataset)).toMatchObject([{ label: "5", kept: ["one text", "5"] }]);
  });

  it("are text where files of one pattern declare other types", async () => {
    const { tableFromArrays, tableToIPC } = await import("apache-arrow");
    const write = (name: string, n: Int32Array | Float64Array) =>
      folder.write(name, tableToIPC(tableFromArrays({ text: ["some words", "more words"], n }), "file"));
    write("p1.arrow", Int32Array.of(1, 2));
    write("p2.arrow", Float64Array.of(1.5, 2));
    const { columns, values } = await keptOf(join(folder.path, "p?.arrow"), ["n"]);
    expect(columns).toEqual([{ name: "n", type: "utf8" }]);
    expect(values).toEqual([["1"], ["2"], ["1.5"], ["2"]]);
  });

  it("reject rows whose value is no text", async () => {
    const { values } = await keptOf(join(fixtures, "pyarrow-none.parquet"), ["raw"]);
    expect(values).toEqual([]);
    const rows = await allRows(
      await openDataset(join(fixtures, "pyarrow-none.parquet"), { text: "text", keep: ["raw"] }),
    );
    expect(rows[0]).toMatchObject({ state: "rejected", reason: "column 'raw' holds bytes, not text" });
  });

  const csv = folder.write("c.csv", "text,label,user\nwords,a,u\n");
  it.each([
    [["label"], "usage", /--keep label: embeddings have a column 'label' of their own/],
    [["headstart.position"], "usage", /headstart.position' of their own/],
    [["user", "user"], "usage", /--keep user is given twice/],
    [["usr"], "data", /c.csv has no column 'usr'/],
  ] as const)("%s is refused", async (keep, code, message) => {
    await expect(openDataset(csv, { keep })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/Taken: id, embedding|Once|Columns: text, label, user/),
    });
  });

  it("are refused where there are none, and where they hold lists", async () => {
    const text = folder.write("d.txt", "a line\n");
    await expect(openDataset(text, { keep: ["user"] })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(/--keep user: d.txt is plain text and has no columns/),
    });
    for (const name of ["pyarrow-none.parquet", "pyarrow.arrow"]) {
      await expect(openDataset(join(fixtures, name), { text: "text", keep: ["tags"] })).rejects.toMatchObject(
        {
          code: "data",
          message: `${name}: column 'tags' holds lists or objects`,
        },
      );
    }
  });
});
