import { throwIfInterrupted } from "../core/interrupted.js";
import { readEmbeddings } from "../embeddings/file/read-embeddings.js";
import { confusionMatrix } from "../evaluation/confusion-matrix.js";
import { foldsOfRows, nestedFolds } from "../evaluation/search/folds-of-rows.js";
import { countNestedFits, nestedSearch } from "../evaluation/search/nested-search.js";
import { type Candidate, recipesOfSpace } from "../evaluation/search/recipes-of-space.js";
import {
  countFits,
  type SearchedCandidate,
  searchCandidates,
} from "../evaluation/search/search-candidates.js";
import { calibratedHead } from "../heads/calibrated-head.js";
import { checkTrainingData } from "../heads/check-training-data.js";
import type { ClassWeight, Labels } from "../heads/classifier.js";
import { fitHead, type HeadRecipe } from "../heads/head.js";
import { classMultipliers } from "../heads/labels.js";
import type { Matrix } from "../linalg/matrix.js";
import { checkFolds } from "./check-folds.js";
import { checkTarget } from "./check-target.js";
import { classesToLearn } from "./classes-to-learn.js";
import { labelledRows } from "./labelled-rows.js";
import { saveHead } from "./save-head.js";
import { decideWinner, wantedOfSearch } from "./search-decision.js";
import { stopwatch } from "./stopwatch.js";
import { metricsOf } from "./train/train.js";
import { decisionRecord } from "./train/train-decision.js";
import { groupsKeptWhole, groupWarnings, trainingGroups } from "./train/training-groups.js";
import type { CandidateResult, NestedResult, SearchOptions, SearchResult } from "./types/search-types.js";
import type { RunControl } from "./types.js";

/** Tried where no head is named: both are convex, and quick. */
const DEFAULT_HEADS = ["linear-svm", "logistic-regression"] as const;

/**
 * Searches heads, their options, scalings and projections by cross-validation, refits the best on all rows, and saves
 * it with the search in its metrics.
 * @throws {HeadstartError} `usage` for what cannot be searched and `data` for what cannot be learnt from, before any fit.
 * @example await search({ embeddings: "x.arrow", out: "best.onnx", heads: ["svm"], grid: { C: [0.1, 1, 10] }, nested: 5 })
 */
