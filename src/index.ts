export type {
  Backbone,
  BackboneSpec,
  Encoder,
  ImagePreprocessor,
  Modality,
  Pooling,
  TextPreprocessor,
} from "./backbones/backbone.js";
export type { BackboneOptions } from "./backbones/backbone-options.js";
export { resolveBackbone } from "./backbones/resolve-backbone.js";
export { type ErrorCode, HeadstartError, ShapeError } from "./core/errors.js";
export type { OnProgress, ProgressEvent } from "./core/progress.js";
export type { KeptCell, KeptColumn, KeptType } from "./data/kept-columns.js";
export { openDataset } from "./data/open-dataset.js";
export type { Content, Dataset, RejectedRow, Row } from "./data/row.js";
export {
  type Embeddings,
  type ReadOptions,
  readEmbeddings,
  streamEmbeddings,
} from "./embeddings/file/read-embeddings.js";
export type { VectorType } from "./embeddings/file/schema.js";
export {
  auditLabels,
  bootstrapIntervals,
  type CorrectedTTest,
  classTask,
  correctedTTest,
  crossValidate,
  foldsOfRows,
  foldsOfSets,
  groupFolds,
  groupNearDuplicates,
  labelSetTask,
  mcnemarTest,
  measurePredictions,
  nearDuplicates,
  nestedFolds,
  nestedFoldsOfSets,
  nestedSearch,
  outOfFoldProbabilities,
  recipesOfSpace,
  repeatedFolds,
  type SearchMetric,
  type SearchTask,
  searchCandidates,
  stratifiedFolds,
  timeOrderedSplits,
} from "./evaluation/index.js";
export { labelSetFolds } from "./evaluation/multi-label/label-set-folds.js";
export { type LabelSetReport, measureLabelSets } from "./evaluation/multi-label/measure-label-sets.js";
export { gaussianNb } from "./heads/classic/gaussian-nb.js";
export { lda } from "./heads/classic/lda.js";
export { nearestCentroid } from "./heads/classic/nearest-centroid.js";
export { ridge } from "./heads/classic/ridge.js";
export type { Classifier, ClassWeight, FittedClassifier, Labels } from "./heads/classifier.js";
export { type FittedHead, fitHead } from "./heads/head.js";
export { headToOnnx, type LoadedHead, loadHead } from "./heads/head-onnx.js";
export { knn } from "./heads/knn/knn.js";
export { encodeLabels } from "./heads/labels.js";
export { linearSvm } from "./heads/linear/linear-svm.js";
export { logisticRegression } from "./heads/linear/logistic-regression.js";
export { encodeLabelSets, type LabelSets } from "./heads/multi-label/label-sets.js";
export { type FittedMultiLabelHead, fitMultiLabelHead } from "./heads/multi-label/multi-label-head.js";
export { multiLabelToOnnx } from "./heads/multi-label/multi-label-onnx.js";
export { sampleOfMultiLabelHead } from "./heads/multi-label/sample-of-multi-label-head.js";
export type { HeadSample } from "./heads/sample/head-sample.js";
export { sampleOfHead } from "./heads/sample/sample-of-head.js";
export { kernelSumToOnnx } from "./heads/svm/kernel-sum-onnx.js";
export { type OneClassSvm, oneClassSvm } from "./heads/svm/one-class-svm.js";
export { kernelSvm } from "./heads/svm/svm.js";
export type { FittedKernelSum } from "./heads/svm/svm-sum.js";
export { type Svr, svr } from "./heads/svm/svr.js";
export { extraTrees } from "./heads/trees/extra-trees.js";
export { extraTreesRegressor, randomForestRegressor } from "./heads/trees/forest-regressor.js";
export { gradientBoosting } from "./heads/trees/gradient-boosting.js";
export { randomForest } from "./heads/trees/random-forest.js";
export { type Matrix, matrix } from "./linalg/matrix.js";
export * from "./pipeline/index.js";
