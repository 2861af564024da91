import type { KeptType } from "../../data/kept-columns.js";

/** A table that others wrote, with vectors in it: what can be imported as embeddings. */
export interface VectorTable {
  /** How errors call it. */
  readonly name: string;
  /** Columns that hold lists of numbers. */
  readonly vectors: readonly string[];
  /** Columns of single values. */
  readonly cells: readonly string[];
  /** How the values of such a column are kept. */
  keptType(cells: string): KeptType;
  /** Rows in all, where that is known beforehand. */
  readonly rows: number | null;
  /** Metadata of the file. */
  readonly metadata: ReadonlyMap<string, string>;
  /** What was guessed about how it is written, in sentences. */
  readonly notes: readonly string[];
  /** What the column's first vector is like; null where it has none at all. */
  shape(column: string): Promise<VectorShape | null>;
  /** All rows in order, at most 4,096 at a time; may be called again. */
  stretches(wanted: WantedColumns): AsyncGenerator<VectorStretch>;
  close(): Promise<void>;
}

/** What a vector is like. */
export interface VectorShape {
  readonly dim: number;
  /** Whether its numbers are float16. */
  readonly half: boolean;
}

/** What of a table is read; without vectors, only cells are. */
export interface WantedColumns {
  readonly vectors: { readonly column: string; readonly dim: number } | null;
  readonly cells: readonly string[];
}

/** A stretch of rows. */
export interface VectorStretch {
  readonly rows: number;
  /** `[rows, dim]`, row-major; of 16-bit numbers their bits. Empty where no vectors were wanted. */
  readonly values: Float32Array | Uint16Array;
  /** What is wrong with a row's vector, by its number in the stretch. */
  readonly problems: ReadonlyMap<number, string>;
  /** By column, a value a row. */
  readonly cells: ReadonlyMap<string, readonly unknown[]>;
}
