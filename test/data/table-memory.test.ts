import { execFileSync } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { Table, tableToIPC, Utf8, vectorFromArray } from "apache-arrow";
import { parquetWriteBuffer } from "hyparquet-writer";
import nodeSqlite from "node-sqlite3-wasm";
import { describe, expect, it } from "vitest";
import { openDataset } from "../../src/data/open-dataset.js";
import { temporaryFolder } from "./temporary-folder.js";

const folder = temporaryFolder();
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const ROWS = 60_000;
const WORDS = "some words of a row that is long enough to be seen in memory, ".repeat(6);
const textOf = (i: number): string => `${i} ${WORDS}`;
const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => textOf(from + i));

function memory(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Writes the same rows in each format: 23 MB of text. */
const WRITERS: Record<string, (file: string) => void | Promise<void>> = {
  json: (file) => {
    writeFileSync(file, "[");
    for (let from = 0; from < ROWS; from += 10_000) {
      const part = texts(from, from + 10_000).map((text) => JSON.stringify({ text }));
      appendFileSync(file, `${from === 0 ? "" : ","}${part.join(",")}`);
    }
    appendFileSync(file, "]");
  },
  "jsonl.gz": (file) => {
    writeFileSync(
      file,
      gzipSync(
        texts(0, ROWS)
          .map((text) => JSON.stringify({ text }))
          .join("\n"),
        { level: 1 },
      ),
    );
  },
  parquet: (file) => {
    const columnData = [{ name: "text", data: texts(0, ROWS), type: "STRING" as const }];
    writeFileSync(file, Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize: 5000 })));
  },
  arrow: (file) => {
    const tables = Array.from(
      { length: 12 },
      (_, i) => new Table({ text: vectorFromArray(texts(i * 5000, (i + 1) * 5000), new Utf8()) }),
    );
    writeFileSync(file, tableToIPC(tables[0]!.concat(...tables.slice(1)), "file"));
  },
  sqlite: (file) => {
    const database = new nodeSqlite.Database(file);
    database.exec("CREATE TABLE rows (text TEXT); BEGIN");
    const insert = database.prepare("INSERT INTO rows VALUES (?)");
    for (let i = 0; i < ROWS; i++) insert.run([textOf(i)]);
    insert.finalize();
    database.exec("COMMIT");
    database.close();
  },
  duckdb: async (file) => {
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    await connection.run(`CREATE TABLE rows AS SELECT i || ' ${WORDS}' AS text FROM range(${ROWS}) t(i)`);
    connection.closeSync();
    instance.closeSync();
  },
};

describe("a large table", () => {
  it.each(Object.keys(WRITERS))("is never in memory (%s)", { timeout: 30_000 }, async (extension) => {
    const file = `${folder.path}/large.${extension}`;
    await WRITERS[extension]!(file);
    const dataset = await openDataset(file, { label: "", id: "" });
    const before = memory();
    let rows = 0;
    let most = 0;
    let share = 0;
    for await (const row of dataset.rows()) {
      if (row.state === "row") rows++;
      if (rows % 12_000 !== 0) continue;
      most = Math.max(most, memory() - before);
      const now = dataset.shareRead()!;
      expect(now).toBeGreaterThanOrEqual(share);
      share = now;
    }
    expect(rows).toBe(ROWS);
    expect(share).toBeGreaterThan(0.8);
    if (dataset.count !== null) expect(dataset.count).toBe(ROWS);
    expect(most).toBeLessThan(12e6);
  });
});

describe("a limit", () => {
  it("stops reading", async () => {
    const file = folder.write("wide.jsonl", "");
    for (let i = 0; i < 20; i++)
      appendFileSync(
        file,
        texts(0, 2000)
          .map((text) => JSON.stringify({ text }))
          .join("\n")
          .concat("\n"),
      );
    const dataset = await openDataset(file, { limit: 5 });
    let rows = 0;
    for await (const _ of dataset.rows()) rows++;
    expect(rows).toBe(5);
    expect(dataset.shareRead()).toBeLessThan(0.1);
  });
});

describe("a kill", () => {
  it.skipIf(process.platform === "win32")(
    "leaves no lock that would keep a database from being read",
    async () => {
      const file = `${folder.path}/large.sqlite`;
      execFileSync("mkdir", ["-p", `${file}.lock`]);
      const dataset = await openDataset(file, { label: "", limit: 1 });
      for await (const row of dataset.rows()) expect(row.id).toBe("large.sqlite:1");
    },
  );
});
