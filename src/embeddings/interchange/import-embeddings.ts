import {
  type Data,
  type FixedSizeBinary,
  type FixedSizeList,
  type Float16,
  Float32,
  makeData,
  RecordBatch,
  type Schema,
  Struct,
} from "apache-arrow";
import { cellText } from "../../data/cell-text.js";
import { keptCell } from "../../data/kept-cell.js";
import type { KeptCell } from "../../data/kept-columns.js";
import type { RejectedRow } from "../../data/row.js";
import { seenIds } from "../../data/seen-ids.js";
import { float16ToFloat32 } from "../file/float16.js";
import { keptData } from "../file/kept-data.js";
import { type EmbeddingsMeta, embeddingsSchema, HASH_BYTES } from "../file/schema.js";
import { utf8Data, validity } from "../file/utf8-data.js";
import type { EmbeddingsSource, SeenClasses } from "./embeddings-source.js";
import type { ChosenImport } from "./import-columns.js";
import type { VectorStretch, VectorTable } from "./vector-table.js";

/** What an import knows beside the table. */
export interface ImportSettings {
  readonly columns: ChosenImport;
  readonly meta: EmbeddingsMeta;
}

/**
 * The rows of a table of vectors as embeddings. Rows without a vector of the right length, with a number that is not
 * finite, without an id or with one that came before are rejected.
 */
export function importEmbeddings(table: VectorTable, { columns, meta }: ImportSettings): EmbeddingsSource {
  const schema = embeddingsSchema(meta, "text");
  const cells = [columns.id, columns.label, columns.split, columns.source, columns.contentHash]
    .filter((column) => column !== null)
    .concat(columns.kept.map(({ name }) => name));
  return {
    name: table.name,
    meta,
    schema,
    rows: table.rows,
    notes: [...table.notes, ...columns.notes],
    async *batches(onReject) {
      const seen = seenIds();
      let first = 0;
      const vectors = { column: columns.embedding, dim: meta.backbone.dim };
      for await (const stretch of table.stretches({ vectors, cells })) {
        const rows = usableRows(stretch, {
          columns,
          name: table.name,
          dim: vectors.dim,
          first,
          seen,
          onReject,
        });
        first += stretch.rows;
        if (rows.length > 0) yield batchOf(rows, stretch, columns, schema);
      }
    },
    async classes(): Promise<SeenClasses> {
      const labels = new Set<string>();
      const splits = new Set<string>();
      const wanted = [columns.label, columns.split].filter((column) => column !== null);
      if (wanted.length === 0) return { labels, splits };
      for await (const { rows, cells: read } of table.stretches({ vectors: null, cells: wanted })) {
        for (let row = 0; row < rows; row++) {
          const label = classOf(read, columns.label, row);
          const split = classOf(read, columns.split, row);
          if (typeof label === "string") labels.add(label);
          if (typeof split === "string") splits.add(split);
        }
      }
      return { labels, splits };
    },
    close: () => table.close(),
  };
}

/** A row of a stretch that becomes one of the embeddings. */
interface UsableRow {
  readonly at: number;
  readonly id: string;
  readonly label: string | null;
  readonly split: string | null;
  readonly source: string;
  readonly kept: readonly KeptCell[];
}

