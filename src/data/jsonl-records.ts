import { HeadstartError, messageOf } from "../core/errors.js";
import type { TableRecord } from "./table.js";
import { textLines } from "./text-lines.js";

/**
 * Reads JSON Lines: an object a line, blank lines passed over; any other line is rejected with its number.
 * @throws {HeadstartError} `data` if the file begins with `[`: one array over many lines would lose nearly every row.
 */
export async function* jsonlRecords(
  bytes: AsyncIterable<Buffer>,
  name: string,
  recordLimit: number,
): AsyncGenerator<TableRecord> {
  let started = false;
  for await (const { line, text, tooLong } of textLines(bytes, recordLimit)) {
    if (!started && text.trimStart().startsWith("[")) {
      throw new HeadstartError("data", `${name} is one JSON array, not an object a line`, {
        facts: { file: name, line },
        hint: "Add --format json, which reads it, or name the file .json.",
      });
    }
    started ||= text.trim() !== "";
    if (tooLong) {
      yield {
        state: "rejected",
        file: name,
        line,
        reason: `${name}, line ${line}: longer than ${recordLimit} bytes`,
      };
    } else if (text.trim() !== "") yield jsonRecord(text, name, line, `line ${line}`);
  }
}

/**
 * The record of one JSON object, or why it is none.
 * @param where - the position, as the reason calls it.
 */
export function jsonRecord(text: string, file: string, line: number, where: string): TableRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return {
      state: "rejected",
      file,
      line,
      reason: `${file}, ${where}: not valid JSON (${messageOf(cause)})`,
    };
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return { state: "rejected", file, line, reason: `${file}, ${where}: not a JSON object` };
  }
  const object = value as Readonly<Record<string, unknown>>;
  return {
    state: "record",
    file,
    line,
    size: text.length,
    columns: Object.keys(object),
    cell: (column) => (Object.hasOwn(object, column) ? object[column] : undefined),
  };
}
