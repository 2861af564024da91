import { columnOf, type LabelSets } from "../../heads/multi-label/label-sets.js";
import { type BootstrapOptions, bootstrapIntervals, type Interval } from "../bootstrap-intervals.js";
import { holm } from "../holm.js";
import { type McnemarTest, mcnemarTest } from "../mcnemar-test.js";
import { f1Averages } from "./label-averages.js";
import { countsByLabel, labelSetCells } from "./label-set-counts.js";

/** One label, as two heads give it to the same rows. */
export interface ComparedLabel {
  readonly name: string;
  /** Rows that have it. */
  readonly rows: number;
  readonly f1: { readonly a: number; readonly b: number };
  /** Rows that A alone has right in this label. */
  readonly onlyA: number;
  readonly onlyB: number;
  readonly mcnemar: McnemarTest;
  /** The mid-p by Holm's correction for as many tests as there are labels. */
  readonly corrected: number;
}

/** A figure of two heads on the same rows. */
export interface ComparedFigure {
  readonly a: number;
  readonly b: number;
  /** Of A less that of B. */
  readonly difference: number;
  /** Of the difference, 95 %, by a paired bootstrap over rows; null for very many rows. */
  readonly interval: Interval | null;
}

/** What two heads of several labels do on the same rows. */
export interface LabelSetComparison {
  readonly macroF1: ComparedFigure;
  readonly microF1: ComparedFigure;
  /** In the order of the labels. */
  readonly perLabel: readonly ComparedLabel[];
}

/** Above so many cells with a label there are no intervals: a thousand resamples would take many seconds. */
const MOST_RESAMPLED_CELLS = 1_000_000;

/**
 * Compares two heads of several labels label by label, and by F1 over labels.
 * @param a - `[n, labels]`, 1 where A gives the label. @param b - the same of B.
 * @throws {HeadstartError} `interrupted` once the signal is aborted.
 */
export async function compareLabelSets(
  truth: LabelSets,
  a: Uint8Array,
  b: Uint8Array,
  options: BootstrapOptions = {},
): Promise<LabelSetComparison> {
  const { labels, rows } = truth;
  const cells = [labelSetCells(truth, a), labelSetCells(truth, b)] as const;
  const averages = (weights?: Int32Array) =>
    [f1Averages(countsByLabel(cells[0], weights)), f1Averages(countsByLabel(cells[1], weights))] as const;
  const work = cells[0].row.length + cells[1].row.length;
  const intervals =
    work > MOST_RESAMPLED_CELLS
      ? {}
      : await bootstrapIntervals(
          rows,
          (weights) => {
            const [one, other] = averages(weights);
            return { macroF1: one.macroF1 - other.macroF1, microF1: one.microF1 - other.microF1 };
          },
          options,
        );
  const [one, other] = averages();
  const figure = (name: "macroF1" | "microF1"): ComparedFigure => ({
    a: one[name],
    b: other[name],
    difference: one[name] - other[name],
    interval: intervals[name] ?? null,
  });
  const counts = cells.map((of) => countsByLabel(of));
  const f1 = (head: 0 | 1, k: number): number => {
    const { hits, actual, called } = counts[head]!;
    return actual[k]! + called[k]! === 0 ? 0 : (2 * hits[k]!) / (actual[k]! + called[k]!);
  };
  const tested = labels.map((name, k) => {
    const { onlyA, onlyB } = disagreements(columnOf(truth, k), a, b, k, labels.length);
    return {
      name,
      rows: counts[0]!.actual[k]!,
      f1: { a: f1(0, k), b: f1(1, k) },
      onlyA,
      onlyB,
      mcnemar: mcnemarTest(onlyA, onlyB),
    };
  });
  const corrected = holm(tested.map(({ mcnemar }) => mcnemar.midP));
  return {
    macroF1: figure("macroF1"),
    microF1: figure("microF1"),
    perLabel: tested.map((label, k) => ({ ...label, corrected: corrected[k]! })),
  };
}

/** Rows whose label k one of the two alone has right. */
function disagreements(
  truth: Uint8Array,
  a: Uint8Array,
  b: Uint8Array,
  k: number,
  width: number,
): { onlyA: number; onlyB: number } {
  let onlyA = 0;
  let onlyB = 0;
  truth.forEach((has, row) => {
    const [inA, inB] = [a[row * width + k], b[row * width + k]];
    if (inA === inB) return;
    if (inA === has) onlyA++;
    else onlyB++;
  });
  return { onlyA, onlyB };
}
