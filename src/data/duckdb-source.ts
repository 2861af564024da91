import { HeadstartError, messageOf } from "../core/errors.js";
import { chooseTable, sqlName } from "./choose-table.js";
import type { KeptType } from "./kept-columns.js";
import type { TableEvent, TableSource } from "./table.js";

type DuckDb = typeof import("@duckdb/node-api");
type Connection = Awaited<ReturnType<Awaited<ReturnType<DuckDb["DuckDBInstance"]["create"]>>["connect"]>>;

/**
 * A table or view of a DuckDB database as a source of records; needs the package `@duckdb/node-api`. The database is
 * opened read-only, and may reach no other file.
 * @throws {HeadstartError} `usage` where the package is not installed; `data` if it is no database or has no such table.
 */
export async function duckdbSource(
  path: string,
  name: string,
  wanted: string | undefined,
): Promise<TableSource> {
  const { table, guesses, rows } = await connected(path, name, async (connection) => {
    const all = await connection.runAndReadAll(
      "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'main' ORDER BY table_name",
    );
    const listed = all.getRowsJS() as [string, string][];
    const named = (view: boolean): string[] =>
      listed.filter(([, type]) => (type === "VIEW") === view).map(([table]) => table);
    const chosen = chooseTable({ tables: named(false), views: named(true) }, wanted, name);
    const isTable = listed.some(([table, type]) => table === chosen.table && type !== "VIEW");
    if (!isTable) return { ...chosen, rows: null };
    const counted = await connection.runAndReadAll(`SELECT count(*) FROM ${sqlName(chosen.table)}`);
    return { ...chosen, rows: Number(counted.getRowsJS()[0]![0]) };
  });
  let done = 0;
  return {
    name,
    rereadable: true,
    position: "ROW",
    count: rows,
    guesses,
    shareRead: () => (rows ? Math.min(1, done / rows) : null),
    async *events(plan) {
      done = 0;
      const { connection, close } = await open(path, name);
      try {
        const described = await connection.runAndReadAll(`DESCRIBE ${sqlName(table)}`);
        const declared = described.getRowsJS() as [string, string][];
        const columns = declared.map(([column]) => column);
        const types = new Map(declared.map(([column, type]) => [column, keptTypeOf(type)]));
        yield { state: "header", columns, types };
        const read =
          plan.columns === null ? columns : columns.filter((column) => plan.columns!.includes(column));
        const cells = read.length === 0 ? "NULL" : read.map(sqlName).join(", ");
        const result = await connection.stream(`SELECT ${cells} FROM ${sqlName(table)}`);
        for await (const rows of result.yieldRowsJs()) {
          for (const row of rows) yield recordOf(row, read, columns, name, ++done);
        }
      } catch (thrown) {
        throw duckError(name, thrown);
      } finally {
        close();
      }
    },
  };
}

/** @param type - as DuckDB describes it: `BIGINT`, `VARCHAR[]`, `DECIMAL(18,3)`. */
function keptTypeOf(type: string): KeptType | null {
  if (/^(U?TINYINT|U?SMALLINT|U?INTEGER|BIGINT)$/.test(type)) return "int64";
  if (/^(FLOAT|DOUBLE)$/.test(type)) return "float64";
  if (type === "BOOLEAN") return "bool";
  return /\]$|^(STRUCT|MAP|UNION)\b/.test(type) ? null : "utf8";
}

function recordOf(
  row: readonly unknown[],
  read: readonly string[],
  columns: readonly string[],
  file: string,
  line: number,
): TableEvent {
  let size = 0;
  for (const value of row)
    size += typeof value === "string" || value instanceof Uint8Array ? value.length : 8;
  return {
    state: "record",
    file,
    line,
    size,
    columns,
    cell: (column) => {
      const at = read.indexOf(column);
      return at === -1 ? undefined : row[at];
    },
  };
}

async function connected<T>(
  path: string,
  name: string,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { connection, close } = await open(path, name);
  try {
    return await work(connection);
  } catch (thrown) {
    throw duckError(name, thrown);
  } finally {
    close();
  }
}

async function open(path: string, name: string): Promise<{ connection: Connection; close: () => void }> {
  const { DuckDBInstance } = await duckdb();
  try {
    const instance = await DuckDBInstance.create(path, {
      access_mode: "READ_ONLY",
      enable_external_access: "false",
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
      // Rows come in the table's order in any case; each thread would hold its own part of them.
      threads: "2",
    });
    const connection = await instance.connect();
    return {
      connection,
      close: () => {
        connection.closeSync();
        instance.closeSync();
      },
    };
  } catch (thrown) {
    throw duckError(name, thrown);
  }
}

async function duckdb(): Promise<DuckDb> {
  try {
    return await import("@duckdb/node-api");
  } catch (cause) {
    throw new HeadstartError("usage", "DuckDB databases need a package that is not installed", {
      hint: "Install it: npm install @duckdb/node-api; or write the table as Parquet: COPY t TO 't.parquet'",
      cause,
    });
  }
}

function duckError(name: string, thrown: unknown): unknown {
  if (thrown instanceof HeadstartError) return thrown;
  const reason = messageOf(thrown).split("\n")[0]!;
  return new HeadstartError("data", `${name}: DuckDB cannot read it: ${reason}`, {
    facts: { file: name },
    hint: /version number/.test(reason)
      ? "Another release of DuckDB wrote it: install that one of @duckdb/node-api, or write the table as Parquet with it: COPY t TO 't.parquet'"
      : "If another program has it open for writing, close that; else check that it is a DuckDB database.",
    cause: thrown,
  });
}
