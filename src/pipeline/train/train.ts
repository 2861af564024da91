import { HeadstartError } from "../../core/errors.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { readEmbeddings } from "../../embeddings/file/read-embeddings.js";
import { confusionMatrix } from "../../evaluation/confusion-matrix.js";
import { assignFolds, crossValidate } from "../../evaluation/cross-validate.js";
import { argmaxRows } from "../../heads/argmax.js";
import { calibratedHead } from "../../heads/calibrated-head.js";
import type { Labels } from "../../heads/classifier.js";
import { type FittedHead, fitHead } from "../../heads/head.js";
import { countClasses, encodeLabels } from "../../heads/labels.js";
import { sampleOfHead } from "../../heads/sample/sample-of-head.js";
import type { Matrix } from "../../linalg/matrix.js";
import { checkTarget } from "../check-target.js";
import { labelledRows } from "../labelled-rows.js";
import { metricsOf } from "../metrics-of.js";
import { trainMultiLabel } from "../multi-label/train-multi-label.js";
import { answerCollector } from "../out-of-fold-answers.js";
import { saveHead } from "../save-head.js";
import { stopwatch } from "../stopwatch.js";
import type { TrainOptions, TrainResult } from "../types.js";
import { fitControl } from "./fit-control.js";
import { decisionRecord, trainDecision, wantedDecision } from "./train-decision.js";
import { groupsKeptWhole, groupWarnings, trainingGroups } from "./training-groups.js";
import { trainingNearDuplicates } from "./training-near-duplicates.js";
import { trainingRecipe } from "./training-recipe.js";
import { trainingSharedGroups } from "./training-shared-groups.js";

