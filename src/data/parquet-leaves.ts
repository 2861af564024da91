import { type FileMetaData, parquetSchema, type SchemaElement, type SchemaTree } from "hyparquet";
import type { KeptType } from "./kept-columns.js";
import { parquetKeptTypes } from "./parquet-shapes.js";

/** A column of a Parquet file as it is stored: what a top-level column has at its bottom. */
export interface ParquetLeaf {
  /** The names that lead to it; the first is the column's. */
  readonly path: readonly string[];
  readonly element: SchemaElement;
  /** How many lists it lies in; 0 for single values. */
  readonly depth: number;
  /** How the values of its top-level column are kept; null where that does not hold single values. */
  readonly kept: KeptType | null;
  /** How many leaves its top-level column has; more than one in structs and maps. */
  readonly siblings: number;
}

/** All leaves of a Parquet file, in order. */
export function parquetLeaves(metadata: FileMetaData): ParquetLeaf[] {
  const schema = parquetSchema(metadata);
  const types = parquetKeptTypes(schema);
  return schema.children.flatMap((column) => {
    const leaves = leavesOf(column, 0);
    const kept = types.get(column.element.name) ?? null;
    return leaves.map((leaf) => ({ ...leaf, kept, siblings: leaves.length }));
  });
}

function leavesOf(
  { element, children, path }: SchemaTree,
  above: number,
): Omit<ParquetLeaf, "siblings" | "kept">[] {
  const depth = above + Number(element.repetition_type === "REPEATED");
  if (children.length === 0) return [{ path, element, depth }];
  return children.flatMap((child) => leavesOf(child, depth));
}
