import type { RecordBatch, Schema } from "apache-arrow";
import { cellReader } from "../../data/arrow-cell.js";
import { arrowKeptType } from "../../data/arrow-kept-type.js";
import { keptCell } from "../../data/kept-cell.js";
import { CONTRACT_COLUMNS, type KeptCell, type KeptColumn } from "../../data/kept-columns.js";

/** The columns of an embeddings file beyond the contract's, as far as they hold single values, in order. */
export function keptColumns(schema: Schema): KeptColumn[] {
  const contract = new Set<string>(CONTRACT_COLUMNS);
  return schema.fields.flatMap(({ name, type: declared }) => {
    const type = contract.has(name) ? null : arrowKeptType(declared);
    return type === null ? [] : [{ name, type }];
  });
}

/**
 * The values of a kept column in one batch.
 * @throws {RangeError} if one is not of its type, or is no text.
 */
export function readKept(batch: RecordBatch, column: KeptColumn): KeptCell[] {
  const read = cellReader(batch.getChild(column.name)!);
  return Array.from({ length: batch.numRows }, (_, i) => {
    const cell = keptCell(read(i), column);
    if ("reason" in cell) throw new RangeError(cell.reason);
    return cell.value;
  });
}
