import { stat } from "node:fs/promises";
import { HeadstartError } from "../core/errors.js";
import type { Condition } from "./condition.js";
import { type DatasetOptions, readingOptions } from "./dataset-options.js";
import type { Content, Dataset, RejectedRow, Row } from "./row.js";
import { ROW_COLUMNS, rowsWhere, selectedCount, selectRows } from "./select-rows.js";
import { type NoteContents, shardDataset } from "./shard.js";

/**
 * The rows of a data set without columns of its own that `where`, `sample` and `limit` choose.
 * @throws {HeadstartError} `data` if a condition is about another column than id, label, split and text.
 */
export function selectDataset(
  dataset: Dataset,
  { options, where }: { readonly options: DatasetOptions; readonly where: readonly Condition[] },
): Dataset {
  const { sample, limit } = options;
  for (const { column } of where) {
    if (ROW_COLUMNS.includes(column)) continue;
    throw new HeadstartError("data", `${dataset.name} has no column '${column}'`, {
      facts: { file: dataset.name, column, flag: "--where" },
      hint: `Columns: ${ROW_COLUMNS.join(", ")}`,
    });
  }
  const rows = () => selectRows(rowsWhere(dataset.rows(), where), { sample, limit });
  if (options.shard !== undefined) {
    return shardDataset(dataset, options.shard, readingOptions(options), (note) => noted(rows(), note));
  }
  return Object.freeze({ ...dataset, count: selectedCount(dataset.count, { sample, limit }, where), rows });
}

/** The same rows, each of which was noted before. */
async function* noted(
  rows: AsyncIterable<Row | RejectedRow>,
  note: NoteContents,
): AsyncGenerator<Row | RejectedRow> {
  for await (const row of rows) {
    if (row.state === "row") note(await told(row.content), row.label, row.split);
    yield row;
  }
}

/** A text, bytes, or the size of a file: to read every file for every shard would take too long. */
async function told(content: Content): Promise<string | Uint8Array | number | null> {
  if (content.kind === "text") return content.text;
  if ("bytes" in content) return content.bytes;
  return stat(content.path).then(
    ({ size }) => size,
    () => null,
  );
}
