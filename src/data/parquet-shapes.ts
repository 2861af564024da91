import type { SchemaTree } from "hyparquet";

/** What a column is: one value a row, a `{ bytes, path }` as Hugging Face's data sets write, or anything else nested. */
export type ShapeOfColumn = "flat" | "media" | "nested";

/** The columns of a Parquet file in order, with their shapes. */
export function columnShapes(schema: SchemaTree): Map<string, ShapeOfColumn> {
  return new Map(schema.children.map((child) => [child.element.name, shapeOf(child)]));
}

function shapeOf({ element, children }: SchemaTree): ShapeOfColumn {
  if (element.repetition_type === "REPEATED") return "nested";
  if (children.length === 0) return "flat";
  const leaves = children.every(
    (child) => child.children.length === 0 && child.element.repetition_type !== "REPEATED",
  );
  const named = children.some((child) => child.element.name === "bytes" || child.element.name === "path");
  return leaves && named && element.converted_type === undefined ? "media" : "nested";
}
