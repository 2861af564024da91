import { DataType, type Vector } from "apache-arrow";

/** Reads the cells of a column of a batch as plain values. */
export type CellReader = (row: number) => unknown;

/**
 * How the cells of a column are read: texts, numbers, bigints, booleans and bytes as they are, dates and times of day as
 * `Date` and text, decimals as text, `{ bytes, path }` as such an object, lists of texts or whole numbers as arrays, other lists and objects as what they are.
 */
export function cellReader(column: Vector): CellReader {
  const type: DataType = DataType.isDictionary(column.type) ? column.type.dictionary : column.type;
  const get = (row: number): unknown => column.get(row);
  if (DataType.isDate(type) || DataType.isTimestamp(type)) return (row) => dateOf(get(row));
  if (DataType.isDecimal(type)) return (row) => decimalText(get(row), type.scale);
  if (DataType.isStruct(type)) {
    const names = type.children.map((child) => child.name);
    const media = names.filter((name) => name === "bytes" || name === "path");
    if (media.length === 0) return (row) => (column.isValid(row) ? {} : null);
    const inner = media.map((name) => [name, column.getChild(name as never) as Vector | null] as const);
    return (row) =>
      column.isValid(row) ? Object.fromEntries(inner.map(([name, child]) => [name, child?.get(row)])) : null;
  }
  if (DataType.isList(type) && isLabelLike(type.valueType)) {
    const inner = (list: Vector): unknown[] =>
      Array.from({ length: list.length }, (_, i) => cellReader(list)(i));
    return (row) => (column.isValid(row) ? inner(get(row) as Vector) : null);
  }
  if (DataType.isList(type) || DataType.isFixedSizeList(type))
    return (row) => (column.isValid(row) ? [] : null);
  if (DataType.isMap(type) || DataType.isUnion(type)) return (row) => (column.isValid(row) ? {} : null);
  return get;
}

/** Whether a list of such values may hold labels; lists of other values, vectors above all, are not read. */
function isLabelLike(type: DataType): boolean {
  const plain = DataType.isDictionary(type) ? type.dictionary : type;
  return (
    DataType.isUtf8(plain) ||
    DataType.isLargeUtf8(plain) ||
    DataType.isUtf8View(plain) ||
    DataType.isInt(plain)
  );
}

function dateOf(value: unknown): Date | null {
  return value === null || value === undefined ? null : new Date(Number(value));
}

/** @param value - a little-endian two's complement integer in 32-bit words. */
function decimalText(value: unknown, scale: number): string | null {
  if (!(value instanceof Uint32Array)) return value === null || value === undefined ? null : String(value);
  let sum = 0n;
  for (let i = value.length - 1; i >= 0; i--) sum = (sum << 32n) | BigInt(value[i]!);
  const number = BigInt.asIntN(value.length * 32, sum);
  const digits = (number < 0n ? -number : number).toString().padStart(scale + 1, "0");
  const whole = scale <= 0 ? digits + "0".repeat(-scale) : digits.slice(0, -scale);
  return `${number < 0n ? "-" : ""}${whole}${scale > 0 ? `.${digits.slice(-scale)}` : ""}`;
}
