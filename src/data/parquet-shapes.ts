import type { SchemaTree } from "hyparquet";
import type { KeptType } from "./kept-columns.js";

/**
 * What a column is: one value a row, a `{ bytes, path }` as Hugging Face's data sets write, a list of texts or whole
 * numbers, or anything else nested.
 */
export type ShapeOfColumn = "flat" | "media" | "list" | "nested";

/** The columns of a Parquet file in order, with their shapes. */
export function columnShapes(schema: SchemaTree): Map<string, ShapeOfColumn> {
  return new Map(schema.children.map((child) => [child.element.name, shapeOf(child)]));
}

function shapeOf({ element, children }: SchemaTree): ShapeOfColumn {
  if (element.repetition_type === "REPEATED") return "nested";
  if (children.length === 0) return "flat";
  if (isListOfLabels(element, children)) return "list";
  const leaves = children.every(
    (child) => child.children.length === 0 && child.element.repetition_type !== "REPEATED",
  );
  const named = children.some((child) => child.element.name === "bytes" || child.element.name === "path");
  return leaves && named && element.converted_type === undefined ? "media" : "nested";
}

/** Of the three-level form that every writer gives lists by now; lists of floats are vectors, and not read. */
function isListOfLabels(element: SchemaTree["element"], children: readonly SchemaTree[]): boolean {
  const [repeated] = children;
  const item = repeated?.children[0];
  return (
    element.converted_type === "LIST" &&
    repeated?.element.repetition_type === "REPEATED" &&
    repeated.children.length === 1 &&
    item?.children.length === 0 &&
    item.element.repetition_type !== "REPEATED" &&
    ["BYTE_ARRAY", "INT32", "INT64"].includes(item.element.type ?? "")
  );
}

/** How the values of each column are kept: integers of up to 64 bits, floats and booleans typed, all else flat as text. */
export function parquetKeptTypes(schema: SchemaTree): Map<string, KeptType | null> {
  return new Map(
    schema.children.map((child) => [
      child.element.name,
      shapeOf(child) === "flat" ? keptTypeOf(child.element) : null,
    ]),
  );
}

function keptTypeOf({ type, converted_type, logical_type }: SchemaTree["element"]): KeptType {
  if (type === "BOOLEAN") return "bool";
  if (type === "FLOAT" || type === "DOUBLE" || logical_type?.type === "FLOAT16") return "float64";
  if (type !== "INT32" && type !== "INT64") return "utf8";
  if (logical_type?.type === "INTEGER")
    return logical_type.isSigned || logical_type.bitWidth < 64 ? "int64" : "utf8";
  const integer = converted_type === undefined || /^(U?INT_8|U?INT_16|U?INT_32|INT_64)$/.test(converted_type);
  return integer && logical_type === undefined ? "int64" : "utf8";
}
