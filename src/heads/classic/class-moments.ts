import { type Matrix, zeros } from "../../linalg/matrix.js";
import type { Labels } from "../classifier.js";
import { countClasses } from "../labels.js";

/** The mean of each class's rows, `[classes, dim]`. */
export function classMeans(X: Matrix, y: Labels): Matrix<Float64Array> {
  const means = zeros(y.classes.length, X.cols);
  for (let i = 0, k = 0; i < X.rows; i++) {
    for (let j = 0, at = y.codes[i]! * X.cols; j < X.cols; j++) means.data[at++]! += X.data[k++]!;
  }
  countClasses(y).forEach((count, code) => {
    for (let k = code * X.cols; k < (code + 1) * X.cols; k++) means.data[k]! /= count;
  });
  return means;
}

/**
 * The population variance of each feature within each class, `[classes, dim]`.
 * @param means - of {@link classMeans}.
 */
export function classVariances(X: Matrix, y: Labels, means: Matrix<Float64Array>): Matrix<Float64Array> {
  const variances = zeros(means.rows, means.cols);
  for (let i = 0, k = 0; i < X.rows; i++) {
    for (let j = 0, at = y.codes[i]! * X.cols; j < X.cols; j++, at++, k++) {
      variances.data[at]! += (X.data[k]! - means.data[at]!) ** 2;
    }
  }
  countClasses(y).forEach((count, code) => {
    for (let k = code * X.cols; k < (code + 1) * X.cols; k++) variances.data[k]! /= count;
  });
  return variances;
}
