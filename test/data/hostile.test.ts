import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { HeadstartError } from "../../src/core/errors.js";
import { random } from "../../src/core/random.js";
import { openDataset } from "../../src/data/open-dataset.js";
import { allRows, contents, temporaryFolder } from "./temporary-folder.js";

const folder = temporaryFolder();
const fixture = (name: string): Buffer =>
  readFileSync(join(import.meta.dirname, "../golden/data/fixtures", name));

/** Opens and reads; what comes out is either rows or a named error. */
async function outcome(file: string): Promise<number | HeadstartError> {
  try {
    return (await allRows(await openDataset(file, { text: "text", id: "", label: "" }))).length;
  } catch (thrown) {
    if (thrown instanceof HeadstartError) return thrown;
    throw new Error(`${file} ended in ${String(thrown)}`, { cause: thrown });
  }
}

describe.each([
  "pyarrow-snappy.parquet",
  "pyarrow-v2.parquet",
  "polars.parquet",
  "pyarrow.arrow",
  "pyarrow.arrows",
  "pyarrow-lz4.feather",
  "sqlite.sqlite",
])("%s, damaged", (name) => {
  const whole = fixture(name);

  it("gives rows or a named error, and no more rows than there are", async () => {
    const rng = random(11);
    const most = 6;
    for (let round = 0; round < 50; round++) {
      const bytes = Buffer.from(whole);
      const hits = 1 + Math.floor(rng.next() * 6);
      for (let hit = 0; hit < hits; hit++) {
        // Half of the hits go to the end, where Parquet and Arrow keep their footers.
        const from = rng.next() < 0.5 ? Math.max(0, bytes.length - 1500) : 0;
        bytes[from + Math.floor(rng.next() * (bytes.length - from))] = Math.floor(rng.next() * 256);
      }
      const found = await outcome(folder.write(`damaged-${name}`, bytes));
      if (typeof found === "number") expect(found).toBeLessThanOrEqual(most);
      else expect(["data", "io"]).toContain(found.code);
    }
  }, 30_000);

  it("is an error wherever it is cut", async () => {
    for (let share = 0; share < 1; share += 0.07) {
      const found = await outcome(
        folder.write(`cut-${name}`, whole.subarray(0, Math.floor(whole.length * share))),
      );
      if (name.endsWith("arrows") || name.endsWith("sqlite")) continue;
      expect(found).toMatchObject({ code: "data", message: expect.stringContaining(`cut-${name}`) });
    }
  });
});

describe("a file that is something else", () => {
  it.each([
    ["x.parquet", "is not a Parquet file"],
    ["x.arrow", "is no Arrow file"],
    ["x.feather", "is no Arrow file"],
    ["x.sqlite", "is not an SQLite database"],
    ["x.duckdb", "DuckDB cannot read it"],
    ["x.json", "neither an array nor an object"],
  ])("%s %s", async (name, message) => {
    const found = await outcome(
      folder.write(name, "dear all, this is a letter and not a table\n".repeat(10)),
    );
    expect(found).toMatchObject({
      code: "data",
      message: expect.stringContaining(message),
      hint: expect.any(String),
    });
  });

  it("is bytes with NUL", async () => {
    for (const name of ["nul.csv", "nul.jsonl", "nul.json", "nul.txt"]) {
      const found = await outcome(folder.write(name, Buffer.from("text\na\0b\n")));
      expect(found).toMatchObject({ code: name === "nul.txt" ? "usage" : "data" });
    }
  });
});