function usableRows(
  stretch: VectorStretch,
  wanted: {
    readonly columns: ChosenImport;
    readonly name: string;
    readonly dim: number;
    readonly first: number;
    readonly seen: ReturnType<typeof seenIds>;
    readonly onReject: ((row: RejectedRow) => void) | undefined;
  },
): UsableRow[] {
  const { columns, name, dim, first, seen, onReject } = wanted;
  const { values, problems, cells } = stretch;
  const usable: UsableRow[] = [];
  for (let at = 0; at < stretch.rows; at++) {
    const position = `${name}:${first + at + 1}`;
    const id = columns.id === null ? position : cellText(cells.get(columns.id)![at], columns.id);
    const known = typeof id === "string" && id !== "" ? id : position;
    const reject = (reason: string): void =>
      onReject?.({ state: "rejected", id: known, source: position, reason });
    const label = classOf(cells, columns.label, at);
    const split = classOf(cells, columns.split, at);
    const problem = problems.get(at);
    if (problem !== undefined) {
      reject(`column '${columns.embedding}' ${problem}, and the first vector has ${dim}`);
      continue;
    }
    if (!areFinite(values, at * dim, dim)) {
      reject("a number of the vector is not finite");
      continue;
    }
    if (typeof id !== "string" || id === "") {
      reject(typeof id === "string" ? `empty id in column '${columns.id}'` : id.reason);
      continue;
    }
    if (isRefused(label) || isRefused(split)) {
      reject((isRefused(label) ? label : (split as Refusal)).reason);
      continue;
    }
    const kept = columns.kept.map((column) => keptCell(cells.get(column.name)![at], column));
    const unkept = kept.find((cell) => "reason" in cell);
    if (unkept !== undefined) {
      reject(unkept.reason);
      continue;
    }
    const before = seen.firstLine(id, first + at + 1);
    if (before !== null) {
      reject(`id '${id}' is already that of row ${before}; ids must be unique`);
      continue;
    }
    const source = columns.source === null ? "" : cellText(cells.get(columns.source)![at], columns.source);
    usable.push({
      at,
      id,
      label,
      split,
      source: (typeof source === "string" && source) || position,
      kept: kept.map((cell) => (cell as { readonly value: KeptCell }).value),
    });
  }
  return usable;
}

function batchOf(
  rows: readonly UsableRow[],
  { rows: all, values, cells }: VectorStretch,
  { contentHash, kept }: ChosenImport,
  schema: Schema,
): RecordBatch {
  const length = rows.length;
  const list = schema.fields[1]!.type as FixedSizeList<Float16 | Float32>;
  const dim = list.listSize;
  const numbersOf = length === all ? values : (values.slice(0, length * dim) as typeof values);
  if (length !== all) {
    rows.forEach(({ at }, i) => {
      numbersOf.set(values.subarray(at * dim, (at + 1) * dim), i * dim);
    });
  }
  const numbers =
    list.valueType instanceof Float32 && numbersOf instanceof Uint16Array
      ? float16ToFloat32(numbersOf)
      : numbersOf;
  const hashes = rows.map(({ at }) => {
    const cell = contentHash === null ? null : cells.get(contentHash)![at];
    if (cell instanceof Uint8Array) return cell.length === HASH_BYTES ? cell : null;
    return typeof cell === "string" && /^[0-9a-f]{32}$/.test(cell) ? Buffer.from(cell, "hex") : null;
  });
  const hashBytes = new Uint8Array(length * HASH_BYTES);
  hashes.forEach((hash, i) => {
    if (hash !== null) hashBytes.set(hash, i * HASH_BYTES);
  });
  const item = makeData({ type: list.valueType, length: numbers.length, nullCount: 0, data: numbers });
  const children: Data[] = [
    utf8Data(rows.map((row) => row.id)),
    makeData({ type: list, length, nullCount: 0, child: item }) as Data,
    utf8Data(rows.map((row) => row.label)),
    utf8Data(rows.map((row) => row.split)),
    utf8Data(rows.map((row) => row.source)),
    makeData({
      type: schema.fields[5]!.type as FixedSizeBinary,
      length,
      ...validity(hashes),
      data: hashBytes,
    }) as Data,
    ...kept.map(({ type }, i) =>
      keptData(
        type,
        rows.map((row) => row.kept[i]!),
      ),
    ),
  ];
  const data = makeData({ type: new Struct(schema.fields), length, nullCount: 0, children });
  return new RecordBatch(schema, data);
}

/** A label or split: trimmed, null where empty; or why it is none. */
function classOf(cells: VectorStretch["cells"], column: string | null, row: number): string | null | Refusal {
  if (column === null) return null;
  const text = cellText(cells.get(column)![row], column);
  return typeof text === "string" ? text.trim() || null : text;
}

/** Why a cell is no label. */
interface Refusal {
  readonly reason: string;
}

const isRefused = (value: string | null | Refusal): value is Refusal =>
  typeof value === "object" && value !== null;

function areFinite(values: Float32Array | Uint16Array, from: number, dim: number): boolean {
  if (values instanceof Uint16Array) {
    // All bits of the exponent: infinite, or no number.
    for (let i = from; i < from + dim; i++) if ((values[i]! & 0x7c00) === 0x7c00) return false;
    return true;
  }
  for (let i = from; i < from + dim; i++) if (!Number.isFinite(values[i]!)) return false;
  return true;
}
