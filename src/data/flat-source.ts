import type { ByteSource } from "./byte-source.js";
import { csvRecords, type Delimiter } from "./csv-records.js";
import { jsonRecords } from "./json-records.js";
import { jsonlRecords } from "./jsonl-records.js";
import type { TableEvent, TableSource } from "./table.js";
import { unpackedSource } from "./unpacked.js";
import type { TextEncoding } from "./utf8-bytes.js";
import { utf8Bytes } from "./utf8-bytes.js";

/** Tables that are text: read from the first byte to the last, from files, pipes and addresses alike. */
export type FlatFormat = "csv" | "tsv" | "json" | "jsonl";

/** How a text table is to be read. */
export interface FlatOptions {
  readonly format: FlatFormat;
  readonly encoding: TextEncoding | undefined;
  readonly recordLimit: number;
}

/**
 * A text table as a source of records, unpacked on the way where it is gzip or Zstandard. CSV whose header has no comma
 * but another separator is read with that one, where the source can be read anew.
 * @throws {HeadstartError} `data`, from its events, as the readers of each format say.
 */
export async function flatSource(packed: ByteSource, options: FlatOptions): Promise<TableSource> {
  const source = unpackedSource(packed);
  const given: Delimiter = options.format === "tsv" ? "\t" : ",";
  const other =
    options.format === "csv" && source.rereadable ? await otherDelimiterOf(source, options) : null;
  const delimiter = other ?? given;
  return {
    name: source.name,
    rereadable: source.rereadable,
    position: options.format === "json" ? "ROW" : "LINE",
    count: null,
    guesses: other === null ? [] : [`separator: ${JSON.stringify(other)} (the header has no comma)`],
    shareRead: source.shareRead,
    events: () => read(source, options, delimiter),
  };
}

function read(
  source: ByteSource,
  { format, encoding, recordLimit }: FlatOptions,
  delimiter: Delimiter,
): AsyncGenerator<TableEvent> {
  const text = utf8Bytes(source.bytes(), source.name, encoding);
  if (format === "jsonl") return jsonlRecords(text, source.name, recordLimit);
  if (format === "json") return jsonRecords(text, source.name, recordLimit);
  return csvRecords(text, { name: source.name, delimiter, recordLimit });
}

async function otherDelimiterOf(source: ByteSource, options: FlatOptions): Promise<Delimiter | null> {
  const events = read(source, options, ",");
  try {
    const first = await events.next();
    return first.done || first.value.state !== "header" ? null : otherDelimiter(first.value.columns);
  } finally {
    await events.return(undefined);
  }
}

/** What separates the columns instead, where the header has come out as one column only; else null. */
export function otherDelimiter(columns: readonly string[]): Delimiter | null {
  if (columns.length !== 1) return null;
  const others: readonly Delimiter[] = [";", "\t", "|"];
  return others.find((delimiter) => columns[0]!.includes(delimiter)) ?? null;
}
