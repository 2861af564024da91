import type { MergeSummary } from "../../embeddings/merge/merge-embeddings.js";
import type { RunControl } from "./run-types.js";

export interface MergeOptions extends RunControl {
  /** Embeddings files: all shards of one data set, in any order, or files of one fingerprint. */
  readonly inputs: readonly string[];
  /** The embeddings file to write. */
  readonly out: string;
  /** Of files that are no shards, what an id that came before does: `fail` (default), or `first`: its row is left out. */
  readonly onDuplicate?: "fail" | "first";
}

export interface MergeResult extends MergeSummary {
  readonly seconds: number;
}