export async function search(options: SearchOptions): Promise<SearchResult> {
  const watch = stopwatch();
  const { embeddings: path, out, cv: folds = 5, nested: outer = 0, halving = false, seed = 0 } = options;
  const { heads = DEFAULT_HEADS, engine = "headstart", grid, scales, signal, onProgress } = options;
  const blocking = options.blocking ?? ((work) => work());
  const candidates = recipesOfSpace({ heads, engine, grid, scales, pcas: options.pcas, seed });
  await checkTarget(out, [path], ".onnx");
  const embeddings = await readEmbeddings(path, { kept: options.group === undefined ? [] : [options.group] });
  const { X, labels, indices, split } = labelledRows(embeddings, path, options.split, "train");
  const { y, counts } = classesToLearn(labels, path);
  checkTrainingData(X, y);
  checkFolds(counts, folds, outer);
  const wanted = wantedOfSearch(options, y.classes);
  for (const { set } of candidates) checkClassWeight(y, set.classWeight);
  const grouped = await trainingGroups(options, embeddings, indices, X);
  const plan = { folds, seed, ...(grouped && { groups: grouped.groups }) };
  const inner = foldsOfRows(y, plan);
  const outerFolds = outer === 0 ? [] : nestedFolds(y, outer, plan);
  const load = watch.lap();

  const fitOne = (recipe: HeadRecipe, rows: Matrix, codes: Labels) =>
    blocking(() => fitHead(recipe, rows, codes));
  const total =
    countFits(candidates.length, y, inner, halving) +
    countNestedFits(candidates.length, y, outerFolds, halving) +
    (wanted === null ? 0 : folds);
  const control = {
    fit: fitOne,
    halving,
    seed,
    ...fitProgress(total, onProgress),
    ...(signal && { signal }),
  };
  const found = await searchCandidates(candidates, X, y, inner, control);
  const searchSeconds = watch.lap();
  const honest = outer === 0 ? null : await nestedSearch(candidates, X, y, outerFolds, control);
  const nestedSeconds = watch.lap();

  const at = found.findIndex(({ rank }) => rank === 1);
  const best = found[at]!;
  throwIfInterrupted(signal);
  const plain = await fitOne(candidates[at]!, X, y);
  const decided =
    wanted && (await decideWinner(wanted, candidates[at]!, X, y, inner, { ...control, trainHead: fitOne }));
  const head = decided ? calibratedHead(plain, decided.decision) : plain;
  const fitSeconds = watch.lap();

  const results = found.map((one, i) => describeCandidate(candidates[i]!, one, inner[0]!.inside.length));
  const nested: NestedResult | null = honest && {
    folds: outer,
    accuracies: honest.accuracies,
    mean: honest.mean,
    standardError: honest.standardError,
    winners: honest.winners,
    optimism: best.mean - honest.mean,
  };
  const predicted = decided?.predictions?.[0] ?? (honest ?? best).predicted;
  const metrics = metricsOf(confusionMatrix(y.codes, predicted, y.classes.length), y.classes, counts);
  const how = `${folds}-fold stratified cross-validation, seed ${seed}${grouped ? `, ${groupsKeptWhole(grouped.report)}` : ""}`;
  const measured =
    nested === null
      ? `the best of ${results.length} candidates in ${how}: chosen for being high, so too high`
      : `nested cross-validation of the search, ${outer} outer folds, ${how} within`;
  const record = { folds, halving, candidates: results, nested };
  if (out !== undefined) {
    const { fingerprint, backbone } = embeddings.meta;
    const meta = {
      fingerprint,
      backbone,
      metrics: { ...metrics, measured, search: record },
      rows: X.rows,
      ...decisionRecord(decided),
    };
    await saveHead(out, head, X, meta, blocking);
  }
  return {
    out: out ?? null,
    rows: X.rows,
    split,
    dim: X.cols,
    classes: counts,
    seed,
    groups: grouped?.report ?? null,
    fits: total,
    best: {
      candidate: at,
      head: head.classifier.id,
      options: head.classifier.options,
      scale: head.scale,
      pca: head.pca === null ? null : { ...head.pca, dim: head.transforms.at(-1)!.dim },
      mean: best.mean,
      standardError: best.standardError,
    },
    ...record,
    metrics,
    measured,
    calibration: decided?.calibration ?? null,
    threshold: decided?.threshold ?? null,
    convergence: head.classifier.convergence,
    warnings: [
      ...groupWarnings(grouped?.report ?? null),
      ...warningsOf(results, at, head.classifier.convergence?.converged === false, nested === null),
    ],
    seconds: { load, search: searchSeconds, nested: nestedSeconds, fit: fitSeconds, save: watch.lap() },
  };
}

/** A class weight that names no class of the data is wrong usage, to be found before any fit. */
function checkClassWeight(y: Labels, weight: unknown): void {
  if (weight !== null && typeof weight === "object") classMultipliers(y, weight as ClassWeight);
}

function fitProgress(total: number, onProgress: RunControl["onProgress"]): { onFit?: () => void } {
  if (onProgress === undefined) return {};
  let done = 0;
  return { onFit: () => onProgress({ stage: "cross-validate", done: ++done, total, unit: "fits" }) };
}

function describeCandidate(candidate: Candidate, found: SearchedCandidate, inside: number): CandidateResult {
  const { rank, rounds, share, accuracies, mean, standardError, unconverged, problem } = found;
  return {
    rank,
    head: candidate.name,
    set: candidate.set,
    scale: candidate.scale,
    pca: candidate.pca ?? null,
    rounds,
    trainingRows: Math.round(inside * share),
    accuracies,
    mean: problem === null ? mean : null,
    standardError: problem === null ? standardError : null,
    unconverged,
    problem,
  };
}

function warningsOf(
  candidates: readonly CandidateResult[],
  best: number,
  unconverged: boolean,
  optimistic: boolean,
): string[] {
  const warnings: string[] = [];
  const failed = candidates.filter(({ problem }) => problem !== null);
  if (failed.length > 0) {
    warnings.push(
      `${failed.length} of ${candidates.length} candidates cannot be trained on these rows: ${failed[0]!.problem}`,
    );
  }
  if (unconverged || candidates[best]!.unconverged > 0) {
    warnings.push("the solver of the winner stopped before it converged: raise maxIter, or lower C");
  }
  if (optimistic && candidates.length > 1) {
    warnings.push(
      "the best figure of a grid flatters: nested cross-validation (--nested 5) gives an honest one",
    );
  }
  return warnings;
}
