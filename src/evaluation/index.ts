export {
  type ClassFigures,
  type ClassificationReport,
  classificationReport,
} from "./classification-report.js";
export { confusionMatrix } from "./confusion-matrix.js";
export { type CrossValidation, crossValidate, type FitAndPredict } from "./cross-validate.js";
export { stratifiedFolds } from "./stratified-folds.js";
export { wilsonInterval } from "./wilson-interval.js";
