import type { SchemaTree } from "hyparquet";

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
