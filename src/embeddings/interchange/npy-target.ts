import { DataType, type RecordBatch, type Schema, type Vector } from "apache-arrow";
import { type FileSink, fileSink } from "../../core/byte-sink.js";
import { cellReader } from "../../data/arrow-cell.js";
import { cellText } from "../../data/cell-text.js";
import type { KeptColumn } from "../../data/kept-columns.js";
import { vectorTypeOf } from "../file/batch-columns.js";
import { type EmbeddingsMeta, METADATA } from "../file/schema.js";
import { vectorValues } from "./conform-batch.js";
import type { EmbeddingsTarget } from "./embeddings-target.js";
import { formatNpyHeader } from "./npy-header.js";

/** The files beside a `.npy` file that hold what it cannot. */
export interface NpySidecars {
  /** Ids, labels, splits, sources, hashes and kept columns, a row a vector, in the same order. */
  readonly rows: string;
  /** The metadata of the embeddings. */
  readonly meta: string;
}

/** `x.npy` has `x.rows.csv` and `x.meta.json` beside it. */
export function npySidecars(path: string): NpySidecars {
  const stem = path.replace(/\.npy$/i, "");
  return { rows: `${stem}.rows.csv`, meta: `${stem}.meta.json` };
}

/** The content of `x.meta.json`. */
export interface NpyMeta {
  readonly rows: number;
  readonly dim: number;
  /** The schema's metadata, as in the Arrow file. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Kept columns, whose values are text in the table. */
  readonly kept: readonly KeptColumn[];
}

/**
 * Writes embeddings as a NumPy `.npy` file, `[rows, dim]` of float32 or float16, with ids and labels as CSV or JSONL
 * and the metadata as JSON beside it.
 * @param sidecar - where the rows go, `.csv` or `.jsonl`; default `npySidecars`.
 */
export async function npyTarget(
  path: string,
  from: Schema,
  meta: EmbeddingsMeta,
  sidecar?: string,
): Promise<EmbeddingsTarget> {
  const descr = vectorTypeOf(from) === "fp16" ? "<f2" : "<f4";
  const dim = meta.backbone.dim;
  const places = { ...npySidecars(path), ...(sidecar !== undefined && { rows: sidecar }) };
  const columns = from.fields.map((field) => field.name).filter((name) => name !== "embedding");
  const json = /\.(jsonl|ndjson)$/i.test(places.rows);
  const sinks: FileSink[] = [];
  const open = async (file: string): Promise<FileSink> => {
    const sink = await fileSink(file);
    sinks.push(sink);
    return sink;
  };
  const numbers = await open(path);
  const table = await open(places.rows);
  const about = await open(places.meta);
  let rows = 0;
  await numbers.write(formatNpyHeader(descr, 0, dim));
  if (!json) await table.write(Buffer.from(csvLine(columns)));
  return {
    files: [path, places.rows, places.meta],
    async write(batch) {
      const { buffer, byteOffset, byteLength } = vectorValues(batch, dim);
      await numbers.write(new Uint8Array(buffer, byteOffset, byteLength));
      await table.write(Buffer.from(tableLines(batch, columns, json)));
      rows += batch.numRows;
    },
    async finish() {
      await numbers.rewrite(formatNpyHeader(descr, rows, dim), 0);
      const metadata = Object.fromEntries([...from.metadata].filter(([key]) => key !== METADATA.format));
      const content: NpyMeta = {
        rows,
        dim,
        metadata: { [METADATA.format]: meta.format, ...metadata },
        kept: meta.kept,
      };
      await about.write(Buffer.from(`${JSON.stringify(content, null, 2)}\n`));
      // The vectors come last: where they are, so is what they belong to.
      await table.commit();
      await about.commit();
      await numbers.commit();
    },
    async discard() {
      for (const sink of sinks) await sink.discard();
    },
  };
}

function tableLines(batch: RecordBatch, columns: readonly string[], json: boolean): string {
  const readers = columns.map((name) => textReader(batch.getChild(name)!, name));
  let lines = "";
  for (let row = 0; row < batch.numRows; row++) {
    const cells = readers.map((read) => read(row));
    lines += json
      ? `${JSON.stringify(Object.fromEntries(columns.map((name, i) => [name, cells[i]])))}\n`
      : csvLine(cells);
  }
  return lines;
}

/** Cells as text; bytes in hexadecimal digits. */
function textReader(column: Vector, name: string): (row: number) => string | null {
  const cell = cellReader(column);
  const bytes = DataType.isFixedSizeBinary(column.type) || DataType.isBinary(column.type);
  return (row) => {
    const value = cell(row);
    if (value === null || value === undefined) return null;
    if (bytes) return Buffer.from(value as Uint8Array).toString("hex");
    const text = cellText(value, name);
    return typeof text === "string" ? text : null;
  };
}

function csvLine(cells: readonly (string | null)[]): string {
  const quoted = cells.map((cell) =>
    cell !== null && /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : (cell ?? ""),
  );
  return `${quoted.join(",")}\n`;
}
