import { HeadstartError } from "../../core/errors.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import type { Embeddings } from "../../embeddings/file/read-embeddings.js";
import {
  foldsOfSets,
  nestedFoldsOfSets,
  type RepeatedFoldPlan,
} from "../../evaluation/search/folds-of-rows.js";
import { labelSetTask } from "../../evaluation/search/label-set-task.js";
import type { Candidate } from "../../evaluation/search/recipes-of-space.js";
import type { HeadRecipe } from "../../heads/head.js";
import type { LabelSets } from "../../heads/multi-label/label-sets.js";
import { BINARY_CLASSES, fitMultiLabelHead } from "../../heads/multi-label/multi-label-head.js";
import { sampleOfMultiLabelHead } from "../../heads/multi-label/sample-of-multi-label-head.js";
import type { Matrix } from "../../linalg/matrix.js";
import { decideLabels } from "../multi-label/decide-labels.js";
import { decidedFigures } from "../multi-label/decided-figures.js";
import { labelWarnings } from "../multi-label/label-warnings.js";
import { setsToLearn } from "../multi-label/labelled-sets.js";
import { outOfFoldSets } from "../multi-label/out-of-fold-sets.js";
import { saveMultiLabelHead } from "../multi-label/save-multi-label-head.js";
import { commonestSet, shareOfSet } from "../multi-label/set-metrics.js";
import type { stopwatch } from "../stopwatch.js";
import { fitControl } from "../train/fit-control.js";
import { checkDecision } from "../train/train-decision.js";
import { groupWarnings, trainingGroups } from "../train/training-groups.js";
import type { SearchOptions, SearchResult } from "../types/search-types.js";
import { checkClassWeights } from "./check-class-weights.js";
import { compareCandidates } from "./compare-candidates.js";
import { searchPlan } from "./search-plan.js";

/**
 * Searches for rows of several labels: all labels get the same head and options, those with the best figure over labels
 * (macro F1, unless another is asked for) in folds that are stratified by label.
 * @throws {HeadstartError} `usage` and `data` as `search`, before any fit.
 */
export async function searchMultiLabel(
  options: SearchOptions,
  embeddings: Embeddings,
  candidates: readonly Candidate[],
  watch: ReturnType<typeof stopwatch>,
): Promise<SearchResult> {
  const { embeddings: path, out, signal } = options;
  const { metric = "macro-f1" } = options;
  const blocking = options.blocking ?? ((work) => work());
  const { X, named, sets, indices, split, ...counted } = setsToLearn(embeddings, path, options.split);
  const wanted = checkDecision(options);
  checkPositive(options.positive, sets);
  checkClassWeights(candidates, { codes: Int32Array.of(0, 1), classes: BINARY_CLASSES });
  const fitOne = (recipe: HeadRecipe, rows: Matrix, some: LabelSets, fit: "fold" | "last" = "fold") =>
    blocking(() => fitMultiLabelHead(recipe, rows, some, fitControl(options, fit)));
  const task = labelSetTask(X, sets, { metric, fit: fitOne });
  const grouped = await trainingGroups(options, embeddings, indices, X);
  const division = {
    metric,
    stratified: "cross-validation stratified by label",
    foldsOf: (into: RepeatedFoldPlan) => foldsOfSets(sets, into),
    nestedOf: (outer: number, into: RepeatedFoldPlan) => nestedFoldsOfSets(sets, outer, into),
  };
  const plan = searchPlan(options, division, grouped, wanted !== null);
  const { folds, repeats, seed } = plan;
  const load = watch.lap();

  const compared = await compareCandidates(options, candidates, task, plan, watch);
  const { at, best, record, measured, onFit } = compared;
  const winner = candidates[at]!;
  throwIfInterrupted(signal);
  const plain = await fitOne(winner, X, sets, "last");
  const decided =
    wanted &&
    decideLabels(
      wanted,
      await outOfFoldSets(
        (rows, some) => fitOne(winner, rows, some),
        X,
        sets,
        { folds, repeats, seed, groups: grouped?.groups ?? null },
        { onProgress: onFit, ...(signal && { signal }) },
      ),
      sets,
    );
  const head = decided ? plain.decide(decided.decision) : plain;
  const fit = watch.lap();

  const commonest = commonestSet(named);
  const given = decided?.decided ?? compared.predictions.map((one) => Uint8Array.from(one));
  const { metrics, ...figures } = decidedFigures(sets, given, shareOfSet(named, commonest));
  if (out !== undefined) {
    const { fingerprint, backbone } = embeddings.meta;
    const meta = {
      fingerprint,
      backbone,
      metrics: { ...metrics, ...figures, measured, search: record },
      commonest,
      ...(decided?.calibration && { calibration: decided.calibration }),
      ...(decided?.thresholds && { thresholds: [...decided.thresholds] }),
      sample: options.sample === false ? null : sampleOfMultiLabelHead(head, X, sets),
    };
    await saveMultiLabelHead(out, head, X, meta, blocking);
  }
  return {
    out: out ?? null,
    rows: X.rows,
    split,
    dim: X.cols,
    classes: head.labelRows,
    seed,
    groups: grouped?.report ?? null,
    fits: compared.fits,
    best: {
      candidate: at,
      head: head.id,
      options: head.options,
      scale: head.scale,
      pca: head.pca === null ? null : { ...head.pca, dim: head.transforms.at(-1)!.dim },
      mean: best.mean,
      standardError: best.standardError,
    },
    ...record,
    metrics,
    measured,
    calibration: decided?.calibration ?? null,
    threshold: null,
    convergence: head.convergence,
    warnings: [
      ...groupWarnings(grouped?.report ?? null),
      ...compared.warnings,
      ...labelWarnings(head, folds),
      ...(decided?.warnings ?? []),
    ],
    seconds: { load, ...compared.seconds, fit, save: watch.lap() },
    multiLabel: { ...figures, ...counted, thresholds: decided?.thresholds ?? null },
  };
}

/** A threshold's label is looked for before any fit. */
function checkPositive(positive: string | undefined, { labels }: LabelSets): void {
  if (positive === undefined || labels.includes(positive)) return;
  throw new HeadstartError("usage", `The positive class '${positive}' is no label of the rows`, {
    facts: { positive, labels },
    hint: "Leave --positive out for a threshold for every label.",
  });
}
