export { type BootstrapOptions, bootstrapIntervals, type Interval } from "./bootstrap-intervals.js";
export {
  type ClassFigures,
  type ClassificationReport,
  classificationReport,
} from "./classification-report.js";
export { comparePredictions, type PairedComparison } from "./compare-predictions.js";
export { confusionMatrix } from "./confusion-matrix.js";
export { type CorrectedTTest, correctedTTest } from "./corrected-t-test.js";
export {
  assignFolds,
  type CrossValidation,
  type CrossValidationOptions,
  crossValidate,
  type FitAndPredict,
  type HeldRows,
} from "./cross-validate.js";
export { groupFolds } from "./group-folds.js";
export { groupNearDuplicates } from "./group-near-duplicates.js";
export { auditLabels, type LabelAudit, type Suspect } from "./label-audit.js";
export { type OutOfFoldProbabilities, outOfFoldProbabilities } from "./label-audit-probabilities.js";
export { type McnemarTest, mcnemarTest } from "./mcnemar-test.js";
export {
  type FigureName,
  type MeasuredPredictions,
  measurePredictions,
  type PredictionFigures,
} from "./measure-predictions.js";
export { type NearDuplicates, nearDuplicates, nearDuplicatesAcross } from "./near-duplicates.js";
export { repeatedFolds } from "./repeated-folds.js";
export { classTask } from "./search/class-task.js";
export {
  type Fold,
  foldsOfRows,
  foldsOfSets,
  type NestedFold,
  nestedFolds,
  nestedFoldsOfSets,
} from "./search/folds-of-rows.js";
export { labelSetTask } from "./search/label-set-task.js";
export { type NestedSearch, nestedSearch } from "./search/nested-search.js";
export { type Candidate, recipesOfSpace, type SearchSpace } from "./search/recipes-of-space.js";
export { type SearchedCandidate, searchCandidates } from "./search/search-candidates.js";
export type { SearchMetric } from "./search/search-metric.js";
export type { SearchTask } from "./search/search-task.js";
export { stratifiedFolds } from "./stratified-folds.js";
export { type TimeOrderedSplit, timeOrderedSplits } from "./time-ordered-splits.js";
export { wilsonInterval } from "./wilson-interval.js";
