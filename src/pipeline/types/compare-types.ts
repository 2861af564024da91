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

/** A figure of both heads, and how far apart they are. */
export interface ComparedFigure {
  readonly a: number;
  readonly b: number;
  /** Of `a` less that of `b`. */
  readonly difference: number;
  /** Of the difference: a paired bootstrap interval (95 %, 1,000 resamples); null for very many rows. */
  readonly interval: { readonly low: number; readonly high: number } | null;
}

/** What a comparison on several labels a row tells beside the rest, which is then of whole sets. */
export interface MultiLabelComparison {
  readonly macroF1: ComparedFigure;
  readonly microF1: ComparedFigure;
  /** All labels that rows have or a head knows. */
  readonly perLabel: readonly {
    readonly name: string;
    readonly rows: number;
    readonly f1: { readonly a: number; readonly b: number };
    /** Rows in which `a` alone has the label right. */
    readonly onlyA: number;
    readonly onlyB: number;
    readonly mcnemar: { readonly p: number; readonly midP: number };
    /** The mid-p by Holm's correction for as many tests as there are labels: below 0.05 one head is better in the label. */
    readonly corrected: number;
  }[];
  readonly emptyRows: number;
  readonly unlabelledRows: number;
}

/** Of several labels a row, a row is right where its whole set is. */
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
  /** Present where heads give several labels. */
  readonly multiLabel?: MultiLabelComparison;
}
