import {
  type AsyncBuffer,
  type FileMetaData,
  parquetReadObjects,
  parquetSchema,
  type RowGroup,
} from "hyparquet";
import { HeadstartError, messageOf } from "../core/errors.js";
import type { Condition } from "./condition.js";
import { openParquet, type ParquetFile, parquetError } from "./parquet-file.js";
import { checkPages, PARQUET_COMPRESSORS } from "./parquet-pages.js";
import { columnShapes, parquetKeptTypes, type ShapeOfColumn } from "./parquet-shapes.js";
import { mayMeet } from "./parquet-statistics.js";
import type { ReadPlan, TableEvent, TableRecord, TableSource } from "./table.js";

/** Unpacked bytes of the needed columns that are decoded at a time, where they can be decoded in parts. */
const WINDOW_BYTES = 32 * 2 ** 20;
/** Unpacked bytes of a row group that has to be decoded at once, as its columns are nested. */
const LARGEST_NESTED = 2 ** 30;
/** Packed bytes of the needed columns of one row group: they are held while it is decoded. */
const LARGEST_PACKED = 2 ** 30;
/** What a nested column's cells are: neither text nor media, and not worth decoding. */
const NESTED: readonly unknown[] = Object.freeze([]);

/**
 * A Parquet file as a source of records: row group by row group, in windows of about 32 MiB, only the columns that are
 * needed, and none of the row groups whose statistics rule out a condition.
 * @throws {HeadstartError} `io`, `data`: from here where the footer is wrong, from its events where a column is.
 */
export async function parquetSource(path: string, name: string): Promise<TableSource> {
  const opened = await openParquet(path, name);
  opened.close();
  const rows = Number(opened.metadata.num_rows);
  let done = 0;
  return {
    name,
    rereadable: true,
    position: "ROW",
    count: rows,
    guesses: [],
    shareRead: () => (rows === 0 ? null : done / rows),
    async *events(plan) {
      done = 0;
      const file = await openParquet(path, name);
      try {
        for await (const event of fileEvents(file, name, plan)) {
          if (event.state !== "header") done = event.line;
          yield event;
        }
      } finally {
        file.close();
      }
    },
  };
}

async function* fileEvents(
  { buffer, metadata }: ParquetFile,
  name: string,
  { columns, where }: ReadPlan,
): AsyncGenerator<TableEvent> {
  const schema = parquetSchema(metadata);
  const shapes = columnShapes(schema);
  const names = [...shapes.keys()];
  yield { state: "header", columns: names, types: parquetKeptTypes(schema) };
  const wanted = names.filter(
    (column) =>
      shapes.get(column) !== "nested" && (columns?.includes(column) ?? shapes.get(column) !== "list"),
  );
  let before = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    if (where.every((condition: Condition) => mayMeet(condition, group))) {
      yield* groupEvents({ buffer, metadata, group, wanted, shapes, names, name, before });
    }
    before += rows;
  }
}

interface Group {
  readonly buffer: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly group: RowGroup;
  /** Columns that are decoded. */
  readonly wanted: readonly string[];
  readonly shapes: ReadonlyMap<string, ShapeOfColumn>;
  readonly names: readonly string[];
  readonly name: string;
  /** Rows of the file before this group. */
  readonly before: number;
}

async function* groupEvents(options: Group): AsyncGenerator<TableRecord> {
  const { buffer, metadata, group, wanted, shapes, names, name, before } = options;
  const rows = Number(group.num_rows);
  const chunks = group.columns.flatMap(({ meta_data: meta }) =>
    meta !== undefined && wanted.includes(meta.path_in_schema[0]!) ? [meta] : [],
  );
  const unpacked = chunks.reduce((sum, meta) => sum + Number(meta.total_uncompressed_size), 0);
  const packed = chunks.reduce((sum, meta) => sum + Number(meta.total_compressed_size), 0);
  const nested = wanted.some((column) => shapes.get(column) !== "flat");
  if (packed > LARGEST_PACKED || (nested && unpacked > LARGEST_NESTED)) {
    throw parquetError(
      name,
      `has a row group of ${Math.max(packed, nested ? unpacked : 0)} bytes in the columns needed; at most ${LARGEST_PACKED} are held`,
      "Write it with smaller row groups, for example row_group_size=1000 in pyarrow and pandas.",
    );
  }
  const window = nested ? rows : Math.max(64, Math.floor(rows / Math.max(1, unpacked / WINDOW_BYTES)));
  const file = held(buffer);
  const alone = { ...metadata, row_groups: [group], num_rows: group.num_rows };
  const decoded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof HeadstartError) throw cause;
      throw parquetError(
        name,
        `is damaged, or written in a way that is not read: ${messageOf(cause)}`,
        undefined,
        cause,
      );
    }
  };
  await decoded(async () => {
    for (const meta of chunks) await checkPages(file, meta);
  });
  for (let from = 0; from < rows; from += window) {
    const to = Math.min(rows, from + window);
    const objects =
      wanted.length === 0
        ? Array.from({ length: to - from }, () => ({}))
        : await decoded(() =>
            parquetReadObjects({
              file,
              metadata: alone,
              columns: [...wanted],
              rowStart: from,
              rowEnd: to,
              compressors: PARQUET_COMPRESSORS,
              utf8: false,
              geoparquet: false,
            }),
          );
    if (objects.length !== to - from) {
      throw parquetError(
        name,
        `is damaged: rows ${before + from + 1} to ${before + to} have ${objects.length} values`,
      );
    }
    for (let i = 0; i < objects.length; i++) {
      yield recordOf(objects[i]!, names, shapes, name, before + from + i + 1, Math.ceil(unpacked / rows));
    }
  }
}

function recordOf(
  object: Readonly<Record<string, unknown>>,
  columns: readonly string[],
  shapes: ReadonlyMap<string, ShapeOfColumn>,
  file: string,
  line: number,
  size: number,
): TableRecord {
  return {
    state: "record",
    file,
    line,
    size,
    columns,
    cell: (column) =>
      shapes.get(column) === "nested" || (shapes.get(column) === "list" && !Object.hasOwn(object, column))
        ? NESTED
        : Object.hasOwn(object, column)
          ? object[column]
          : undefined,
  };
}

/** The same buffer, whose slices are kept: a row group is decoded in windows, each from the same bytes. */
function held(buffer: AsyncBuffer): AsyncBuffer {
  const slices = new Map<string, ArrayBuffer | Promise<ArrayBuffer>>();
  return {
    byteLength: buffer.byteLength,
    slice(start, end = buffer.byteLength) {
      const key = `${start}-${end}`;
      const found = slices.get(key) ?? buffer.slice(start, end);
      slices.set(key, found);
      return found;
    },
  };
}
