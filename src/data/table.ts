/** One record of a table, or the reason why it cannot be read. */
export type TableRecord =
  | {
      readonly state: "record";
      /** The line of the file, from 1, on which it begins. */
      readonly line: number;
      /** Its characters, roughly: bounds what a sample holds. */
      readonly size: number;
      /** The columns it has: the header's, or its own keys. */
      readonly columns: readonly string[];
      /** The value in a column; undefined where the record has none. */
      cell(column: string): unknown;
    }
  | { readonly state: "rejected"; readonly line: number; readonly reason: string };

/** What a tabular reader gives: first the columns where the format has a header, then the records. */
export type TableEvent = { readonly state: "header"; readonly columns: readonly string[] } | TableRecord;

/** A tabular input whose beginning has been looked at. */
export interface Table {
  /** From the header, else all keys of the sample, in order of appearance. */
  readonly columns: readonly string[];
  /** The first records. */
  readonly sample: readonly TableRecord[];
  /** All records from the first; once only where the source is a stream. */
  records(): AsyncIterable<TableRecord>;
  /** Lets go of a stream whose records are not wanted after all. */
  close(): Promise<void>;
}

/** Bytes that one record may have before its file counts as damaged: an unclosed quote would take the rest. */
export function recordLimit(maxTextLength: number): number {
  return Math.max(64 * 2 ** 20, 8 * maxTextLength);
}
