import { type Matrix, rowOf, selectRows } from "../linalg/matrix.js";
import {
  cosine,
  eachNearPair,
  NEAR_DUPLICATE,
  type NearPair,
  type NearPairsOptions,
} from "./each-near-pair.js";

/** How many rows have a near-duplicate among others. */
export interface NearDuplicates {
  readonly threshold: number;
  /** Rows that were looked at: all, or an even sample where all would take too long. */
  readonly checked: number;
  /** Those of them that have one. */
  readonly rows: number;
  /** The pair with the highest cosine, the first of equals; null where there is none. */
  readonly example: (NearPair & { readonly cosine: number }) | null;
}

export interface NearDuplicatesOptions extends NearPairsOptions {
  /** Multiplications that it may cost; above, rows are sampled. Default 5e10, about a second. */
  readonly budget?: number;
}

const BUDGET = 5e10;
/** What looking at a product costs, in multiplications. */
const LOOK = 100;

/**
 * Counts the rows of A that are near-duplicates of rows of B by cosine.
 * Exact while within the budget (10,000 × 10,000 rows of 384 columns); beyond, an even sample of A's rows is looked at.
 * @param A - `[n, dim]`, test rows. @param B - `[m, dim]`, training rows.
 */
export async function nearDuplicates(
  A: Matrix,
  B: Matrix,
  options: NearDuplicatesOptions = {},
): Promise<NearDuplicates> {
  const sampled = evenSample(A.rows, affordable(A.rows, B, options));
  const looked = sampled.length === A.rows ? A : selectRows(A, sampled);
  const found = collector(A, B, options);
  await eachNearPair(looked, B, (a, b, near) => found.add(sampled[a]!, b, near), options);
  return found.done(sampled.length);
}

/**
 * Counts the rows that have a near-duplicate in another fold. Sampled as `nearDuplicates` is.
 * @param X - `[n, dim]`. @param folds - n fold numbers.
 */
export async function nearDuplicatesAcross(
  X: Matrix,
  folds: ArrayLike<number>,
  options: NearDuplicatesOptions = {},
): Promise<NearDuplicates> {
  const sampled = evenSample(X.rows, affordable(X.rows, X, options));
  const found = collector(X, X, options);
  if (sampled.length === X.rows) {
    await eachNearPair(
      X,
      null,
      (a, b, near) => {
        if (folds[a] === folds[b]) return;
        found.add(a, b, near);
        found.mark(b);
      },
      options,
    );
  } else {
    await eachNearPair(
      selectRows(X, sampled),
      X,
      (a, b, near) => {
        if (folds[sampled[a]!] !== folds[b]) found.add(sampled[a]!, b, near);
      },
      options,
    );
  }
  return found.done(sampled.length);
}

interface Collector {
  add(a: number, b: number, cosine: number): void;
  mark(row: number): void;
  done(checked: number): NearDuplicates;
}

function collector(A: Matrix, B: Matrix, { threshold = NEAR_DUPLICATE }: NearPairsOptions): Collector {
  const near = new Uint8Array(A.rows);
  let nearest: (NearPair & { readonly value: number }) | null = null;
  return {
    add(a, b, value) {
      near[a] = 1;
      if (nearest === null || value > nearest.value) nearest = { a, b, value };
    },
    mark(row) {
      near[row] = 1;
    },
    done: (checked) => ({
      threshold,
      checked,
      rows: near.reduce((n, flag) => n + flag, 0),
      example: nearest && {
        a: nearest.a,
        b: nearest.b,
        cosine: cosine(rowOf(A, nearest.a), rowOf(B, nearest.b)),
      },
    }),
  };
}

/** How many of n rows can be held against the rows of B. */
function affordable(n: number, { rows, cols }: Matrix, { budget = BUDGET }: NearDuplicatesOptions): number {
  return Math.max(1, Math.min(n, Math.floor(budget / Math.max(1, rows * (cols + LOOK)))));
}

function evenSample(n: number, count: number): Int32Array {
  const size = Math.min(n, count);
  return Int32Array.from({ length: size }, (_, i) => Math.floor((i * n) / size));
}
