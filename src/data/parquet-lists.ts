import { float16Bits } from "./float16-bits.js";
import type { ParquetColumn, ParquetPage } from "./parquet-column.js";

/** A stretch of a column of lists of numbers. */
export interface NumberLists {
  readonly rows: number;
  /** `[rows, dim]`, row-major; float16 values as their bits. */
  readonly values: Float32Array | Uint16Array;
  /** What keeps a row, counted from the stretch's first, from being `dim` numbers. */
  readonly problems: ReadonlyMap<number, string>;
}

/**
 * The rows of a column of lists, at most `most` at a time; float64 numbers are rounded to float32.
 * @param dim - numbers of a row.
 */
export async function* parquetLists(
  column: ParquetColumn,
  dim: number,
  most: number,
): AsyncGenerator<NumberLists> {
  const half = column.element.type === "FIXED_LEN_BYTE_ARRAY";
  const optional = column.element.repetition_type === "OPTIONAL";
  const max = column.maxDefinition;
  const allocate = (): Float32Array | Uint16Array =>
    half ? new Uint16Array(most * dim) : new Float32Array(most * dim);
  let values = allocate();
  let problems = new Map<number, string>();
  // The row that is being filled; -1 before the first.
  let row = -1;
  let length = 0;
  let hasNull = false;
  const close = (): void => {
    if (row < 0) return;
    if (hasNull) problems.set(row, "has a null among its numbers");
    else if (length !== dim) problems.set(row, length === 0 ? "has no vector" : `has ${length} numbers`);
  };
  const fill = (page: ParquetPage, from: number, value: number): { slot: number; value: number } => {
    const { definitions, repetitions } = page;
    const slots = definitions.length || repetitions.length || page.values.length;
    let at = value;
    for (let slot = from; slot < slots; slot++) {
      if (repetitions.length === 0 || repetitions[slot] === 0) {
        close();
        if (row + 1 === most) return { slot, value: at };
        row++;
        length = 0;
        hasNull = false;
      }
      const definition = definitions.length === 0 ? max : definitions[slot]!;
      if (definition === max) {
        const cell = page.values[at++] as number;
        if (length < dim) values[row * dim + length] = half ? float16Bits(cell) : cell;
        length++;
      } else if (optional && definition === max - 1) hasNull = true;
    }
    return { slot: slots, value: at };
  };
  for await (const page of column.pages()) {
    const slots = page.definitions.length || page.repetitions.length || page.values.length;
    for (let at = { slot: 0, value: 0 }; ; ) {
      at = fill(page, at.slot, at.value);
      if (at.slot === slots) break;
      yield { rows: most, values, problems };
      values = allocate();
      problems = new Map();
      row = -1;
    }
  }
  close();
  if (row >= 0) yield { rows: row + 1, values: values.subarray(0, (row + 1) * dim), problems };
}
