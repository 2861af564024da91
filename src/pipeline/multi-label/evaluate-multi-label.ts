import type { Embeddings } from "../../embeddings/file/read-embeddings.js";
import { measureLabelSets } from "../../evaluation/multi-label/measure-label-sets.js";
import { wilsonInterval } from "../../evaluation/wilson-interval.js";
import type { HeadPredictions, LoadedHead } from "../../heads/load-head.js";
import { encodeLabelSets } from "../../heads/multi-label/label-sets.js";
import type { Matrix } from "../../linalg/matrix.js";
import { quotedList } from "../quoted-list.js";
import { rowsOnBothSides } from "../rows-on-both-sides.js";
import type { stopwatch } from "../stopwatch.js";
import type { AbstentionResult, EvaluateOptions, EvaluateResult } from "../types.js";
import { labelledSets } from "./labelled-sets.js";
import { leastSure } from "./least-sure.js";
import { setFigures, setMetrics, shareOfSet } from "./set-metrics.js";

/**
 * Measures a head of several labels on rows that it was not trained on.
 * Labels that it does not know count as never given; figures of rankings and probabilities are then left out.
 * @throws {HeadstartError} `data` if the rows have one label each, or none.
 */
export async function evaluateMultiLabel(
  options: EvaluateOptions,
  head: LoadedHead,
  embeddings: Embeddings,
  watch: ReturnType<typeof stopwatch>,
): Promise<EvaluateResult> {
  const { signal } = options;
  const chosen = labelledSets(embeddings, options.embeddings, options.split, "test");
  const { X, sets, indices, split, emptyRows, unlabelledRows } = chosen;
  const load = watch.lap();
  const answered = await head.run(X);
  const predict = watch.lap();
  const unknown = [...new Set(sets.flat())].filter((label) => !head.classes.includes(label)).sort();
  const labels = [...head.classes, ...unknown];
  const truth = encodeLabelSets(sets, labels);
  const decided = widened(answered.decided!, X.rows, head.classes.length, labels.length, 0);
  const scores = {
    data: widened(answered.scores.data, X.rows, head.classes.length, labels.length, Number.NEGATIVE_INFINITY),
    rows: X.rows,
    cols: labels.length,
  };
  const known = unknown.length === 0;
  const report = await measureLabelSets(
    { truth, decided, scores, probabilities: known ? answered.probabilities : null },
    { ...(signal && { signal }) },
  );
  const both = await rowsOnBothSides(options, embeddings, indices, split);
  const warnings = known
    ? both.warnings
    : [`the head was not trained on ${quotedList(unknown)}: it never gives such labels`, ...both.warnings];
  const floor = shareOfSet(sets, head.meta.multiLabel?.commonest ?? []);
  const { logLoss, brier, calibrationError } = report;
  return {
    head: head.meta.id,
    split,
    rows: X.rows,
    metrics: {
      ...setMetrics([report], X.rows, floor),
      rocAuc: known ? report.rocAuc : null,
      prAuc: known ? report.prAuc : null,
      ...{ logLoss, brier, calibrationError },
      intervals: { ...NO_INTERVALS, ...pickedIntervals(report.intervals) },
    },
    perClass: report.perLabel.map(({ averagePrecision: _, ...figures }) => figures),
    confusion: { classes: [], counts: [] },
    unknownLabels: unknown,
    ...both,
    abstention: abstention(options.abstainBelow, answered, truth.members, decided),
    warnings,
    seconds: { load, predict, measure: watch.lap() },
    multiLabel: { ...setFigures([withoutUnknown(report, unknown)]), emptyRows, unlabelledRows },
  };
}

const NO_INTERVALS = {
  balancedAccuracy: null,
  mcc: null,
  logLoss: null,
  rocAuc: null,
  prAuc: null,
  brier: null,
  calibrationError: null,
};

function pickedIntervals<T extends { macroF1: unknown; microF1: unknown; weightedF1: unknown }>({
  macroF1,
  microF1,
  weightedF1,
}: T): Pick<T, "macroF1" | "microF1" | "weightedF1"> {
  return { macroF1, microF1, weightedF1 };
}

/** A label that the head does not know is not ranked. */
function withoutUnknown<T extends { perLabel: readonly { name: string; averagePrecision: number | null }[] }>(
  report: T,
  unknown: readonly string[],
): T {
  if (unknown.length === 0) return report;
  return {
    ...report,
    perLabel: report.perLabel.map((one) =>
      unknown.includes(one.name) ? { ...one, averagePrecision: null } : one,
    ),
  };
}

/** `[rows, from]` with columns of `value` behind it. */
function widened<T extends Uint8Array | Float32Array>(
  data: T,
  rows: number,
  from: number,
  to: number,
  value: number,
): T {
  if (from === to) return data;
  const Type = data.constructor as new (length: number) => T;
  const out = new Type(rows * to).fill(value) as T;
  for (let i = 0; i < rows; i++) out.set(data.subarray(i * from, (i + 1) * from), i * to);
  return out;
}

/** What is left where rows that the head is least sure of are left out. */
function abstention(
  below: number | undefined,
  { probabilities, decided }: HeadPredictions,
  members: Uint8Array,
  given: Uint8Array,
): AbstentionResult | null {
  if (below === undefined || probabilities === null || decided === undefined) return null;
  const { rows } = probabilities as Matrix;
  const width = members.length / rows;
  const answered = [...leastSure(probabilities, decided).entries()].filter(([, sure]) => sure >= below);
  const isRight = (row: number): boolean => {
    for (let k = row * width; k < (row + 1) * width; k++) if (members[k] !== given[k]) return false;
    return true;
  };
  const hits = answered.filter(([row]) => isRight(row)).length;
  return {
    below,
    answered: answered.length,
    coverage: answered.length / rows,
    accuracy: answered.length === 0 ? null : wilsonInterval(hits, answered.length),
  };
}