describe("a Parquet file that lies", () => {
  it("about the size of a page is refused before it is unpacked", async () => {
    const text = Array.from({ length: 2000 }, () => "word ".repeat(20));
    const bytes = Buffer.from(
      parquetWriteBuffer({ columnData: [{ name: "text", data: text, type: "STRING" }], codec: "SNAPPY" }),
    );
    // A page's header says its type, then what it unpacks to, as a zigzag varint.
    const before = process.memoryUsage.rss();
    for (const offset of [4, 5, 6, 7, 8, 9, 10]) {
      const lying = Buffer.from(bytes);
      lying.fill(0xff, offset, offset + 3);
      const found = await outcome(folder.write("page.parquet", lying));
      if (typeof found === "number") expect(found).toBe(2000);
      else expect(found.code).toBe("data");
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(400e6);
  });
});

describe("a database in the middle of a change", () => {
  it("is refused, and nothing is written beside one that is read", async () => {
    mkdirSync(join(folder.path, "db"));
    const file = folder.write("db/rows.sqlite", fixture("sqlite.sqlite"));
    expect(await outcome(file)).toBe(6);
    expect(readdirSync(join(folder.path, "db"))).toEqual(["rows.sqlite"]);
    writeFileSync(`${file}-wal`, "something");
    expect(await outcome(file)).toMatchObject({
      code: "data",
      message: expect.stringContaining("rows.sqlite-wal lies beside it"),
    });
  });
});

describe("text that is no text", () => {
  it("with half a character is a rejected row", async () => {
    const lines = [
      '{"id":"1","text":"ok \\ud83d\\ude00"}',
      '{"id":"2","text":"cut \\ud83d"}',
      '{"id":"\\ude00","text":"a"}',
      '{"id":"4","text":"a","label":"\\ud800"}',
    ];
    const rows = await contents(await openDataset(folder.write("half.jsonl", lines.join("\n"))));
    expect(rows).toEqual([
      "ok 😀",
      "! column 'text' holds half a character (U+D83D, a lone surrogate) at 5",
      "! column 'id' holds half a character (U+DE00, a lone surrogate) at 1",
      "! column 'label' holds half a character (U+D800, a lone surrogate) at 1",
    ]);
  });

  it("of one endless line is bounded", async () => {
    const file = folder.write("endless.json", `[{"text":"${"x".repeat(100 * 2 ** 20)}"}]`);
    await expect(openDataset(file)).rejects.toMatchObject({
      code: "data",
      message: expect.stringContaining("endless.json, row 1 (line 1): longer than 80000000 bytes"),
    });
  });
});

describe("names", () => {
  it("may hold line breaks, and lead nowhere else", async () => {
    const name = "two\nlines.png";
    folder.write(`names/a/${name}`, "x");
    folder.write("secret.png", "x");
    symlinkSync(join(folder.path, "names"), join(folder.path, "names", "a", "loop"));
    const dataset = await openDataset(join(folder.path, "names"));
    expect((await allRows(dataset)).map((row) => row.id)).toEqual([`a/${name}`]);
    expect(dataset.guesses).toContain("1 symbolic link was skipped: links are not followed");
    const list = folder.write(
      "names/list.jsonl",
      [name, "../secret.png", "a/../../secret.png", "a/\0.png"]
        .map((path) => JSON.stringify({ image: path.startsWith("two") ? `a/${path}` : path }))
        .join("\n"),
    );
    const rows = await contents(await openDataset(list, { image: "image" }));
    expect(rows[0]).toMatch(/two\nlines\.png$/);
    expect(rows.slice(1)).toEqual([
      expect.stringContaining("lies outside the data set's folder"),
      expect.stringContaining("lies outside the data set's folder"),
      "! a path with a NUL byte",
    ]);
  });
});

describe("a table of too many columns", () => {
  it("is refused, and hints stay short", async () => {
    const many = (count: number): string => `${Array.from({ length: count }, (_, i) => `c${i}`).join(",")}\n`;
    expect(await outcome(folder.write("wide.csv", many(20_000)))).toMatchObject({
      code: "data",
      message: "wide.csv has 20000 columns; at most 16384 are read",
    });
    const narrower = await outcome(folder.write("narrower.csv", many(5000) + many(5000)));
    expect((narrower as HeadstartError).hint!.length).toBeLessThan(2000);
  });
});
