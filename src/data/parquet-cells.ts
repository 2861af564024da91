import type { ParquetColumn } from "./parquet-column.js";

/** Hands out the cells of a column in stretches of any length. */
export interface ParquetCells {
  /** The next `count` cells, null where there is none. @throws {Error} if there are fewer. */
  take(count: number): Promise<unknown[]>;
}

/** The cells of a column of single values, a page in memory at a time. @param as - as `ParquetColumn.pages` takes it. */
export function parquetCells(
  { pages, maxDefinition }: ParquetColumn,
  as: "stored" | "meant" = "stored",
): ParquetCells {
  const source = pages(as);
  let held: unknown[] = [];
  let at = 0;
  const refill = async (): Promise<void> => {
    const next = await source.next();
    if (next.done) throw new Error("a column has fewer values than the row group has rows");
    const { values, definitions } = next.value;
    at = 0;
    held = new Array(definitions.length || values.length);
    let value = 0;
    for (let i = 0; i < held.length; i++) {
      held[i] = definitions.length === 0 || definitions[i] === maxDefinition ? values[value++] : null;
    }
  };
  return {
    async take(count) {
      const cells: unknown[] = [];
      while (cells.length < count) {
        if (at === held.length) await refill();
        const end = Math.min(held.length, at + count - cells.length);
        for (; at < end; at++) cells.push(held[at]);
      }
      return cells;
    },
  };
}
