import type { HeadPredictions, LoadedHead } from "../heads/head-onnx.js";
import { rowOf } from "../linalg/matrix.js";
import { labelJoiner } from "./multi-label/joined-labels.js";
import { leastSure } from "./multi-label/least-sure.js";
import type { Prediction } from "./types.js";

/** A prediction without its row's id. */
export type HeadAnswer = Pick<Prediction, "prediction" | "labels" | "confidence">;

/**
 * What a head's outputs say of each row.
 * @param abstainBelow - rows whose answer is less probable get none.
 */
export function headAnswers(
  { classes }: Pick<LoadedHead, "classes">,
  { labels, probabilities, decided }: HeadPredictions,
  abstainBelow: number,
): HeadAnswer[] {
  if (decided !== undefined) {
    const join = labelJoiner(classes);
    const sure = probabilities && leastSure(probabilities, decided);
    return labels.map((_, i) => {
      const given = classes.filter((_, k) => decided[i * classes.length + k] === 1);
      const confidence = sure && sure[i]!;
      const abstains = (confidence ?? 1) < abstainBelow;
      return { prediction: abstains ? null : join(given), labels: abstains ? [] : given, confidence };
    });
  }
  return labels.map((label, i) => {
    const confidence = probabilities === null ? null : rowOf(probabilities, i)[classes.indexOf(label)]!;
    return { prediction: (confidence ?? 1) < abstainBelow ? null : label, confidence };
  });
}
