import { HeadstartError } from "../core/errors.js";
import type { Condition } from "./condition.js";
import { type DatasetOptions, readingOptions } from "./dataset-options.js";
import type { Dataset } from "./row.js";
import { ROW_COLUMNS, rowsWhere, selectedCount, selectRows } from "./select-rows.js";
import { shardDataset } from "./shard.js";

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
  if (options.shard !== undefined) return shardDataset(dataset, options.shard, readingOptions(options), rows);
  return Object.freeze({ ...dataset, count: selectedCount(dataset.count, { sample, limit }, where), rows });
}
