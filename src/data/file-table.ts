import { arrowFileSource } from "./arrow-source.js";
import { fileSource } from "./byte-source.js";
import type { DatasetOptions } from "./dataset-options.js";
import { duckdbSource } from "./duckdb-source.js";
import { type FlatFormat, flatSource } from "./flat-source.js";
import type { InputFormat } from "./input-formats.js";
import { sqliteSource } from "./sqlite-source.js";
import type { TableSource } from "./table.js";

/** Formats that hold tables; the others are text without columns, and files that are content themselves. */
export type TableFormat = Exclude<InputFormat, "text" | "images" | "audio">;

/**
 * A file that holds a table as a source of records. The reader of Parquet is loaded where there is Parquet to read.
 * @param name - how ids and errors call it.
 * @throws {HeadstartError} `data` if it is not what its format says, `io` if it cannot be read.
 */
export async function fileTable(
  path: string,
  name: string,
  format: TableFormat,
  { encoding, table }: DatasetOptions,
  recordLimit: number,
): Promise<TableSource> {
  switch (format) {
    case "parquet": {
      const { parquetSource } = await import("./parquet-source.js");
      return parquetSource(path, name);
    }
    case "arrow":
      return arrowFileSource(path, name, fileSource(path, name));
    case "sqlite":
      return sqliteSource(path, name, table);
    case "duckdb":
      return duckdbSource(path, name, table);
    default:
      return flatSource(fileSource(path, name), {
        format: format satisfies FlatFormat,
        encoding,
        recordLimit,
      });
  }
}
