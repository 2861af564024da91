import type { ColumnChunk, SchemaElement } from "hyparquet";
import { parquetSchema } from "hyparquet";
import { getMaxDefinitionLevel, getTreePath } from "hyparquet/src/schema.js";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { writeColumn } from "hyparquet-writer/src/column.js";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";

/** An entry of a Parquet file's schema. */
export type ParquetElement = SchemaElement;

/** A column of a Parquet file to write. */
export type ParquetColumnSpec =
  /** Single values, in their physical types; null where the element is `OPTIONAL`. */
  | { readonly kind: "cells"; readonly element: SchemaElement }
  /** Lists of `dim` numbers, none of them null. */
  | { readonly kind: "vectors"; readonly name: string; readonly dim: number; readonly half: boolean };

/** The content of a column: cells, or the numbers of all rows one after the other (float16 as bits). */
export type ParquetContent = readonly unknown[] | Float32Array | Uint16Array;

/** Turns row groups into the bytes of a Parquet file, handing out each as it is made. */
export interface ParquetEncoder {
  /** @param columns - in the order of the specs. */
  group(columns: readonly ParquetContent[], rows: number): Uint8Array;
  /** What comes after the last row group: the footer. */
  tail(): Uint8Array;
}

/** Bytes of vectors in a page. */
const PAGE_BYTES = 2 ** 20;

/**
 * A Parquet file, a row group at a time, nothing kept but the footer. Texts are packed with Snappy and, where it pays,
 * by a dictionary; numbers of vectors, which do not pack, are stored as they are.
 * @param metadata - the file's key-value metadata.
 */
export function parquetEncoder(
  specs: readonly ParquetColumnSpec[],
  metadata: readonly { readonly key: string; readonly value: string }[],
): ParquetEncoder {
  const writer = new ByteWriter();
  const schema = [
    { name: "root", num_children: specs.length },
    ...specs.flatMap((spec) => (spec.kind === "cells" ? [spec.element] : vectorElements(spec))),
  ];
  const tree = parquetSchema({ schema } as Parameters<typeof parquetSchema>[0]);
  const file = new ParquetWriter({ writer, schema, kvMetadata: [...metadata], createdBy: "headstart" });
  const taken = (): Uint8Array => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  const cellChunk = (element: SchemaElement, cells: readonly unknown[]): ColumnChunk => {
    const path = getTreePath(tree, [element.name]);
    const maxDefinitionLevel = getMaxDefinitionLevel(path);
    const text = element.converted_type === "UTF8";
    // Physical values go in: of the logical types, only text is known to what encodes them.
    const { name, type, type_length, repetition_type } = element;
    const plain = {
      name,
      type,
      repetition_type,
      ...(type_length !== undefined && { type_length }),
      ...(text && { converted_type: "UTF8" as const }),
    } as SchemaElement;
    return writeColumn({
      writer,
      column: {
        columnName: name,
        element: plain,
        schemaPath: [schema[0]!, plain],
        codec: "SNAPPY",
        compressors: { SNAPPY: file.compressors.SNAPPY },
        stats: text,
        pageSize: PAGE_BYTES,
        columnIndex: false,
        offsetIndex: false,
      },
      pageData: {
        values: cells as unknown[],
        definitionLevels:
          maxDefinitionLevel === 0 ? [] : cells.map((cell) => (cell === null ? 0 : maxDefinitionLevel)),
        repetitionLevels: [],
        maxDefinitionLevel,
      },
    }).chunk;
  };
  return {
    group(columns, rows) {
      const begin = writer.offset;
      const chunks = specs.map((spec, i) =>
        spec.kind === "cells"
          ? cellChunk(spec.element, columns[i] as readonly unknown[])
          : vectorChunk(writer, spec, columns[i] as Float32Array | Uint16Array, rows),
      );
      const unpacked = chunks.reduce((sum, { meta_data: meta }) => sum + meta!.total_uncompressed_size, 0n);
      file.num_rows += BigInt(rows);
      file.row_groups.push({
        columns: chunks,
        total_byte_size: unpacked,
        num_rows: BigInt(rows),
        total_compressed_size: BigInt(writer.offset - begin),
      });
      return taken();
    },
    tail() {
      file.finish();
      return taken();
    },
  };
}

type VectorSpec = Extract<ParquetColumnSpec, { kind: "vectors" }>;

function vectorElements({ name, half }: VectorSpec): SchemaElement[] {
  const list = { converted_type: "LIST", logical_type: { type: "LIST" } } as const;
  const item = half
    ? ({ type: "FIXED_LEN_BYTE_ARRAY", type_length: 2, logical_type: { type: "FLOAT16" } } as const)
    : ({ type: "FLOAT" } as const);
  return [
    { name, repetition_type: "REQUIRED", num_children: 1, ...list },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", repetition_type: "REQUIRED", ...item },
  ];
}

/**
 * The pages of a column of vectors, written at once: every level is known beforehand. Each row is a run of one 0 and a
 * run of 1s, and every value is there. Source: Parquet's `Encodings.md`, "RLE / Bit-packing hybrid".
 */
function vectorChunk(
  writer: ByteWriter,
  { name, dim, half }: VectorSpec,
  values: Float32Array | Uint16Array,
  rows: number,
): ColumnChunk {
  const begin = writer.offset;
  const width = values.BYTES_PER_ELEMENT;
  const pageRows = Math.max(1, Math.floor(PAGE_BYTES / (dim * width)));
  for (let row = 0; row < rows; row += pageRows) {
    const count = Math.min(pageRows, rows - row);
    const repetitions = new ByteWriter(16 * count);
    for (let i = 0; i < count; i++) {
      repetitions.appendVarInt(1 << 1);
      repetitions.appendUint8(0);
      if (dim === 1) continue;
      repetitions.appendVarInt((dim - 1) << 1);
      repetitions.appendUint8(1);
    }
    const definitions = new ByteWriter(16);
    definitions.appendVarInt((count * dim) << 1);
    definitions.appendUint8(1);
    const size = repetitions.offset + definitions.offset + count * dim * width;
    writePageHeader(writer, {
      type: "DATA_PAGE_V2",
      uncompressed_page_size: size,
      compressed_page_size: size,
      data_page_header_v2: {
        num_values: count * dim,
        num_nulls: 0,
        num_rows: count,
        encoding: "PLAIN",
        definition_levels_byte_length: definitions.offset,
        repetition_levels_byte_length: repetitions.offset,
        is_compressed: false,
      },
    });
    writer.appendBytes(repetitions.getBytes());
    writer.appendBytes(definitions.getBytes());
    writer.appendBytes(
      new Uint8Array(values.buffer, values.byteOffset + row * dim * width, count * dim * width),
    );
  }
  const size = BigInt(writer.offset - begin);
  return {
    file_offset: BigInt(begin),
    meta_data: {
      type: half ? "FIXED_LEN_BYTE_ARRAY" : "FLOAT",
      encodings: ["PLAIN", "RLE"],
      path_in_schema: [name, "list", "element"],
      codec: "UNCOMPRESSED",
      num_values: BigInt(rows * dim),
      total_compressed_size: size,
      total_uncompressed_size: size,
      data_page_offset: BigInt(begin),
    },
  };
}
