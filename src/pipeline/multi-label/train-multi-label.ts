import { throwIfInterrupted } from "../../core/interrupted.js";
import type { Embeddings } from "../../embeddings/file/read-embeddings.js";
import { labelSetCells, rowErrors } from "../../evaluation/multi-label/label-set-counts.js";
import { measureLabelSets } from "../../evaluation/multi-label/measure-label-sets.js";
import type { LabelSets } from "../../heads/multi-label/label-sets.js";
import {
  decidedLabels,
  type FittedMultiLabelHead,
  fitMultiLabelHead,
} from "../../heads/multi-label/multi-label-head.js";
import { sampleOfMultiLabelHead } from "../../heads/multi-label/sample-of-multi-label-head.js";
import type { Matrix } from "../../linalg/matrix.js";
import type { stopwatch } from "../stopwatch.js";
import { fitControl } from "../train/fit-control.js";
import { checkDecision } from "../train/train-decision.js";
import { groupsKeptWhole, groupWarnings, trainingGroups } from "../train/training-groups.js";
import { trainingNearDuplicates } from "../train/training-near-duplicates.js";
import { trainingRecipe } from "../train/training-recipe.js";
import { trainingSharedGroups } from "../train/training-shared-groups.js";
import type { TrainOptions, TrainResult } from "../types.js";
import { decideLabels } from "./decide-labels.js";
import { labelWarnings } from "./label-warnings.js";
import { setsToLearn } from "./labelled-sets.js";
import { type OutOfFoldSets, outOfFoldSets } from "./out-of-fold-sets.js";
import { saveMultiLabelHead } from "./save-multi-label-head.js";
import { commonestSet, setFigures, setMetrics, shareOfSet } from "./set-metrics.js";

/**
 * Trains a head of several labels: one binary classifier a label, in one file.
 * @throws {HeadstartError} `data` if no row has a label; `usage` for an option the head does not have.
 */
export async function trainMultiLabel(
  options: TrainOptions,
  embeddings: Embeddings,
  watch: ReturnType<typeof stopwatch>,
): Promise<TrainResult> {
  const path = options.embeddings;
  const { X, named, sets, indices, split, ...counted } = setsToLearn(embeddings, path, options.split);
  const wanted = checkDecision(options);
  const recipe = trainingRecipe(options);
  const { signal } = options;
  const blocking = options.blocking ?? ((work) => work());
  const fitted =
    (fit: "fold" | "last") =>
    (rows: Matrix, some: LabelSets): Promise<FittedMultiLabelHead> =>
      blocking(() => fitMultiLabelHead(recipe, rows, some, fitControl(options, fit)));
  const shared = trainingSharedGroups(options, embeddings, { indices, split });
  const load = watch.lap();

  const folds = options.cv ?? 5;
  const repeats = options.repeats ?? 1;
  const grouped = folds === 0 ? null : await trainingGroups(options, embeddings, indices, X);
  const plan = { folds, repeats, seed: recipe.seed, groups: grouped?.groups ?? null };
  const answers = folds === 0 ? null : await outOfFoldSets(fitted("fold"), X, sets, plan, options);
  const decided = wanted && answers ? decideLabels(wanted, answers, sets) : null;
  const given =
    answers?.map(({ scores }, repeat) => decided?.decided?.[repeat] ?? decidedLabels(scores)) ?? [];
  const reports = [];
  for (const [repeat, { scores, probabilities }] of (answers ?? []).entries()) {
    const interval = repeat === 0 ? { ...(signal && { signal }) } : null;
    const measured = { truth: sets, decided: given[repeat]!, scores, probabilities };
    reports.push(await measureLabelSets(measured, interval));
  }
  const commonest = commonestSet(named);
  const metrics = answers && setMetrics(reports, X.rows, shareOfSet(named, commonest));
  const figures = answers && setFigures(reports);
  const cvSeconds = watch.lap();

  throwIfInterrupted(signal);
  const plain = await fitted("last")(X, sets);
  const head = decided ? plain.decide(decided.decision) : plain;
  const fit = watch.lap();
  const near = await trainingNearDuplicates(
    embeddings,
    { X, indices, split, folds: options.groupDuplicates === true ? null : (answers?.[0]?.assigned ?? null) },
    signal,
  );
  if (options.out !== undefined) {
    const meta = {
      fingerprint: embeddings.meta.fingerprint,
      backbone: embeddings.meta.backbone,
      metrics: metrics && {
        ...metrics,
        ...figures,
        measured:
          `${folds}-fold cross-validation stratified by label, seed ${recipe.seed}` +
          `${repeats > 1 ? `, ${repeats} repeats` : ""}${grouped ? `, ${groupsKeptWhole(grouped.report)}` : ""}`,
      },
      commonest,
      ...(decided?.calibration && { calibration: decided.calibration }),
      ...(decided?.thresholds && { thresholds: [...decided.thresholds] }),
      sample: options.sample === false ? null : sampleOfMultiLabelHead(head, X, sets),
    };
    await saveMultiLabelHead(options.out, head, X, meta, blocking);
  }
  return {
    out: options.out ?? null,
    head: head.id,
    engine: recipe.engine,
    options: head.options,
    scale: head.scale,
    pca: head.pca === null ? null : { ...head.pca, dim: head.transforms.at(-1)!.dim },
    seed: recipe.seed,
    rows: X.rows,
    split,
    dim: X.cols,
    classes: head.labelRows,
    cv: answers && {
      folds,
      repeats,
      accuracies: answers.flatMap((one, repeat) => foldAccuracies(sets, given[repeat]!, one, folds)),
    },
    metrics,
    convergence: head.convergence,
    calibration: decided?.calibration ?? null,
    threshold: null,
    groups: grouped?.report ?? null,
    sharedGroups: shared.found,
    nearDuplicates: near.found,
    warnings: [
      ...labelWarnings(head, folds),
      ...(decided?.warnings ?? []),
      ...groupWarnings(grouped?.report ?? null),
      ...near.warnings,
      ...shared.warnings,
    ],
    seconds: { load, fit, cv: cvSeconds, save: watch.lap() },
    multiLabel: { figures, ...counted, thresholds: decided?.thresholds ?? null },
  };
}

/** The share of whole sets that are right, in each fold. */
function foldAccuracies(
  sets: LabelSets,
  given: Uint8Array,
  { assigned }: OutOfFoldSets,
  folds: number,
): number[] {
  const right = new Float64Array(folds);
  const rows = new Float64Array(folds);
  rowErrors(labelSetCells(sets, given)).forEach((errors, i) => {
    rows[assigned[i]!]!++;
    if (errors === 0) right[assigned[i]!]!++;
  });
  return Array.from(right, (count, fold) => count / rows[fold]!);
}
