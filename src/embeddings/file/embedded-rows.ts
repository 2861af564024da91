import type { KeptCell } from "../../data/kept-columns.js";
import type { Row } from "../../data/row.js";

/** Embedded rows, column by column, all of one length `n`. */
export interface EmbeddedRows {
  readonly ids: readonly string[];
  /** `[n, dim]`, row-major. */
  readonly vectors: Float32Array;
  readonly labels: readonly (string | null)[];
  readonly splits: readonly (string | null)[];
  readonly sources: readonly (string | null)[];
  /** `[n, 16]`, row-major; zeros where the content is not known. */
  readonly hashes: Uint8Array;
  /** The values of each kept column, in the order of the file's metadata. */
  readonly kept: readonly (readonly KeptCell[])[];
}

/** The values of the kept columns, a list a column. */
export function keptOf(rows: readonly Row[]): KeptCell[][] {
  const columns = rows[0]?.kept?.length ?? 0;
  return Array.from({ length: columns }, (_, j) => rows.map((row) => row.kept![j]!));
}

/** Rows `start` to `end` (excluded) of the columns; the vectors and hashes are views. */
export function sliceRows(rows: EmbeddedRows, start: number, end: number): EmbeddedRows {
  const n = rows.ids.length;
  const part = <Data extends Float32Array | Uint8Array>(data: Data): Data =>
    data.subarray((start * data.length) / n, (end * data.length) / n) as Data;
  return {
    ids: rows.ids.slice(start, end),
    vectors: part(rows.vectors),
    labels: rows.labels.slice(start, end),
    splits: rows.splits.slice(start, end),
    sources: rows.sources.slice(start, end),
    hashes: part(rows.hashes),
    kept: rows.kept.map((values) => values.slice(start, end)),
  };
}

/** The rows of several pieces in one, copied; a single piece is itself. */
export function concatRows(pieces: readonly EmbeddedRows[]): EmbeddedRows {
  if (pieces.length === 1) return pieces[0]!;
  return {
    ids: pieces.flatMap((piece) => piece.ids),
    vectors: join(
      pieces.map((piece) => piece.vectors),
      Float32Array,
    ),
    labels: pieces.flatMap((piece) => piece.labels),
    splits: pieces.flatMap((piece) => piece.splits),
    sources: pieces.flatMap((piece) => piece.sources),
    hashes: join(
      pieces.map((piece) => piece.hashes),
      Uint8Array,
    ),
    kept: (pieces[0]?.kept ?? []).map((_, j) => pieces.flatMap((piece) => piece.kept[j]!)),
  };
}

function join<Data extends Float32Array | Uint8Array>(
  arrays: readonly Data[],
  Type: new (n: number) => Data,
): Data {
  const joined = new Type(arrays.reduce((total, array) => total + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    joined.set(array, at);
    at += array.length;
  }
  return joined;
}
