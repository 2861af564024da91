import type { RunControl } from "./run-types.js";
import type { Share } from "./train-types.js";

export interface CompareOptions extends RunControl {
  /** A head's file. */
  readonly a: string;
  /** Another, of the same backbone. */
  readonly b: string;
  readonly embeddings: string;
  /** Default: `test` where the file has such a split, else all labelled rows. */
  readonly split?: string;
  /** Of the bootstrap; default 0. */
  readonly seed?: number;
}

/** One side of a comparison. */
export interface ComparedHead {
  readonly path: string;
  readonly head: string;
  readonly accuracy: Share;
}

export interface CompareResult {
  readonly a: ComparedHead;
  readonly b: ComparedHead;
  readonly split: string | null;
  readonly rows: number;
  readonly bothRight: number;
  /** Rows that `a` alone got right. */
  readonly onlyA: number;
  readonly onlyB: number;
  readonly bothWrong: number;
  /** Accuracy of `a` less that of `b`; a paired bootstrap interval (95 %, 1,000 resamples). */
  readonly difference: Share;
  /** Two-sided p of McNemar's test: exact, and mid-p. */
  readonly mcnemar: { readonly p: number; readonly midP: number };
  /** The better one where the mid-p is below 0.05; null where the difference is no more than chance. */
  readonly better: "a" | "b" | null;
  readonly warnings: readonly string[];
  readonly seconds: { readonly load: number; readonly predict: number; readonly test: number };
}
