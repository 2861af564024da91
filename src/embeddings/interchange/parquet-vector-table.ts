import { messageOf } from "../../core/errors.js";
import { parquetCells } from "../../data/parquet-cells.js";
import { parquetColumn } from "../../data/parquet-column.js";
import { type ParquetFile, type ParquetRowGroup, parquetError } from "../../data/parquet-file.js";
import { type ParquetLeaf, parquetLeaves } from "../../data/parquet-leaves.js";
import { parquetLists } from "../../data/parquet-lists.js";
import { MAX_BATCH_ROWS } from "../file/schema.js";
import type { VectorStretch, VectorTable, WantedColumns } from "./vector-table.js";

/** A Parquet file that others wrote as a table with vectors; a page of each column is in memory at a time. */
export function parquetVectorTable(file: ParquetFile, name: string): VectorTable {
  const { buffer, metadata } = file;
  const leaves = parquetLeaves(metadata).filter((leaf) => leaf.siblings === 1);
  const leafOf = (column: string): ParquetLeaf => leaves.find((leaf) => leaf.path[0] === column)!;
  const open = (group: ParquetRowGroup, column: string) =>
    parquetColumn(buffer, metadata, group, leafOf(column).path);
  const groups = metadata.row_groups;
  return {
    name,
    vectors: leaves.filter((leaf) => leaf.depth === 1 && isNumber(leaf)).map((leaf) => leaf.path[0]!),
    cells: leaves.filter((leaf) => leaf.path.length === 1 && leaf.depth === 0).map((leaf) => leaf.path[0]!),
    keptType: (column) => leafOf(column).kept ?? "utf8",
    rows: Number(metadata.num_rows),
    metadata: new Map((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ""])),
    notes: [],
    async shape(column) {
      return guarded(name, async () => {
        for (const group of groups) {
          const dim = await firstLength(open(group, column));
          if (dim !== null) return { dim, half: leafOf(column).element.type === "FIXED_LEN_BYTE_ARRAY" };
        }
        return null;
      });
    },
    async *stretches(wanted) {
      for (const group of groups) {
        const stretches = groupStretches(group, wanted, (column) => open(group, column));
        for (;;) {
          const next = await guarded(name, () => stretches.next());
          if (next.done) break;
          yield next.value;
        }
      }
    },
    close: async () => file.close(),
  };
}

async function* groupStretches(
  group: ParquetRowGroup,
  { vectors, cells: names }: WantedColumns,
  open: (column: string) => ReturnType<typeof parquetColumn>,
): AsyncGenerator<VectorStretch> {
  const total = Number(group.num_rows);
  const readers = names.map((column) => [column, parquetCells(open(column), "meant")] as const);
  const cellsOf = async (rows: number): Promise<VectorStretch["cells"]> => {
    const cells = new Map<string, unknown[]>();
    for (const [column, reader] of readers) cells.set(column, await reader.take(rows));
    return cells;
  };
  if (vectors === null) {
    for (let at = 0; at < total; at += MAX_BATCH_ROWS) {
      const rows = Math.min(MAX_BATCH_ROWS, total - at);
      yield { rows, values: new Float32Array(), problems: new Map(), cells: await cellsOf(rows) };
    }
    return;
  }
  let read = 0;
  for await (const lists of parquetLists(open(vectors.column), vectors.dim, MAX_BATCH_ROWS)) {
    read += lists.rows;
    yield { ...lists, cells: await cellsOf(lists.rows) };
  }
  if (read !== total) throw new Error(`a row group has ${read} lists, and claims ${total} rows`);
}

/** The length of the first list that is not empty. */
async function firstLength(column: ReturnType<typeof parquetColumn>): Promise<number | null> {
  let length = 0;
  for await (const { definitions, repetitions } of column.pages()) {
    for (let slot = 0; slot < repetitions.length; slot++) {
      if (repetitions[slot] === 0 && length > 0) return length;
      const there = definitions.length === 0 || definitions[slot]! >= column.maxDefinition;
      if (there) length++;
    }
  }
  return length > 0 ? length : null;
}

function isNumber({ element: { type, type_length, logical_type } }: ParquetLeaf): boolean {
  if (type === "FLOAT" || type === "DOUBLE") return true;
  return type === "FIXED_LEN_BYTE_ARRAY" && type_length === 2 && logical_type?.type === "FLOAT16";
}

async function guarded<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw parquetError(
      name,
      `is damaged, or written in a way that is not read: ${messageOf(cause)}`,
      undefined,
      cause,
    );
  }
}
