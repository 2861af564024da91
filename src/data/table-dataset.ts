import { HeadstartError } from "../core/errors.js";
import { type ChosenColumns, chooseColumns } from "./choose-columns.js";
import type { Condition } from "./condition.js";
import { type DatasetOptions, readingOptions } from "./dataset-options.js";
import type { Fetcher } from "./fetch-address.js";
import { otherDelimiter } from "./flat-source.js";
import { checkLabelSets } from "./label-set.js";
import { openTable } from "./open-table.js";
import type { Dataset, RejectedRow, Row } from "./row.js";
import { isSampled, selectedCount, selectRows } from "./select-rows.js";
import { type NoteContents, shardDataset } from "./shard.js";
import type { Table, TableSource } from "./table.js";
import { tableRows } from "./table-rows.js";

/** What a table needs beside its source to become a data set. */
export interface TableDatasetOptions {
  /** The input as the user wrote it. */
  readonly input: string;
  readonly options: DatasetOptions;
  readonly where: readonly Condition[];
  readonly maxTextLength: number;
  /** The folder that paths in it are relative to. */
  readonly folder: string;
  readonly fetcher: Fetcher | null;
  readonly identity: string | null;
}

/**
 * A table as a data set: its columns are chosen by its beginning, its rows stream.
 * @throws {HeadstartError} `data` if it has no rows, or not the columns that are needed.
 */
export async function tableDataset(
  source: TableSource,
  { input, options, where, maxTextLength, folder, fetcher, identity }: TableDatasetOptions,
): Promise<Dataset> {
  const table = await openTable(source);
  const chosen = await checkedColumns(table, source.name, options, where).catch(async (error: unknown) => {
    await table.close();
    throw error;
  });
  const { sample, limit } = options;
  const multiLabel = options.multiLabel || null;
  const wanted = (id: string): boolean => sample === undefined || isSampled(id, sample);
  const { shard } = options;
  const rows = (note: NoteContents) =>
    selectRows(
      tableRows(table, {
        ...{ chosen, where, wanted, maxTextLength, multiLabel, folder, fetcher },
        shard: shard === undefined ? null : { ...shard, note },
      }),
      { sample: undefined, limit },
    );
  const dataset = {
    name: input,
    modality: chosen.modality,
    columns: Object.freeze(chosen.columns),
    kept: chosen.kept,
    guesses: Object.freeze([
      ...source.guesses,
      ...chosen.guesses,
      ...(chosen.columns.id === null ? [`ids: "${idName(source)}:${source.position}" (no id column)`] : []),
    ]),
    count: selectedCount(source.count, { sample, limit }, where),
    shareRead: source.shareRead,
    identity,
    ...(multiLabel !== null && { multiLabel: true as const }),
  } satisfies Omit<Dataset, "rows">;
  if (shard !== undefined) {
    return shardDataset(dataset, shard, readingOptions({ ...options, maxTextLength }), rows);
  }
  // Without shards no row is elsewhere.
  return Object.freeze({
    ...dataset,
    rows: () => rows(() => undefined) as AsyncGenerator<Row | RejectedRow>,
  });
}

const idName = ({ name }: TableSource): string => (/[*?[\]{}]/.test(name) ? "FILE" : name);

async function checkedColumns(
  table: Table,
  name: string,
  options: DatasetOptions,
  where: readonly Condition[],
): Promise<ChosenColumns> {
  const { columns, sample } = table;
  const [first] = sample;
  if (first === undefined) {
    throw new HeadstartError("data", `${name} has no rows`, {
      facts: { file: name, columns },
      hint:
        columns.length === 0 ? "It is empty." : `There is only a header: ${columns.slice(0, 100).join(", ")}`,
    });
  }
  if (columns.length === 0 && first.state === "rejected") {
    throw new HeadstartError("data", `${name} has no readable rows: ${first.reason}`, {
      facts: { file: name },
      hint: "Rows are JSON objects, one a line in JSONL; --format names another format.",
    });
  }
  const delimiter = otherDelimiter(columns);
  if (delimiter !== null && options.format !== "json" && options.format !== "jsonl") {
    const tab = delimiter === "\t";
    throw new HeadstartError(
      "data",
      `${name} is separated by ${tab ? "tabs" : `'${delimiter}'`}, not as ${options.format ?? "csv"}`,
      {
        facts: { file: name, header: columns[0] },
        hint: tab
          ? "Add --format tsv."
          : "Save it separated by commas; spreadsheets call it CSV UTF-8 (comma delimited), or CSV with field separator ','.",
      },
    );
  }
  const chosen = chooseColumns(table, options, name, where);
  const { multiLabel } = options;
  if (multiLabel && options.labels !== "optional") {
    checkLabelSets(name, chosen.columns.label, sample, multiLabel);
  }
  return chosen;
}
