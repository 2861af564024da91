import { realpath } from "node:fs/promises";
import type { ChosenColumns } from "./choose-columns.js";
import { containedPath } from "./contained-path.js";
import type { Content, RejectedRow, Row } from "./row.js";
import { seenIds } from "./seen-ids.js";
import type { Table, TableRecord } from "./table.js";
import { textContent } from "./text-content.js";

/** What `tableRows` needs beside the table. */
export interface TableRowsOptions {
  /** The file's name, which begins sources and ids. */
  readonly name: string;
  readonly chosen: ChosenColumns;
  readonly maxTextLength: number;
  /** The folder that paths of images are relative to, and must not leave. */
  readonly folder: string;
}

/**
 * The rows of a table. Labels and splits are trimmed, and null where empty; a row without id column has its
 * source, `file:line`, as id; a row whose id came before is rejected.
 */
export async function* tableRows(
  table: Table,
  { name, chosen, maxTextLength, folder }: TableRowsOptions,
): AsyncGenerator<Row | RejectedRow> {
  const { columns, modality } = chosen;
  const seen = seenIds();
  const root = modality === "image" ? await realpath(folder) : folder;

  const cellsOf = (record: TableRecord, source: string): Cells | RejectedRow => {
    if (record.state === "rejected") return { state: "rejected", id: source, source, reason: record.reason };
    const id = columns.id === null ? source : scalar(record, columns.id);
    if (typeof id !== "string") return { state: "rejected", id: source, source, reason: id.reason };
    const reject = (reason: string): RejectedRow => ({ state: "rejected", id: id || source, source, reason });
    if (id === "") return reject(`empty id in column '${columns.id}'`);
    const first = columns.id === null ? null : seen.firstLine(id, record.line);
    if (first !== null) return reject(`id '${id}' is already that of line ${first}; ids must be unique`);
    const value = scalar(record, columns.content);
    if (typeof value !== "string") return reject(value.reason);
    const label = columns.label === null ? "" : scalar(record, columns.label);
    if (typeof label !== "string") return reject(label.reason);
    const split = columns.split === null ? "" : scalar(record, columns.split);
    if (typeof split !== "string") return reject(split.reason);
    return { state: "cells", id, value, label: label.trim() || null, split: split.trim() || null };
  };

  for await (const record of table.records()) {
    const source = `${name}:${record.line}`;
    const cells = cellsOf(record, source);
    if (cells.state === "rejected") {
      yield cells;
      continue;
    }
    const { id, label, split, value } = cells;
    const content =
      modality === "text" ? textContent(value, maxTextLength) : await imageContent(root, value.trim());
    if ("reason" in content) yield { state: "rejected", id, source, reason: content.reason };
    else yield { state: "row", id, content, label, split, source };
  }
}

interface Cells {
  readonly state: "cells";
  readonly id: string;
  readonly value: string;
  readonly label: string | null;
  readonly split: string | null;
}

async function imageContent(folder: string, named: string): Promise<Content | { readonly reason: string }> {
  if (named === "") return { reason: "empty path of an image" };
  const found = await containedPath(folder, named);
  return "path" in found ? { kind: "image", path: found.path } : found;
}

/** A cell as text; `""` where it is null or absent. */
function scalar(
  record: TableRecord & { state: "record" },
  column: string,
): string | { readonly reason: string } {
  const value = record.cell(column);
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  if (typeof value === "object") {
    return { reason: `column '${column}' holds ${Array.isArray(value) ? "a list" : "an object"}, not text` };
  }
  return String(value);
}
