import { CsvError, parse } from "csv-parse";
import { HeadstartError } from "../core/errors.js";
import type { TableEvent, TableRecord } from "./table.js";

/** What separates the fields of a record. */
export type Delimiter = "," | "\t" | ";" | "|";

/** How a delimited file is to be read. */
export interface CsvOptions {
  /** The file's name, for errors. */
  readonly name: string;
  readonly delimiter: Delimiter;
  /** Bytes that one record may have. */
  readonly recordLimit: number;
}

/**
 * Reads delimited text (RFC 4180; any line break; a quote inside an unquoted field is itself). The first record
 * is the header, its names trimmed; blank lines are passed over; a record with another number of fields than
 * the header is rejected.
 * @throws {HeadstartError} `data` with file and line for a quote that is never closed.
 */
export async function* csvRecords(
  bytes: AsyncIterable<Buffer>,
  { name, delimiter, recordLimit }: CsvOptions,
): AsyncGenerator<TableEvent> {
  let ready: TableEvent[] = [];
  let line = 1;
  let columns: readonly string[] | null = null;
  let positions: ReadonlyMap<string, number> = new Map();
  const parser = parse({
    delimiter,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: recordLimit,
    on_record: (fields: string[]) => {
      const start = line;
      line += 1 + lineBreaks(fields);
      if (columns === null) {
        if (fields.length === 1 && fields[0]!.trim() === "") return null;
        columns = fields.map((field) => field.trim());
        positions = new Map(columns.map((column, index) => [column, index]));
        ready.push({ state: "header", columns });
      } else if (fields.length === columns.length)
        ready.push(recordOf(fields, name, start, columns, positions));
      else if (fields.length > 1 || fields[0] !== "") {
        const reason = `${name}, line ${start}: expected ${columns.length} columns, got ${fields.length}`;
        ready.push({ state: "rejected", file: name, line: start, reason });
      }
      return null;
    },
  });
  parser.on("error", () => undefined);

  const settled = (send: (done: (error?: Error | null) => void) => void): Promise<Error | null> =>
    new Promise((resolve) => send((error) => resolve(error ?? null)));
  const taken = (): TableEvent[] => {
    const events = ready;
    ready = [];
    return events;
  };
  try {
    for await (const chunk of bytes) {
      const error = await settled((done) => parser.write(chunk, done));
      // Not `yield*`, which awaits each event several times over.
      for (const event of taken()) yield event;
      if (error !== null) throw csvError(error, name, line, columns);
    }
    const error = await settled((done) => parser.end(done));
    for (const event of taken()) yield event;
    if (error !== null) throw csvError(error, name, line, columns);
  } finally {
    parser.destroy();
  }
}

function recordOf(
  fields: string[],
  file: string,
  line: number,
  columns: readonly string[],
  positions: ReadonlyMap<string, number>,
): TableRecord {
  let size = 0;
  for (const field of fields) size += field.length;
  return {
    state: "record",
    file,
    line,
    size,
    columns,
    cell: (column) => {
      const position = positions.get(column);
      return position === undefined ? undefined : fields[position];
    },
  };
}

function lineBreaks(fields: readonly string[]): number {
  let breaks = 0;
  for (const field of fields) {
    if (field.includes("\n") || field.includes("\r")) breaks += field.match(/\r\n|\n|\r/g)!.length;
  }
  return breaks;
}

/** @param line - where the record begins in which the reader stopped. */
function csvError(error: Error, name: string, line: number, columns: readonly string[] | null): Error {
  if (!(error instanceof CsvError)) return error;
  const unclosed = error.code === "CSV_QUOTE_NOT_CLOSED" || error.code === "CSV_MAX_RECORD_SIZE";
  const column = columns?.[Number(error.index)];
  const where = column === undefined ? "" : ` in column '${column}'`;
  return new HeadstartError(
    "data",
    unclosed
      ? `${name}, line ${line}: a quote opened in this row${where} is never closed`
      : `${name}, line ${line}: ${error.message}`,
    {
      facts: { file: name, line },
      hint: "Close the quote; a quote inside a quoted field is written twice.",
      cause: error,
    },
  );
}
