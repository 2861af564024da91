import { basename } from "node:path";
import { fileTable } from "../../data/file-table.js";
import { formatOfFile } from "../../data/input-format.js";
import type { KeptColumn, KeptType } from "../../data/kept-columns.js";
import { openTable } from "../../data/open-table.js";
import { recordLimit, type TableRecord, type TableSource } from "../../data/table.js";
import { MAX_BATCH_ROWS } from "../file/schema.js";
import { type NpyFile, npyError, openNpy } from "./npy-file.js";
import type { VectorStretch, VectorTable } from "./vector-table.js";

/** What the vectors of a `.npy` file are called, as it has no columns. */
const VECTORS = "vectors";
const REMEDY = "Give the table with one row a vector, in the same order: --ids <file>.";

/**
 * A `.npy` file, and the table that says what its rows are, as one table.
 * @param ids - CSV, JSONL or any other table with one record a vector, in order; null where there is none.
 * @param stored - types of its columns that are more than text, where it was written by this program.
 * @throws {HeadstartError} as `openNpy` and the table's reader; `data`, from `stretches`, if they differ in rows.
 */
export async function npyVectorTable(
  path: string,
  ids: string | null,
  stored: readonly KeptColumn[] = [],
): Promise<VectorTable> {
  const typeOf = (column: string): KeptType | null =>
    stored.find(({ name }) => name === column)?.type ?? null;
  const file = await openNpy(path);
  try {
    // CSV does not tell an empty text from none.
    const tellsNull = ids !== null && !["csv", "tsv"].includes(formatOfFile(ids));
    const source = ids === null ? null : await idsSource(ids);
    const table = source && (await openTable(source));
    return {
      name: basename(path),
      vectors: [VECTORS],
      cells: table?.columns ?? [],
      keptType: (column) =>
        stored.find(({ name }) => name === column)?.type ?? table?.types.get(column) ?? "utf8",
      rows: file.rows,
      metadata: new Map(),
      notes: source?.guesses ?? [],
      shape: async () => ({ dim: file.dim, half: file.half }),
      async *stretches({ vectors, cells }) {
        const records = table?.records({ columns: cells, where: [] })[Symbol.asyncIterator]() ?? null;
        for (let at = 0; at < file.rows; at += MAX_BATCH_ROWS) {
          const rows = Math.min(MAX_BATCH_ROWS, file.rows - at);
          yield {
            rows,
            values: vectors === null ? new Float32Array() : await file.read(at, at + rows),
            problems: new Map(),
            cells: await cellsOf(records, cells, { path, ids, file, at, rows, typeOf, tellsNull }),
          };
        }
        if (records !== null && !(await records.next()).done) {
          throw npyError(basename(path), `has ${file.rows} rows, and ${ids} has more`, REMEDY);
        }
      },
      async close() {
        await table?.close();
        await file.close();
      },
    };
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

async function idsSource(ids: string): Promise<TableSource> {
  const format = formatOfFile(ids);
  if (format === "text" || format === "images" || format === "audio") {
    throw npyError(ids, "is no table", "Give CSV, JSONL or another table with a column of ids.");
  }
  return fileTable(ids, basename(ids), format, {}, recordLimit(10_000_000));
}

async function cellsOf(
  records: AsyncIterator<TableRecord> | null,
  columns: readonly string[],
  wanted: {
    readonly path: string;
    readonly ids: string | null;
    readonly file: NpyFile;
    readonly at: number;
    readonly rows: number;
    readonly typeOf: (column: string) => KeptType | null;
    readonly tellsNull: boolean;
  },
): Promise<VectorStretch["cells"]> {
  const cells = new Map<string, unknown[]>(columns.map((column) => [column, []]));
  if (records === null) return cells;
  for (let row = 0; row < wanted.rows; row++) {
    const next = await records.next();
    if (next.done) {
      const found = wanted.at + row;
      throw npyError(
        basename(wanted.path),
        `has ${wanted.file.rows} rows, and ${wanted.ids} has ${found}`,
        REMEDY,
      );
    }
    const record = next.value;
    if (record.state === "rejected") {
      throw npyError(wanted.ids!, `cannot be read at line ${record.line}: ${record.reason}`, REMEDY);
    }
    for (const column of columns) {
      cells.get(column)!.push(typed(record.cell(column), wanted.typeOf(column), wanted.tellsNull));
    }
  }
  return cells;
}

/**
 * A cell that was written as text, in the type that it had.
 * @param tellsNull - whether the table tells an empty text from none.
 */
function typed(cell: unknown, type: KeptType | null, tellsNull: boolean): unknown {
  if (typeof cell !== "string" || type === null) return cell;
  if (cell === "" && !(tellsNull && type === "utf8")) return null;
  if (type === "utf8") return cell;
  return type === "int64" ? BigInt(cell) : type === "float64" ? Number(cell) : cell === "true";
}
