import { readEmbeddings } from "../embeddings/file/read-embeddings.js";
import { classificationReport } from "../evaluation/classification-report.js";
import { confusionMatrix } from "../evaluation/confusion-matrix.js";
import { measurePredictions } from "../evaluation/measure-predictions.js";
import { wilsonInterval } from "../evaluation/wilson-interval.js";
import type { HeadPredictions } from "../heads/load-head.js";
import { checkAbstain } from "./abstain.js";
import { groupValues } from "./group-values.js";
import { labelledRows } from "./labelled-rows.js";
import { checkFingerprint, nameOf, openHead } from "./load-head.js";
import { metricsOf } from "./metrics-of.js";
import { evaluateMultiLabel } from "./multi-label/evaluate-multi-label.js";
import { quotedList } from "./quoted-list.js";
import { rowsOnBothSides } from "./rows-on-both-sides.js";
import { stopwatch } from "./stopwatch.js";
import type { AbstentionResult, EvaluateOptions, EvaluateResult } from "./types.js";

/**
 * Measures a head on labelled embeddings that it was not trained on.
 * @throws {HeadstartError} `fingerprint` if the embeddings come from another backbone; `data` without labels.
 * @example await evaluate({ head: "reviews.onnx", embeddings: "reviews.arrow", split: "test" })
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluateResult> {
  const watch = stopwatch();
  const { group } = options;
  const head = await openHead(options.head);
  try {
    checkAbstain(options.abstainBelow, options.head, head);
    const embeddings = await readEmbeddings(options.embeddings, { kept: group === undefined ? [] : [group] });
    if (group !== undefined) groupValues(embeddings, group, options.embeddings);
    const { fingerprint, backbone } = embeddings.meta;
    checkFingerprint(
      nameOf(options.head, head),
      { path: options.embeddings, fingerprint, backbone: backbone.id },
      [head.meta.backbone, backbone],
    );
    if (head.meta.multiLabel) return await evaluateMultiLabel(options, head, embeddings, watch);
    const { X, labels, indices, split } = labelledRows(embeddings, options.embeddings, options.split, "test");
    const load = watch.lap();
    const answered = await head.run(X);
    const { labels: predicted, scores, probabilities } = answered;
    const predict = watch.lap();
    const unknown = [...new Set(labels)].filter((label) => !head.classes.includes(label)).sort();
    const classes = [...head.classes, ...unknown];
    const codeOf = new Map(classes.map((name, code) => [name, code]));
    const codes = (names: readonly string[]): number[] => names.map((name) => codeOf.get(name)!);
    const answers = { truth: codes(labels), predicted: codes(predicted), classes: classes.length };
    const counts = confusionMatrix(answers.truth, answers.predicted, classes.length);
    const { signal } = options;
    const { values, intervals } = await measurePredictions(
      { ...answers, scores, probabilities },
      { ...(signal && { signal }) },
    );
    const { logLoss, rocAuc, prAuc, brier, calibrationError } = values;
    const both = await rowsOnBothSides(options, embeddings, indices, split);
    const warnings =
      unknown.length === 0
        ? both.warnings
        : [`the head was not trained on ${quotedList(unknown)}: such rows count as wrong`, ...both.warnings];
    return {
      head: head.meta.id,
      split,
      rows: X.rows,
      metrics: {
        ...metricsOf(counts, classes, head.meta.classRows),
        ...{ logLoss, rocAuc, prAuc, brier, calibrationError, intervals },
      },
      perClass: classificationReport(counts, classes).perClass,
      confusion: { classes, counts },
      unknownLabels: unknown,
      ...both,
      abstention: abstention(options.abstainBelow, answered, head.classes, labels),
      warnings,
      seconds: { load, predict, measure: watch.lap() },
    };
  } finally {
    await head.release();
  }
}

/** What is left where answers below a probability are left out. */
function abstention(
  below: number | undefined,
  { labels, probabilities }: HeadPredictions,
  classes: readonly string[],
  truth: readonly string[],
): AbstentionResult | null {
  if (below === undefined || probabilities === null) return null;
  const codeOf = new Map(classes.map((name, code) => [name, code]));
  const rows = [...labels.keys()].filter(
    (i) => probabilities.data[i * classes.length + codeOf.get(labels[i]!)!]! >= below,
  );
  const hits = rows.filter((i) => labels[i] === truth[i]).length;
  return {
    below,
    answered: rows.length,
    coverage: rows.length / labels.length,
    accuracy: rows.length === 0 ? null : wilsonInterval(hits, rows.length),
  };
}
