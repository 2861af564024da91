import type { Matrix } from "../../linalg/matrix.js";
import { argmaxRows } from "../argmax.js";
import type { Labels } from "../classifier.js";
import type { FittedHead } from "../head.js";
import { probabilitySlack } from "../head-onnx.js";
import type { HeadSample } from "./head-sample.js";
import { takeSample } from "./take-sample.js";

/**
 * Some of the rows that a head was trained on, of all classes in turn, with its answers: to be stored in its file.
 * @param X - `[n, dim]`. @param y - what they are labelled; only their spread hangs on it.
 * @returns 8 rows or fewer; null where rows are too wide (24,576 columns and more).
 * @example headToOnnx(head, { ...meta, sample: sampleOfHead(head, X, y) })
 */
export function sampleOfHead(head: FittedHead, X: Matrix, { codes }: Labels): HeadSample | null {
  const { classes, probabilities } = head;
  return takeSample(X, codes, classes.length * (probabilities === null ? 1 : 2), (rows) => {
    const scores = head.scores(rows);
    return {
      labels: Array.from(argmaxRows(scores), (code) => classes[code]!),
      scores,
      probabilities: probabilities === null ? null : probabilities(rows),
      slack: probabilitySlack(head, scores),
    };
  });
}
