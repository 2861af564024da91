import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Database as SqliteDatabase, Statement } from "node-sqlite3-wasm";
import { HeadstartError, messageOf } from "../core/errors.js";
import { chooseTable, sqlName } from "./choose-table.js";
import type { TableEvent, TableSource } from "./table.js";

/**
 * A table or view of an SQLite database as a source of records, in the order of the table, from a database that is opened
 * read-only; nothing is written beside it.
 * @throws {HeadstartError} `data` if it is no database, is damaged, has no such table, or was left in the middle of a
 * change (a `-wal` or `-journal` file lies beside it); `io` if it cannot be read.
 */
export async function sqliteSource(
  path: string,
  name: string,
  wanted: string | undefined,
): Promise<TableSource> {
  const { table, guesses, rows } = await guarded(path, name, (database) => {
    const listed = database.all(
      "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    ) as { name: string; type: string }[];
    const shadows = new Set(
      (database.all("SELECT name FROM pragma_table_list WHERE type = 'shadow'") as { name: string }[]).map(
        (row) => row.name,
      ),
    );
    const named = (type: string): string[] =>
      listed.filter((row) => row.type === type && !shadows.has(row.name)).map((row) => row.name);
    const chosen = chooseTable({ tables: named("table"), views: named("view") }, wanted, name);
    // A view may take as long as it likes to count.
    const isTable = listed.some((row) => row.name === chosen.table && row.type === "table");
    const counted = isTable ? database.get(`SELECT count(*) AS n FROM ${sqlName(chosen.table)}`) : null;
    return { ...chosen, rows: counted === null ? null : Number(counted.n) };
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
      const { database, close } = await openDatabase(path, name);
      let statement: Statement | null = null;
      try {
        const columns = run(name, () =>
          database
            .all("SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1", [table])
            .map((row) => String(row.name)),
        );
        yield { state: "header", columns };
        const read =
          plan.columns === null ? columns : columns.filter((column) => plan.columns!.includes(column));
        const cells = read.length === 0 ? "NULL" : read.map(sqlName).join(", ");
        statement = run(name, () => database.prepare(`SELECT ${cells} FROM ${sqlName(table)}`));
        const values = statement.iterate();
        for (let next = run(name, () => values.next()); !next.done; next = run(name, () => values.next())) {
          yield recordOf(next.value as Readonly<Record<string, unknown>>, columns, name, ++done);
        }
      } finally {
        quietly(() => statement?.finalize());
        close();
      }
    },
  };
}

function recordOf(
  row: Readonly<Record<string, unknown>>,
  columns: readonly string[],
  file: string,
  line: number,
): TableEvent {
  let size = 0;
  for (const value of Object.values(row)) {
    size += typeof value === "string" || value instanceof Uint8Array ? value.length : 8;
  }
  return {
    state: "record",
    file,
    line,
    size,
    columns,
    cell: (column) => (Object.hasOwn(row, column) ? row[column] : undefined),
  };
}

/** Lets go of something; a failure that is told already is told again by SQLite then. */
function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // Told by the statement that failed.
  }
}

async function guarded<T>(path: string, name: string, work: (database: SqliteDatabase) => T): Promise<T> {
  const { database, close } = await openDatabase(path, name);
  try {
    return run(name, () => work(database));
  } finally {
    close();
  }
}

/** Runs what SQLite may fail at. */
function run<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof HeadstartError) throw cause;
    throw new HeadstartError("data", `${name}: SQLite cannot read it: ${messageOf(cause)}`, {
      facts: { file: name },
      hint: "If it is damaged, the sqlite3 program may save what is left: .recover",
      cause,
    });
  }
}

/** A database that is open, and how it is closed. */
interface OpenDatabase {
  readonly database: SqliteDatabase;
  close(): void;
}

async function openDatabase(path: string, name: string): Promise<OpenDatabase> {
  checkFile(path, name);
  const { default: sqlite } = await import("node-sqlite3-wasm");
  const { alias, remove } = aliasOf(path);
  let database: SqliteDatabase | null = null;
  const close = (): void => {
    quietly(() => database?.close());
    remove();
  };
  try {
    return run(name, () => {
      database = new sqlite.Database(alias, { readOnly: true });
      database.exec("PRAGMA trusted_schema = OFF");
      database.exec("PRAGMA cell_size_check = ON");
      return { database, close };
    });
  } catch (thrown) {
    close();
    throw thrown;
  }
}

/**
 * Another path to the file: SQLite's locks are folders beside it, and nothing is to be written where the data lie. Where
 * links cannot be made (Windows), the path itself.
 */
function aliasOf(path: string): { readonly alias: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "headstart-sqlite-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const alias = join(folder, "database");
  try {
    symlinkSync(resolve(path), alias);
    return { alias, remove };
  } catch {
    remove();
    return { alias: path, remove: () => undefined };
  }
}

function checkFile(path: string, name: string): void {
  const start = Buffer.alloc(16);
  try {
    const fd = openSync(path, "r");
    readSync(fd, start, 0, 16, 0);
    closeSync(fd);
  } catch (cause) {
    throw new HeadstartError("io", `Cannot read ${path}: ${messageOf(cause)}`, { facts: { path }, cause });
  }
  if (start.toString("latin1") !== "SQLite format 3\0") {
    throw new HeadstartError("data", `${name} is not an SQLite database`, {
      facts: { file: name },
      hint:
        start.toString("latin1", 8, 12) === "DUCK"
          ? "It is one of DuckDB: add --format duckdb."
          : "Name its format with --format.",
    });
  }
  for (const ending of ["-wal", "-journal"]) {
    if ((statSync(path + ending, { throwIfNoEntry: false })?.size ?? 0) === 0) continue;
    throw new HeadstartError(
      "data",
      `${name} is in the middle of a change: ${name}${ending} lies beside it`,
      {
        facts: { file: name },
        hint: "Close the program that writes it; or finish the change: sqlite3 FILE 'PRAGMA wal_checkpoint(TRUNCATE)'",
      },
    );
  }
}
