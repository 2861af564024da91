import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { tableFromIPC } from "@uwdata/flechette";
import { beforeAll, describe, expect, it } from "vitest";
import type { Row } from "../../../src/data/row.js";
import { embedDataset } from "../../../src/embeddings/engine/embed-dataset.js";
import { readEmbeddings } from "../../../src/embeddings/file/read-embeddings.js";
import { convert } from "../../../src/index.js";
import { temporaryFolder } from "../../data/temporary-folder.js";
import { datasetOf, textRows, tinyTextBackbone } from "../tiny-backbone.js";

const python = process.env.HEADSTART_PYTHON ?? "python3";
const { path } = temporaryFolder();
const STORES = ["fp32", "fp16"] as const;

/** Over two batches; a label that is null, splits that all are, and a kept column with nulls. */
const rows = textRows(4100, 5).map(
  (row, i): Row => ({ ...row, split: null, kept: [i % 3 === 0 ? null : BigInt(i)] }),
);
const file = (store: string, extension: string): string => join(path, store, `x.${extension}`);

interface Seen {
  readonly id: readonly string[];
  readonly label: readonly (string | null)[];
  readonly split: readonly (string | null)[];
  readonly source: readonly string[];
  readonly n: readonly (number | null)[];
  readonly bits: readonly number[];
}

async function truth(store: string): Promise<Seen> {
  const { X } = await readEmbeddings(file(store, "arrow"));
  return {
    id: rows.map((row) => row.id),
    label: rows.map((row) => row.label),
    split: rows.map(() => null),
    source: rows.map((row) => row.source),
    n: rows.map((row) => (row.kept![0] === null ? null : Number(row.kept![0]))),
    bits: Array.from(new Uint32Array(X.data.slice().buffer)),
  };
}

function hasPython(): boolean {
  try {
    execFileSync(python, ["-c", "import pyarrow, pandas"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

beforeAll(async () => {
  for (const store of STORES) {
    const dataset = { ...datasetOf(rows), kept: [{ name: "n", type: "int64" as const }] };
    const input = file(store, "arrow");
    await embedDataset({ dataset, backbone: tinyTextBackbone(), out: input, vectors: store });
    for (const extension of ["parquet", "npy", "arrows"])
      await convert({ input, out: file(store, extension) });
  }
});

describe.each(STORES)("flechette reads %s", (store) => {
  it.each(["arrow", "arrows"])("as .%s", async (extension) => {
    const table = tableFromIPC(readFileSync(file(store, extension)), { useBigInt: false });
    const column = <T>(name: string): T[] => [...(table.getChild(name) as Iterable<T>)];
    const vectors = column<Iterable<number>>("embedding").flatMap((vector) => [...vector]);
    expect({
      id: column("id"),
      label: column("label"),
      split: column("split"),
      source: column("source"),
      n: column("n"),
      bits: Array.from(new Uint32Array(Float32Array.from(vectors).buffer)),
    }).toEqual(await truth(store));
  });
});

it.each(STORES)("DuckDB in Node reads %s as .parquet", async (store) => {
  const connection = await (await DuckDBInstance.create()).connect();
  const wanted = "id, label, split, source, n, embedding";
  const result = await connection.runAndReadAll(`select ${wanted} from '${file(store, "parquet")}'`);
  const read = result.getRowsJson() as [string, string, null, string, string | null, number[]][];
  const { bits, ...cells } = await truth(store);
  expect(read.map((row) => row[0])).toEqual(cells.id);
  expect(read.map((row) => row[1])).toEqual(cells.label);
  expect(read.map((row) => row[2])).toEqual(cells.split);
  expect(read.map((row) => row[3])).toEqual(cells.source);
  expect(read.map((row) => (row[4] === null ? null : Number(row[4])))).toEqual(cells.n);
  const numbers = Float32Array.from(read.flatMap((row) => row[5]));
  expect(Array.from(new Uint32Array(numbers.buffer))).toEqual(bits);
  connection.closeSync();
});

describe.skipIf(!hasPython())(
  "Python's readers (skipped: no Python with pyarrow and pandas; set HEADSTART_PYTHON)",
  () => {
    it.each(STORES)("see every value of %s", async (store) => {
      const script = join(import.meta.dirname, "read-converted.py");
      const printed = execFileSync(python, [script, join(path, store), store], {
        encoding: "utf8",
        maxBuffer: 1 << 28,
      });
      const seen = JSON.parse(printed) as Record<string, Seen & Record<string, unknown>>;
      const expected = await truth(store);
      for (const [reader, values] of Object.entries(seen)) {
        for (const [name, cells] of Object.entries(expected)) {
          expect(values[name], `${reader}: ${name}`).toEqual(cells);
        }
      }
      expect(Object.keys(seen)).toEqual(expect.arrayContaining(["pyarrow.arrow", "pandas.parquet", "numpy"]));
      const item = store === "fp16" ? "halffloat" : "float";
      expect(seen["pyarrow.parquet"]!.types).toMatchObject({
        embedding: `fixed_size_list<element: ${item} not null>[8]`,
        label: "dictionary<values=string, indices=int32, ordered=0>",
        content_hash: "fixed_size_binary[16]",
        n: "int64",
      });
      expect(seen["pyarrow.parquet"]!.metadata).toEqual(seen["pyarrow.arrow"]!.metadata);
      expect(seen["pyarrow.parquet"]!.hashes).toEqual(seen["pyarrow.arrow"]!.hashes);
      expect(seen.numpy!.dtype).toBe(store === "fp16" ? "float16" : "float32");
    });
  },
);
