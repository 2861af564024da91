import type { AsyncBuffer, ColumnMetaData, Compressors, PageHeader } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { compressors } from "hyparquet-compressors";

/** Unpacked bytes of a page; writers aim at one megabyte, and go above it for one large value. */
const LARGEST_PAGE = 512 * 2 ** 20;
/** Values of a page, nulls and repetitions included. */
const MOST_VALUES = 2 ** 24;

/**
 * Checks the pages of a column chunk before any is decoded: that they lie inside the chunk, that none claims more than
 * 512 MiB or 16 million values, and that together they hold the values that the footer says.
 * @throws {Error} saying what is wrong.
 */
export async function checkPages(file: AsyncBuffer, meta: ColumnMetaData): Promise<void> {
  const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const chunk = await file.slice(start, start + Number(meta.total_compressed_size));
  const reader = { view: new DataView(chunk), offset: 0 };
  const column = meta.path_in_schema.join(".");
  let values = 0;
  while (values < Number(meta.num_values)) {
    if (reader.offset >= chunk.byteLength) throw new Error(`column '${column}' ends too early`);
    const header = parquetHeader(reader);
    const count = checkPage(header, column, chunk.byteLength - reader.offset);
    if (header.type !== "DICTIONARY_PAGE") values += count;
    reader.offset += header.compressed_page_size;
  }
  if (values !== Number(meta.num_values))
    throw new Error(`column '${column}' has ${values} values, not ${meta.num_values}`);
}

/**
 * Checks what a page's header claims.
 * @param room - bytes of its column chunk from its content on.
 * @returns the values that it holds, nulls and repetitions included.
 * @throws {Error} saying what is wrong.
 */
export function checkPage(header: PageHeader, column: string, room: number): number {
  const { compressed_page_size: packed, uncompressed_page_size: unpacked } = header;
  const count =
    header.data_page_header?.num_values ??
    header.data_page_header_v2?.num_values ??
    header.dictionary_page_header?.num_values ??
    0;
  if (!(packed >= 0 && packed <= room)) throw new Error(`a page of column '${column}' lies outside it`);
  if (!(unpacked >= 0 && unpacked <= LARGEST_PAGE)) {
    throw new Error(
      `a page of column '${column}' claims to unpack to ${unpacked} bytes; at most ${LARGEST_PAGE} are read`,
    );
  }
  if (!(count >= 0 && count <= MOST_VALUES)) {
    throw new Error(`a page of column '${column}' claims ${count} values; at most ${MOST_VALUES} are read`);
  }
  return count;
}

/** Every compression that Parquet knows; what a page unpacks to is measured against its header by the reader. */
export const PARQUET_COMPRESSORS: Compressors = compressors;
