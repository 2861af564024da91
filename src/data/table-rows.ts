import { realpath } from "node:fs/promises";
import { cellText } from "./cell-text.js";
import type { ChosenColumns } from "./choose-columns.js";
import { type Condition, meets } from "./condition.js";
import type { Fetcher } from "./fetch-address.js";
import { keptCell } from "./kept-cell.js";
import type { KeptCell } from "./kept-columns.js";
import { type LabelCell, labelSetCell, type MultiLabel } from "./label-set.js";
import { mediaContent } from "./media-content.js";
import type { Content, RejectedRow, Row } from "./row.js";
import { seenIds } from "./seen-ids.js";
import { type ElsewhereRow, isOfShard, type NoteContents, type Shard } from "./shard.js";
import type { Table, TableRecord } from "./table.js";
import { textContent } from "./text-content.js";

/** What `tableRows` needs beside the table. */
export interface TableRowsOptions {
  readonly chosen: ChosenColumns;
  readonly where: readonly Condition[];
  /** Which ids are wanted. */
  readonly wanted: (id: string) => boolean;
  /** Rows of other shards are not looked into, only noted; null where there is only one. */
  readonly shard: (Shard & { readonly note: NoteContents }) | null;
  readonly maxTextLength: number;
  /** How cells hold several labels; null where they hold one. */
  readonly multiLabel: MultiLabel | null;
  /** The folder that paths of images and sounds are relative to, and must not leave. */
  readonly folder: string;
  /** Null where addresses are refused. */
  readonly fetcher: Fetcher | null;
}

/**
 * The rows of a table that meet all conditions. Labels and splits are trimmed, and null where empty; a row without id
 * column has its source, `file:line`, as id; a row whose id came before is rejected, as is one that cannot be read.
 * @throws {HeadstartError} `data` where a condition is about something that cannot be compared.
 */
export async function* tableRows(
  table: Table,
  { chosen, where, wanted, shard, maxTextLength, multiLabel, folder, fetcher }: TableRowsOptions,
): AsyncGenerator<Row | RejectedRow | ElsewhereRow> {
  const { columns, modality, kept } = chosen;
  const seen = seenIds();
  const media = modality === "text" ? null : { kind: modality, folder: await realpath(folder), fetcher };
  const read = [
    ...Object.values(columns).filter((column) => column !== null),
    ...kept.map(({ name }) => name),
    ...where.map(({ column }) => column),
  ];

  const labelOf = (cell: unknown, column: string): LabelCell => {
    if (multiLabel !== null) return labelSetCell(cell, column, multiLabel);
    const label = cellText(cell, column);
    return typeof label === "string" ? label.trim() || null : label;
  };
  // A promise only where a file is looked for: most rows are texts, and awaiting each takes as long as making it.
  const rowOf = (
    record: TableRecord & { readonly state: "record" },
  ): Row | RejectedRow | ElsewhereRow | null | Promise<Row | RejectedRow> => {
    const source = `${record.file}:${record.line}`;
    const id = columns.id === null ? source : cellText(record.cell(columns.id), columns.id);
    const known = typeof id === "string" && id !== "" ? id : source;
    if (!wanted(known)) return null;
    if (shard !== null) {
      const { content, label, split } = columns;
      const roles = [content, label, split].filter((column) => column !== null);
      shard.note(...[...roles, ...kept.map(({ name }) => name)].map((column) => record.cell(column)));
    }
    if (shard !== null && !isOfShard(known, shard)) return { state: "elsewhere", id: known };
    const reject = (reason: string): RejectedRow => ({ state: "rejected", id: known, source, reason });
    if (typeof id !== "string") return reject(id.reason);
    if (id === "") return reject(`empty id in column '${columns.id}'`);
    const first = columns.id === null ? null : seen.firstLine(id, record.line);
    if (first !== null) return reject(`id '${id}' is already that of line ${first}; ids must be unique`);
    const label = columns.label === null ? null : labelOf(record.cell(columns.label), columns.label);
    if (label !== null && typeof label !== "string") return reject(label.reason);
    const split = columns.split === null ? "" : cellText(record.cell(columns.split), columns.split);
    if (typeof split !== "string") return reject(split.reason);
    const along: KeptCell[] = [];
    for (const column of kept) {
      const cell = keptCell(record.cell(column.name), column);
      if ("reason" in cell) return reject(cell.reason);
      along.push(cell.value);
    }
    const value = record.cell(columns.content);
    const withContent = (content: Content | { readonly reason: string }): Row | RejectedRow => {
      if ("reason" in content) return reject(content.reason);
      const row = { id, content, label, split: split.trim() || null, source };
      return kept.length > 0 ? { state: "row", ...row, kept: along } : { state: "row", ...row };
    };
    if (media === null) return withContent(textOf(value, columns.content, maxTextLength));
    return mediaContent(value, columns.content, media).then(withContent);
  };

  for await (const record of table.records({ columns: read, where })) {
    if (record.state === "rejected") {
      const source = `${record.file}:${record.line}`;
      if (wanted(source)) yield { state: "rejected", id: source, source, reason: record.reason };
    } else if (where.every((condition) => meets(condition, record))) {
      const made = rowOf(record);
      const row = made instanceof Promise ? await made : made;
      if (row !== null) yield row;
    }
  }
}

function textOf(value: unknown, column: string, maxLength: number): Content | { readonly reason: string } {
  const text = cellText(value, column);
  return typeof text === "string" ? textContent(text, maxLength) : text;
}
