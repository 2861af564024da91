import { createHash } from "node:crypto";
import { type Condition, meets } from "./condition.js";
import type { Dataset, RejectedRow, Row } from "./row.js";

/** Which of the rows are taken. */
export interface Selection {
  /** A share of the rows, below 1, by the hash of their ids. */
  readonly sample: number | undefined;
  /** At most so many rows, those that cannot be used included. */
  readonly limit: number | undefined;
}

/** Takes a share of the rows, then the first of these; reading stops with the last that is wanted. */
export function selectRows<T extends { readonly id: string }>(
  rows: AsyncGenerator<T>,
  selection: Selection,
): AsyncGenerator<T> {
  const { sample, limit } = selection;
  return sample === undefined && limit === undefined ? rows : selectedRows(rows, selection);
}

async function* selectedRows<T extends { readonly id: string }>(
  rows: AsyncIterable<T>,
  { sample, limit }: Selection,
): AsyncGenerator<T> {
  let taken = 0;
  for await (const row of rows) {
    if (sample !== undefined && !isSampled(row.id, sample)) continue;
    yield row;
    if (++taken === limit) return;
  }
}

/**
 * Whether an id belongs to a share of all ids: the same answer in every run and on every machine, and whatever is in a
 * smaller share is in a larger one.
 */
export function isSampled(id: string, share: number): boolean {
  return createHash("sha256").update(id).digest().readUInt32BE(0) < share * 2 ** 32;
}

/** Rows in all after a selection; null where only reading tells. */
export function selectedCount(
  count: number | null,
  { sample, limit }: Selection,
  where: readonly Condition[],
): number | null {
  if (count === null || sample !== undefined || where.length > 0) return null;
  return Math.min(count, limit ?? Number.POSITIVE_INFINITY);
}

/** The columns that conditions see where an input has none of its own. */
export const ROW_COLUMNS: readonly string[] = ["id", "label", "split", "text"];

/** Takes the rows that meet all conditions, which see id, label, split and text; rejected rows pass. */
export async function* rowsWhere(
  rows: ReturnType<Dataset["rows"]>,
  where: readonly Condition[],
): AsyncGenerator<Row | RejectedRow> {
  for await (const row of rows) {
    if (row.state === "rejected" || where.every((condition) => meets(condition, asRecord(row)))) yield row;
  }
}

function asRecord(row: Row): Parameters<typeof meets>[1] {
  const cells: Readonly<Record<string, string | null>> = {
    id: row.id,
    label: row.label,
    split: row.split,
    text: row.content.kind === "text" ? row.content.text : null,
  };
  return {
    state: "record",
    file: row.source,
    line: 1,
    size: 0,
    columns: ROW_COLUMNS,
    cell: (column) => cells[column],
  };
}
