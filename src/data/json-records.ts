import { type JsonElement, jsonElements } from "./json-elements.js";
import { jsonRecord } from "./jsonl-records.js";
import type { TableRecord } from "./table.js";

/** Levels that a record may be nested; a table's have few. */
const DEEPEST = 256;

/**
 * Reads a JSON document of records: an array of objects, or an object that holds one such array beside other things.
 * Only one record at a time is in memory. Elements that are no objects are rejected.
 * @throws {HeadstartError} `data` for a document of another shape, for one that is cut short, and for several arrays.
 */
export async function* jsonRecords(
  bytes: AsyncIterable<Buffer>,
  name: string,
  recordLimit: number,
): AsyncGenerator<TableRecord> {
  let row = 0;
  for await (const element of jsonElements(bytes, name, recordLimit)) {
    row++;
    yield recordOf(element, name, row, recordLimit);
  }
}

function recordOf(element: JsonElement, name: string, row: number, recordLimit: number): TableRecord {
  const where = `row ${row} (line ${element.line})`;
  if (element.text === null) {
    return {
      state: "rejected",
      file: name,
      line: row,
      reason: `${name}, ${where}: longer than ${recordLimit} bytes`,
    };
  }
  if (element.depth > DEEPEST) {
    return {
      state: "rejected",
      file: name,
      line: row,
      reason: `${name}, ${where}: nested ${element.depth} levels deep; at most ${DEEPEST} are read`,
    };
  }
  return jsonRecord(element.text, name, row, where);
}