/**
 * Trains a head on an embeddings file, cross-validates it, and saves it as ONNX. Where rows have several labels, it is one
 * binary head a label, in one file.
 * @throws {HeadstartError} `data` if there are no labels or too few; `usage` for an option the head does not have.
 * @example await train({ embeddings: "reviews.arrow", out: "reviews.onnx", head: "svm", set: { C: 2 } })
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const watch = stopwatch();
  await checkTarget(options.out, [options.embeddings], ".onnx");
  const embeddings = await readEmbeddings(options.embeddings, {
    kept: options.group === undefined ? [] : [options.group],
  });
  if (embeddings.meta.labels === "multi") return trainMultiLabel(options, embeddings, watch);
  const { X, labels, indices, split } = labelledRows(embeddings, options.embeddings, options.split, "train");
  const y = encodeLabels(labels);
  if (y.classes.length < 2) {
    throw new HeadstartError(
      "data",
      `${options.embeddings} has one class only ('${y.classes[0]}') to train on`,
      {
        facts: { path: options.embeddings, classes: y.classes },
        hint: "A classifier needs rows of at least two classes.",
      },
    );
  }
  const counts = Array.from(countClasses(y), (rows, code) => ({ name: y.classes[code]!, rows }));
  const wanted = wantedDecision(options, y.classes);
  const recipe = trainingRecipe(options);
  const blocking = options.blocking ?? ((work) => work());
  const fitted = (rows: Matrix, codes: Labels, fit: "fold" | "last"): Promise<FittedHead> =>
    blocking(() => fitHead(recipe, rows, codes, fitControl(options, fit)));
  const shared = trainingSharedGroups(options, embeddings, { indices, split });
  const load = watch.lap();

  const folds = options.cv ?? 5;
  const repeats = options.repeats ?? 1;
  const grouped = folds === 0 ? null : await trainingGroups(options, embeddings, indices, X);
  const plan = { folds, seed: recipe.seed, repeats, ...(grouped && { groups: grouped.groups }) };
  const collector = answerCollector(X.rows, y.classes.length);
  const cv =
    folds === 0
      ? null
      : await crossValidate(
          async (inside, codes, held, from) => {
            const trained = await fitted(inside, codes, "fold");
            return argmaxRows(wanted ? collector.add(trained, held, from) : trained.scores(held));
          },
          X,
          y,
          {
            ...plan,
            ...(options.onProgress && { onProgress: options.onProgress }),
            ...(options.signal && { signal: options.signal }),
          },
        );
  const assignments =
    cv && (wanted !== null || options.groupDuplicates !== true) ? assignFolds(y, plan) : null;
  const decided = wanted && assignments && trainDecision(wanted, collector.answers, y, assignments);
  const cvSeconds = watch.lap();

  throwIfInterrupted(options.signal);
  const plain = await fitted(X, y, "last");
  const head = decided ? calibratedHead(plain, decided.decision) : plain;
  const fit = watch.lap();

  const predictions = decided?.predictions ?? cv?.predictions ?? [];
  const metrics = cv && metricsOf(meanConfusion(y, predictions), y.classes, counts);
  const assigned = options.groupDuplicates === true ? null : (assignments?.[0] ?? null);
  const near = await trainingNearDuplicates(
    embeddings,
    { X, indices, split, folds: assigned },
    options.signal,
  );
  const warnings = [
    ...warningsOf(head, counts),
    ...groupWarnings(grouped?.report ?? null),
    ...near.warnings,
    ...shared.warnings,
  ];
  if (options.out !== undefined) {
    await saveHead(
      options.out,
      head,
      X,
      {
        fingerprint: embeddings.meta.fingerprint,
        backbone: embeddings.meta.backbone,
        metrics: metrics && {
          ...metrics,
          measured:
            `${folds}-fold stratified cross-validation, seed ${recipe.seed}` +
            `${repeats > 1 ? `, ${repeats} repeats` : ""}${grouped ? `, ${groupsKeptWhole(grouped.report)}` : ""}`,
        },
        rows: X.rows,
        ...decisionRecord(decided),
        sample: options.sample === false ? null : sampleOfHead(head, X, y),
      },
      blocking,
    );
  }
  return {
    out: options.out ?? null,
    head: head.classifier.id,
    engine: recipe.engine,
    options: head.classifier.options,
    scale: head.scale,
    pca: head.pca === null ? null : { ...head.pca, dim: head.transforms.at(-1)!.dim },
    seed: recipe.seed,
    rows: X.rows,
    split,
    dim: X.cols,
    classes: counts,
    cv: cv && {
      folds,
      repeats,
      accuracies: decided?.predictions
        ? decided.predictions.flatMap((codes, i) => foldAccuracies(y, codes, assignments![i]!, folds))
        : cv.accuracies,
    },
    metrics,
    convergence: head.classifier.convergence,
    calibration: decided?.calibration ?? null,
    threshold: decided?.threshold ?? null,
    groups: grouped?.report ?? null,
    sharedGroups: shared.found,
    nearDuplicates: near.found,
    warnings,
    seconds: { load, fit, cv: cvSeconds, save: watch.lap() },
  };
}

/** The share of right codes in each fold. */
function foldAccuracies(y: Labels, codes: Int32Array, assigned: Int32Array, folds: number): number[] {
  const hits = new Float64Array(folds);
  const rows = new Float64Array(folds);
  assigned.forEach((fold, i) => {
    rows[fold]!++;
    if (codes[i] === y.codes[i]) hits[fold]!++;
  });
  return Array.from(hits, (count, fold) => count / rows[fold]!);
}

/** The confusion of answers by repeat: their mean, so that it counts each row once. */
export function meanConfusion({ codes, classes }: Labels, predictions: readonly Int32Array[]): number[][] {
  const each = predictions.map((predicted) => confusionMatrix(codes, predicted, classes.length));
  return each[0]!.map((row, i) =>
    row.map((_, j) => each.reduce((sum, counts) => sum + counts[i]![j]!, 0) / each.length),
  );
}

function warningsOf(head: FittedHead, counts: readonly { name: string; rows: number }[]): string[] {
  const warnings: string[] = [];
  const { convergence } = head.classifier;
  if (convergence && !convergence.converged) {
    warnings.push(
      `${head.classifier.id} stopped after ${convergence.iterations} iterations without converging: ${head.name === "mlp" ? "raise epochs" : "raise maxIter, or lower C"}`,
    );
  }
  const rare = counts.filter((one) => one.rows < 10);
  if (rare.length > 0) {
    const named = rare.slice(0, 5).map((one) => `'${one.name}' (${one.rows})`);
    const more = rare.length > named.length ? `, and ${rare.length - named.length} more classes` : "";
    warnings.push(`fewer than 10 rows of ${named.join(", ")}${more}: figures of such classes mean little`);
  }
  return warnings;
}
