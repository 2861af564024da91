import type { KeptCell, KeptColumn } from "./kept-columns.js";
import type { DatasetShard } from "./shard.js";

/** What a row holds: text, or an image or a sound by its path or its bytes. */
export type Content =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "image"; readonly path: string }
  | { readonly kind: "image"; readonly bytes: Uint8Array }
  | { readonly kind: "audio"; readonly path: string }
  | { readonly kind: "audio"; readonly bytes: Uint8Array };

/** One row of a data set, ready to be embedded. */
export interface Row {
  readonly state: "row";
  /** Unique within the data set: the given column, else from the row's source and position. */
  readonly id: string;
  readonly content: Content;
  readonly label: string | null;
  readonly split: string | null;
  /** Where it came from: `reviews.csv:17`, or an image's path relative to its folder. */
  readonly source: string;
  /** The values of the data set's kept columns, in their order; absent where it keeps none. */
  readonly kept?: readonly KeptCell[];
  /** Its place among all rows of the input, from 0, where the data set is a shard of them. */
  readonly position?: number;
}

/** A row that cannot be used; the run goes on without it. */
export interface RejectedRow {
  readonly state: "rejected";
  readonly id: string;
  readonly source: string;
  /** In words that tell what to do. */
  readonly reason: string;
  /** As `Row.position`. */
  readonly position?: number;
}

/** A data set: a description and a stream of rows in the input's order, never wholly in memory. */
export interface Dataset {
  /** The input as the user wrote it. */
  readonly name: string;
  readonly modality: "text" | "image" | "audio";
  /** The columns that were chosen, by the user or by guess; null where there is none. */
  readonly columns: {
    readonly content: string | null;
    readonly label: string | null;
    readonly id: string | null;
    readonly split: string | null;
  };
  /** Further columns whose values go along with the rows. */
  readonly kept: readonly KeptColumn[];
  /** What was guessed, in sentences for the user: `text column: "review" (the only text column)`. */
  readonly guesses: readonly string[];
  /** Rows in all where that is known without reading the content (folders of images). */
  readonly count: number | null;
  /** How far `rows` has come through the input, from 0 to 1, read-ahead included; null where nobody knows. */
  readonly shareRead: () => number | null;
  /**
   * Tells whether the input is the same as at an earlier run: digest of path, size and modification time of
   * the files and of the options; null for stdin, which cannot be resumed.
   */
  readonly identity: string | null;
  /** Present where rows have several labels: `label` is then the text of a JSON array of them. */
  readonly multiLabel?: true;
  /** Present where these are the rows of one shard. */
  readonly shard?: DatasetShard;
  /** May be called once for stdin, again for files. Duplicate ids are rejected rows. */
  rows(): AsyncIterable<Row | RejectedRow>;
}
