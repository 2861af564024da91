import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/core/package-root.js";
import * as headstart from "../../src/index.js";
import { REVIEWS } from "./reviews.js";
import { workplace } from "./run-cli.js";
import { writeTinyCheckpoint } from "./tiny-checkpoint.js";

const { path, write, refused } = workplace();
const at = (name: string): string => join(path, name);
const rows = REVIEWS.slice(0, 20).map(({ id, review, label }) => ({ id, review, label }));
const INPUTS = ["rows.jsonl", "rows.json", "rows.json.gz", "rows.parquet", "part-*.jsonl"];

async function embedded(input: string, options: Partial<headstart.EmbedOptions> = {}) {
  const out = at(`${input.replace(/\W/g, "-")}.out.arrow`);
  return headstart.embed({ input: at(input), out, backbone: at("tiny"), restart: true, ...options });
}

beforeAll(() => {
  writeTinyCheckpoint(at("tiny"));
  const lines = rows.map((row) => JSON.stringify(row));
  write("rows.jsonl", lines.join("\n"));
  write("rows.json", JSON.stringify({ rows }));
  write("rows.json.gz", gzipSync(JSON.stringify(rows)));
  write("part-1.jsonl", lines.slice(0, 8).join("\n"));
  write("part-2.jsonl", lines.slice(8).join("\n"));
  const columnData = (["id", "review", "label"] as const).map((name) => ({
    name,
    data: rows.map((row) => row[name]),
    type: "STRING" as const,
  }));
  write("rows.parquet", Buffer.from(parquetWriteBuffer({ columnData })));
  const golden = join(packageRoot(), "test/golden/data/fixtures/sqlite.sqlite");
  cpSync(golden, at("rows.sqlite"));
});

describe("embed", () => {
  it("gives the same vectors whatever the rows are written in", async () => {
    const vectors: Buffer[] = [];
    for (const input of INPUTS) {
      const result = await embedded(input);
      expect(result).toMatchObject({ rows: 20, rejects: 0 });
      const { X } = await headstart.readEmbeddings(result.out);
      vectors.push(Buffer.from(X.data.buffer, X.data.byteOffset, X.data.byteLength));
    }
    for (const other of vectors.slice(1)) expect(other.equals(vectors[0]!)).toBe(true);
  });

  it("takes where, limit and sample, and a table of a database", async () => {
    expect((await embedded("rows.parquet", { where: ["label = good"], limit: 3 })).rows).toBe(3);
    const half = await embedded("rows.jsonl", { sample: 0.5 });
    expect(half.rows).toBeLessThan(20);
    expect((await embedded("rows.parquet", { sample: 0.5 })).rows).toBe(half.rows);
    expect((await embedded("rows.sqlite", { table: "short" })).rows).toBe(2);
  });

  it("recognises embeddings", async () => {
    const { out } = await embedded("rows.jsonl");
    expect(readFileSync(out).subarray(0, 6).toString()).toBe("ARROW1");
    await refused(["embed", out, "-o", "again.arrow"], 1, /holds embeddings already/, /headstart train/);
  });

  it("refuses an unknown column in a condition", async () => {
    await refused(
      ["embed", "rows.jsonl", "-o", "x.arrow", "--where", "star > 1"],
      2,
      /no column 'star'/,
      /Columns: id, review, label/,
    );
  });
});
