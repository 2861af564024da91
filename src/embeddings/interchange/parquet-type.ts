import {
  Bool,
  type Data,
  DataType,
  DateUnit,
  type FixedSizeBinary,
  makeData,
  TimeUnit,
  type Vector,
  vectorFromArray,
} from "apache-arrow";
import type { ParquetElement } from "../../data/parquet-encoder.js";
import { utf8Data, validity } from "../file/utf8-data.js";

/** How a column of an Arrow type is stored in Parquet, and read from there. */
export interface ParquetType {
  readonly element: Omit<ParquetElement, "name" | "repetition_type">;
  /** The cells in their physical type; null where there is none. */
  cells(column: Vector): unknown[];
  data(cells: readonly unknown[]): Data;
}

/** Null for types that have no counterpart here: lists, structs, decimals, durations. */
export function parquetType(type: DataType): ParquetType | null {
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type)) return text(type);
  if (DataType.isDictionary(type)) return parquetType(type.dictionary as DataType);
  if (DataType.isBool(type)) return bool();
  if (DataType.isFixedSizeBinary(type)) return fixedBinary(type);
  if (DataType.isBinary(type)) {
    return {
      element: { type: "BYTE_ARRAY" },
      cells: plainCells,
      data: (cells) => vectorFromArray([...cells] as Uint8Array[], type).data[0]! as Data,
    };
  }
  const element = numberElement(type);
  return element === null ? null : numbers(type, element);
}

function text(type: DataType): ParquetType {
  const decode = (cell: unknown): string | null =>
    cell === null ? null : Buffer.from(cell as Uint8Array).toString("utf8");
  return {
    element: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
    cells: plainCells,
    data: (cells) => {
      const texts = cells.map(decode);
      return DataType.isUtf8(type) ? utf8Data(texts) : (vectorFromArray(texts, type).data[0]! as Data);
    },
  };
}

function bool(): ParquetType {
  return {
    element: { type: "BOOLEAN" },
    cells: plainCells,
    data(cells) {
      const data = new Uint8Array(Math.ceil(cells.length / 64) * 8);
      cells.forEach((cell, i) => {
        if (cell === true) data[i >> 3]! |= 1 << (i & 7);
      });
      return makeData({ type: new Bool(), length: cells.length, ...validity(cells), data });
    },
  };
}

function fixedBinary(type: FixedSizeBinary): ParquetType {
  const { byteWidth } = type;
  return {
    element: { type: "FIXED_LEN_BYTE_ARRAY", type_length: byteWidth },
    cells: plainCells,
    data(cells) {
      const data = new Uint8Array(cells.length * byteWidth);
      cells.forEach((cell, i) => {
        if (cell !== null) data.set(cell as Uint8Array, i * byteWidth);
      });
      return makeData({ type, length: cells.length, ...validity(cells), data }) as Data;
    },
  };
}

const UNITS = {
  [TimeUnit.MILLISECOND]: ["MILLIS", "TIMESTAMP_MILLIS"],
  [TimeUnit.MICROSECOND]: ["MICROS", "TIMESTAMP_MICROS"],
  [TimeUnit.NANOSECOND]: ["NANOS", undefined],
} as const;

/** Numbers, dates and moments: what lies in one typed array. */
function numberElement(type: DataType): ParquetType["element"] | null {
  if (DataType.isInt(type)) {
    const { bitWidth, isSigned } = type;
    return {
      type: bitWidth === 64 ? "INT64" : "INT32",
      // Not the logical type too: hyparquet-writer 0.17 writes its width in a type that other readers refuse.
      converted_type: `${isSigned ? "INT" : "UINT"}_${bitWidth}`,
    };
  }
  if (DataType.isFloat(type)) {
    if (type.precision === 0) {
      return { type: "FIXED_LEN_BYTE_ARRAY", type_length: 2, logical_type: { type: "FLOAT16" } };
    }
    return { type: type.precision === 1 ? "FLOAT" : "DOUBLE" };
  }
  if (DataType.isDate(type) && type.unit === DateUnit.DAY) {
    return { type: "INT32", converted_type: "DATE", logical_type: { type: "DATE" } };
  }
  if (DataType.isTimestamp(type) && type.unit !== TimeUnit.SECOND) {
    const [unit, converted] = UNITS[type.unit];
    return {
      type: "INT64",
      ...(converted !== undefined && { converted_type: converted }),
      logical_type: { type: "TIMESTAMP", isAdjustedToUTC: type.timezone != null, unit },
    };
  }
  return null;
}

type Numbers = Int32Array | BigInt64Array;

function numbers(type: DataType, element: ParquetType["element"]): ParquetType {
  const physical = (value: number | bigint): unknown => {
    if (element.type === "INT64") return BigInt.asIntN(64, BigInt(value));
    if (element.type === "INT32") return Number(value) | 0;
    return element.type_length === 2 ? Uint8Array.of(Number(value) & 255, Number(value) >> 8) : value;
  };
  const logical = (cell: unknown): unknown =>
    cell instanceof Uint8Array ? cell[0]! | (cell[1]! << 8) : cell;
  return {
    element,
    cells: (column) =>
      column.data.flatMap((data) => {
        const values = data.values as ArrayLike<number | bigint>;
        const valid = (row: number): boolean => data.nullCount === 0 || data.getValid(row);
        return Array.from({ length: data.length }, (_, row) => (valid(row) ? physical(values[row]!) : null));
      }),
    data(cells) {
      const Values = type.ArrayType as new (length: number) => Numbers;
      const data = new Values(cells.length);
      cells.forEach((cell, i) => {
        if (cell !== null) data[i] = logical(cell) as never;
      });
      return makeData({ type, length: cells.length, ...validity(cells), data } as never) as Data;
    },
  };
}

function plainCells(column: Vector): unknown[] {
  return Array.from({ length: column.length }, (_, row) => column.get(row) as unknown);
}
