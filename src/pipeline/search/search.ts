import { throwIfInterrupted } from "../../core/interrupted.js";
import { readEmbeddings } from "../../embeddings/file/read-embeddings.js";
import { classTask } from "../../evaluation/search/class-task.js";
import { foldsOfRows, nestedFolds, type RepeatedFoldPlan } from "../../evaluation/search/folds-of-rows.js";
import { calibratedHead } from "../../heads/calibrated-head.js";
import { checkTrainingData } from "../../heads/check-training-data.js";
import type { Labels } from "../../heads/classifier.js";
import { fitHead, type HeadRecipe } from "../../heads/head.js";
import { sampleOfHead } from "../../heads/sample/sample-of-head.js";
import type { Matrix } from "../../linalg/matrix.js";
import { checkFolds } from "../check-folds.js";
import { checkTarget } from "../check-target.js";
import { classesToLearn } from "../classes-to-learn.js";
import { labelledRows } from "../labelled-rows.js";
import { metricsOf } from "../metrics-of.js";
import { saveHead } from "../save-head.js";
import { stopwatch } from "../stopwatch.js";
import { fitControl } from "../train/fit-control.js";
import { meanConfusion } from "../train/train.js";
import { decisionRecord, wantedDecision } from "../train/train-decision.js";
import { groupWarnings, trainingGroups } from "../train/training-groups.js";
import type { SearchOptions, SearchResult } from "../types/search-types.js";
import { checkClassWeights } from "./check-class-weights.js";
import { checkSearch } from "./check-search.js";
import { compareCandidates, WINNER_UNCONVERGED } from "./compare-candidates.js";
import { decideWinner } from "./search-decision.js";
import { searchMultiLabel } from "./search-multi-label.js";
import { searchPlan } from "./search-plan.js";

/**
 * Searches heads, their options, scalings and projections by cross-validation, refits the best on all rows, and saves
 * it with the search in its metrics. Where rows have several labels, a candidate is one binary head a label.
 * @throws {HeadstartError} `usage` for what cannot be searched and `data` for what cannot be learnt from, before any fit.
 * @example await search({ embeddings: "x.arrow", out: "best.onnx", heads: ["svm"], grid: { C: [0.1, 1, 10] }, nested: 5 })
 */
export async function search(options: SearchOptions): Promise<SearchResult> {
  const watch = stopwatch();
  const { embeddings: path, out, cv: folds = 5, nested = 0, seed = 0 } = options;
  const { metric = "accuracy" } = options;
  const blocking = options.blocking ?? ((work) => work());
  const candidates = checkSearch(options);
  await checkTarget(out, [path], ".onnx");
  const embeddings = await readEmbeddings(path, { kept: options.group === undefined ? [] : [options.group] });
  if (embeddings.meta.labels === "multi") return searchMultiLabel(options, embeddings, candidates, watch);
  const { X, labels, indices, split } = labelledRows(embeddings, path, options.split, "train");
  const { y, counts } = classesToLearn(labels, path);
  checkTrainingData(X, y);
  checkFolds(counts, folds, nested);
  const wanted = wantedDecision(options, y.classes);
  checkClassWeights(candidates, y);
  const fitOne = (recipe: HeadRecipe, rows: Matrix, codes: Labels, fit: "fold" | "last" = "fold") =>
    blocking(() => fitHead(recipe, rows, codes, fitControl(options, fit)));
  const task = classTask(X, y, { metric, fit: fitOne });
  const grouped = await trainingGroups(options, embeddings, indices, X);
  const division = {
    metric,
    stratified: "stratified cross-validation",
    foldsOf: (into: RepeatedFoldPlan) => foldsOfRows(y, into),
    nestedOf: (outer: number, into: RepeatedFoldPlan) => nestedFolds(y, outer, into),
  };
  const plan = searchPlan(options, division, grouped, wanted !== null);
  const load = watch.lap();

  const compared = await compareCandidates(options, candidates, task, plan, watch);
  const { at, best, record, measured, onFit } = compared;
  throwIfInterrupted(options.signal);
  const plain = await fitOne(candidates[at]!, X, y, "last");
  const control = { trainHead: fitOne, onFit, ...(options.signal && { signal: options.signal }) };
  const decided = wanted && (await decideWinner(wanted, candidates[at]!, X, y, plan.inner, control));
  const head = decided ? calibratedHead(plain, decided.decision) : plain;
  const fit = watch.lap();

  const predictions = decided?.predictions ?? compared.predictions.map((one) => Int32Array.from(one));
  const metrics = metricsOf(meanConfusion(y, predictions), y.classes, counts);
  if (out !== undefined) {
    const { fingerprint, backbone } = embeddings.meta;
    const meta = {
      fingerprint,
      backbone,
      metrics: { ...metrics, measured, search: record },
      rows: X.rows,
      ...decisionRecord(decided),
      sample: options.sample === false ? null : sampleOfHead(head, X, y),
    };
    await saveHead(out, head, X, meta, blocking);
  }
  const { convergence } = head.classifier;
  return {
    out: out ?? null,
    rows: X.rows,
    split,
    dim: X.cols,
    classes: counts,
    seed,
    groups: grouped?.report ?? null,
    fits: compared.fits,
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
    convergence,
    warnings: [
      ...groupWarnings(grouped?.report ?? null),
      ...new Set([...compared.warnings, ...(convergence?.converged === false ? [WINNER_UNCONVERGED] : [])]),
    ],
    seconds: { load, ...compared.seconds, fit, save: watch.lap() },
  };
}
