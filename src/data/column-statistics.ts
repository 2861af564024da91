import { isImagePath } from "./input-format.js";
import type { TableRecord } from "./table.js";

/** What a sample tells of a column; over its values that are not empty. */
export interface ColumnStatistics {
  readonly column: string;
  /** Whether it has any value. */
  readonly filled: boolean;
  /** Whether all values are numbers. */
  readonly numeric: boolean;
  /** Whether at least half of the values have several words. */
  readonly freeText: boolean;
  /** Whether all values end like the path of a picture. */
  readonly imagePaths: boolean;
  /** Characters. */
  readonly meanLength: number;
}

/** Looks at one column of a sample. */
export function columnStatistics(column: string, sample: readonly TableRecord[]): ColumnStatistics {
  let filled = 0;
  let numeric = 0;
  let severalWords = 0;
  let imagePaths = 0;
  let characters = 0;
  for (const record of sample) {
    if (record.state !== "record") continue;
    const value = record.cell(column);
    if (value === null || value === undefined || typeof value === "object") continue;
    const text = String(value).trim();
    if (text === "") continue;
    filled++;
    characters += text.length;
    if (Number.isFinite(Number(text))) numeric++;
    if (/\s/.test(text)) severalWords++;
    if (isImagePath(text)) imagePaths++;
  }
  return {
    column,
    filled: filled > 0,
    numeric: filled > 0 && numeric === filled,
    freeText: filled > 0 && severalWords * 2 >= filled,
    imagePaths: filled > 0 && imagePaths === filled,
    meanLength: filled === 0 ? 0 : characters / filled,
  };
}
