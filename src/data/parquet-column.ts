import {
  type AsyncBuffer,
  type ColumnMetaData,
  type DecodedArray,
  type FileMetaData,
  type PageHeader,
  parquetSchema,
  type RowGroup,
  type SchemaElement,
  type SchemaTree,
} from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { convert, DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { decompressPage, readDataPage, readDataPageV2 } from "hyparquet/src/datapage.js";
import { readPlain } from "hyparquet/src/plain.js";
import { getMaxDefinitionLevel, getTreePath } from "hyparquet/src/schema.js";
import { checkPage, PARQUET_COMPRESSORS } from "./parquet-pages.js";

/** The values of one page as they are stored, and where nulls and new rows are among them. */
export interface ParquetPage {
  /** Those that are there, without the nulls. */
  readonly values: DecodedArray;
  /** A slot a value or null: equal to the column's `maxDefinition` where there is a value; empty where all are. */
  readonly definitions: ArrayLike<number>;
  /** Of lists, a slot a value or null: 0 where a row begins; empty for columns without lists. */
  readonly repetitions: ArrayLike<number>;
}

/** A column of single values, or of lists of them, of one row group. */
export interface ParquetColumn {
  readonly element: SchemaElement;
  readonly maxDefinition: number;
  /**
   * One page in memory at a time, whatever the size of the row group.
   * @param as - `stored` (default): values in their physical types, texts as bytes; `meant`: dates as `Date`,
   * decimals as numbers, texts as strings.
   */
  pages(as?: "stored" | "meant"): AsyncGenerator<ParquetPage>;
}

/** Bytes that a page's header is first looked for in. */
const HEADER_BYTES = 4096;
const LARGEST_HEADER = 16 * 2 ** 20;

/**
 * Opens a column of a row group to be read page by page.
 * @param path - the names that lead to it; of a list, those of its inner groups too.
 * @throws {Error} from `pages`, saying what is wrong.
 */
export function parquetColumn(
  file: AsyncBuffer,
  metadata: FileMetaData,
  group: RowGroup,
  path: readonly string[],
): ParquetColumn {
  const schemaPath = getTreePath(parquetSchema(metadata), [...path]);
  const element = schemaPath.at(-1)!.element;
  const chunk = group.columns.find(
    ({ meta_data: meta }) => meta?.path_in_schema.join("\0") === path.join("\0"),
  );
  return {
    element,
    maxDefinition: getMaxDefinitionLevel(schemaPath),
    pages: (as = "stored") => {
      if (chunk?.meta_data === undefined) throw new Error(`a row group lacks column '${path.join(".")}'`);
      return chunkPages(file, chunk.meta_data, schemaPath, as === "meant");
    },
  };
}

async function* chunkPages(
  file: AsyncBuffer,
  meta: ColumnMetaData,
  schemaPath: SchemaTree[],
  meant: boolean,
): AsyncGenerator<ParquetPage> {
  const column = meta.path_in_schema.join(".");
  const { element } = schemaPath.at(-1)!;
  const decoder = {
    pathInSchema: meta.path_in_schema,
    element,
    schemaPath,
    type: meta.type,
    codec: meta.codec,
    compressors: PARQUET_COMPRESSORS,
    parsers: DEFAULT_PARSERS,
    utf8: false,
  };
  const valuesOf = (values: DecodedArray): DecodedArray => (meant ? convert(values, decoder) : values);
  const total = Number(meta.num_values);
  let at = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const end = at + Number(meta.total_compressed_size);
  let dictionary: DecodedArray | null = null;
  let values = 0;
  while (values < total) {
    if (at >= end) throw new Error(`column '${column}' ends too early`);
    const { header, bytes } = await headerAt(file, at, end);
    at += bytes;
    const count = checkPage(header, column, end - at);
    const packed = new Uint8Array(await file.slice(at, at + header.compressed_page_size));
    at += packed.length;
    if (header.type === "DICTIONARY_PAGE") {
      const page = decompressPage(packed, header.uncompressed_page_size, meta.codec, PARQUET_COMPRESSORS);
      const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
      dictionary = valuesOf(readPlain({ view, offset: 0 }, meta.type, count, element.type_length));
      continue;
    }
    const { data_page_header: v1, data_page_header_v2: v2 } = header;
    if (v1 === undefined && v2 === undefined) continue;
    const read = v1
      ? readDataPage(
          decompressPage(packed, header.uncompressed_page_size, meta.codec, PARQUET_COMPRESSORS),
          v1,
          decoder,
        )
      : readDataPageV2(packed, header, decoder);
    const encoding = (v1 ?? v2)!.encoding;
    yield {
      values: encoding.endsWith("_DICTIONARY")
        ? lookedUp(read.dataPage, dictionary, column)
        : valuesOf(read.dataPage),
      definitions: read.definitionLevels ?? [],
      repetitions: read.repetitionLevels,
    };
    values += count;
  }
}

async function headerAt(
  file: AsyncBuffer,
  at: number,
  end: number,
): Promise<{ readonly header: PageHeader; readonly bytes: number }> {
  for (let length = HEADER_BYTES; ; length *= 8) {
    const reader = { view: new DataView(await file.slice(at, Math.min(end, at + length))), offset: 0 };
    try {
      return { header: parquetHeader(reader), bytes: reader.offset };
    } catch (cause) {
      // A header may be longer than what was looked at: statistics of long texts are part of it.
      if (length >= LARGEST_HEADER || at + length >= end) throw cause;
    }
  }
}

function lookedUp(codes: DecodedArray, dictionary: DecodedArray | null, column: string): DecodedArray {
  if (dictionary === null) throw new Error(`column '${column}' has no dictionary`);
  const values =
    dictionary instanceof Float32Array
      ? new Float32Array(codes.length)
      : dictionary instanceof Float64Array
        ? new Float64Array(codes.length)
        : new Array<unknown>(codes.length);
  for (let i = 0; i < codes.length; i++) {
    const value: unknown = dictionary[codes[i] as number];
    if (value === undefined) throw new Error(`column '${column}' has a code outside its dictionary`);
    values[i] = value as number;
  }
  return values;
}
