import type { Matrix } from "../../linalg/matrix.js";
import { argmaxRows } from "../argmax.js";
import type { HeadSample } from "../sample/head-sample.js";
import { takeSample } from "../sample/take-sample.js";
import type { LabelSets } from "./label-sets.js";
import { decidedLabels, type FittedMultiLabelHead } from "./multi-label-head.js";
import { labelSlack } from "./multi-label-onnx.js";

/**
 * The same as `sampleOfHead` for a head of several labels: rows of all labels in turn, those without one among them.
 * @param sets - one a row of X; only the spread of the rows hangs on them.
 */
export function sampleOfMultiLabelHead(
  head: FittedMultiLabelHead,
  X: Matrix,
  { labels: { length }, members }: LabelSets,
): HeadSample | null {
  const first = Int32Array.from({ length: X.rows }, (_, i) =>
    members.subarray(i * length, (i + 1) * length).indexOf(1),
  );
  const { labels, probabilities } = head;
  return takeSample(X, first, labels.length * (probabilities === null ? 2 : 3), (rows) => {
    const scores = head.scores(rows);
    const slacks = labels.map((_, code) => labelSlack(head, scores, code));
    return {
      labels: Array.from(argmaxRows(scores), (code) => labels[code]!),
      scores,
      probabilities: probabilities === null ? null : probabilities(rows),
      slack: Float64Array.from({ length: rows.rows }, (_, i) =>
        Math.max(...slacks.map((slack) => slack?.[i] ?? 0)),
      ),
      decided: decidedLabels(scores),
    };
  });
}
