import type { Condition } from "./condition.js";
import type { KeptType } from "./kept-columns.js";

/** One record of a table, or the reason why it cannot be read. */
export type TableRecord =
  | {
      readonly state: "record";
      /** The file's name, as ids and sources begin with it. */
      readonly file: string;
      /** From 1: the line of the file on which it begins, or its number among the rows where there are no lines. */
      readonly line: number;
      /** Its characters or bytes, roughly: bounds what a sample holds. */
      readonly size: number;
      /** The columns it has: the header's, or its own keys. */
      readonly columns: readonly string[];
      /** The value in a column; undefined where the record has none. */
      cell(column: string): unknown;
    }
  | { readonly state: "rejected"; readonly file: string; readonly line: number; readonly reason: string };

/** What a tabular reader gives: first the columns where the format has a header, then the records. */
export type TableEvent = TableHeader | TableRecord;

/** The columns of a format that tells them before its records. */
export interface TableHeader {
  readonly state: "header";
  readonly columns: readonly string[];
  /** Of the columns whose type the format declares, how their values are kept; null: they hold no single values. */
  readonly types?: ReadonlyMap<string, KeptType | null>;
}

/** What a reader may leave out; it may also give more than was asked for. */
export interface ReadPlan {
  /** Columns whose cells are needed; null for all. */
  readonly columns: readonly string[] | null;
  /** Rows that cannot meet one of them need not be given. */
  readonly where: readonly Condition[];
}

/** A tabular input: something that gives records. */
export interface TableSource {
  /** How rows and errors call it: the file's name without its folder, or `stdin`. */
  readonly name: string;
  /** Whether `events` may be called again, from the start. */
  readonly rereadable: boolean;
  /** What `line` counts, as guesses call it. */
  readonly position: "LINE" | "ROW";
  /** Records in all, where that is known without reading them. */
  readonly count: number | null;
  /** What was guessed about how it is written, in sentences. */
  readonly guesses: readonly string[];
  /** How far the latest reading has come, from 0 to 1; null where nobody knows. */
  shareRead(): number | null;
  events(plan: ReadPlan): AsyncGenerator<TableEvent>;
}

/** A tabular input whose beginning has been looked at. */
export interface Table {
  /** From the header, else all keys of the sample, in order of appearance. */
  readonly columns: readonly string[];
  /** As the header declares them; empty where it does not. */
  readonly types: ReadonlyMap<string, KeptType | null>;
  /** The first records. */
  readonly sample: readonly TableRecord[];
  /** All records from the first; once only where the source is a stream. */
  records(plan: ReadPlan): AsyncIterable<TableRecord>;
  /** Lets go of a stream whose records are not wanted after all. */
  close(): Promise<void>;
}

/** Bytes that one record may have before its file counts as damaged: an unclosed quote would take the rest. */
export function recordLimit(maxTextLength: number): number {
  return Math.max(64 * 2 ** 20, 8 * maxTextLength);
}
