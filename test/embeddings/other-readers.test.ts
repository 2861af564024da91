import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentHash } from "../../src/core/hash.js";
import { embedDataset, readEmbeddings } from "../../src/embeddings/index.js";
import { datasetOf, textRows, tinyTextBackbone } from "./tiny-backbone.js";

const python = process.env.HEADSTART_PYTHON ?? "python3";
const script = join(import.meta.dirname, "read-with-others.py");

function hasPyarrow(): boolean {
  try {
    execFileSync(python, ["-c", "import pyarrow"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

interface Report {
  schema: Record<string, [string, boolean]>;
  innerNullable: boolean;
  metadata: Record<string, string>;
  batches: number[];
  pyarrow: Record<string, unknown[]>;
  polars?: Record<string, unknown[]>;
  duckdb?: Record<string, unknown[]>;
}

const readElsewhere = (path: string): Report =>
  JSON.parse(execFileSync(python, [script, path], { encoding: "utf8", maxBuffer: 1 << 28 })) as Report;

describe.skipIf(!hasPyarrow())(
  "other readers (skipped: no Python with pyarrow; set HEADSTART_PYTHON)",
  () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "headstart-readers-"));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it("see the contract's types and every value, over several batches", async () => {
      const out = join(folder, "many.arrow");
      const rows = textRows(5000, 3);
      await embedDataset({ dataset: datasetOf(rows), backbone: tinyTextBackbone(), out });
      const report = readElsewhere(out);
      expect(report.batches).toEqual([4096, 904]);
      expect(report.schema).toEqual({
        id: ["string", false],
        embedding: ["fixed_size_list<item: float not null>[8]", false],
        label: ["dictionary<values=string, indices=int32, ordered=0>", true],
        split: ["dictionary<values=string, indices=int32, ordered=0>", true],
        source: ["string", true],
        content_hash: ["fixed_size_binary[16]", true],
      });
      expect(report.innerNullable).toBe(false);
      expect(report.metadata["headstart.format"]).toBe("1");
      const { X } = await readEmbeddings(out);
      const vectors = rows.map((_, i) => Array.from(X.data.subarray(i * 8, i * 8 + 8)));
      const expected = {
        id: rows.map((row) => row.id),
        embedding: vectors,
        label: rows.map((row) => row.label),
        split: rows.map((row) => row.split),
        source: rows.map((row) => row.source),
      };
      const hashes = rows.map((row) => {
        const hash = contentHash(row.content.kind === "text" ? row.content.text : "");
        return Buffer.from(hash).toString("hex");
      });
      expect(report.pyarrow).toEqual({ ...expected, content_hash: hashes });
      if (report.polars) expect(report.polars).toEqual({ ...expected, content_hash: hashes });
      if (report.duckdb) expect(report.duckdb).toEqual(expected);
    });

    it("take a file without a single label", async () => {
      const out = join(folder, "bare.arrow");
      const rows = textRows(3).map((row) => ({ ...row, label: null, split: null }));
      await embedDataset({ dataset: datasetOf(rows), backbone: tinyTextBackbone(), out });
      const report = readElsewhere(out);
      for (const reader of [report.pyarrow, report.polars, report.duckdb]) {
        if (reader) expect(reader.label).toEqual([null, null, null]);
      }
      expect(await readEmbeddings(out)).toMatchObject({ labels: null, splits: null });
    });

    it("see float16 vectors and kept columns", async () => {
      const out = join(folder, "half.arrow");
      const rows = textRows(50, 4).map((row, i) => ({
        ...row,
        kept: i % 5 === 0 ? [null, null, null, null] : [`user ${i}`, BigInt(i), i / 4, i % 2 === 0],
      }));
      const kept = [
        { name: "user", type: "utf8" },
        { name: "count", type: "int64" },
        { name: "share", type: "float64" },
        { name: "new", type: "bool" },
      ] as const;
      await embedDataset({
        dataset: datasetOf(rows, { kept }),
        backbone: tinyTextBackbone(),
        out,
        vectors: "fp16",
      });
      const report = readElsewhere(out);
      expect(report.schema).toMatchObject({
        embedding: ["fixed_size_list<item: halffloat not null>[8]", false],
        user: ["string", true],
        count: ["int64", true],
        share: ["double", true],
        new: ["bool", true],
      });
      const { X } = await readEmbeddings(out);
      const vectors = Array.from({ length: 50 }, (_, i) => Array.from(X.data.subarray(i * 8, i * 8 + 8)));
      for (const seen of [report.pyarrow, ...(report.polars ? [report.polars] : [])]) {
        expect(seen.embedding).toEqual(vectors);
        kept.forEach(({ name }, j) => {
          const plain = rows.map((row) => row.kept[j]);
          expect(seen[name]).toEqual(
            plain.map((value) => (typeof value === "bigint" ? Number(value) : value)),
          );
        });
      }
    });
  },
);
