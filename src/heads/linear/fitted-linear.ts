import type { Convergence, FittedClassifier } from "../classifier.js";
import { type LinearModel, linearScores, writeLinearScores } from "./linear-model.js";
import { softmaxRows } from "./softmax.js";

/**
 * A fitted classifier whose scores are those of a linear model.
 * @param fitted - `probabilities`: whether the softmax of the scores (the sigmoid of two classes' value) are its
 *   probabilities, or whether it has none.
 */
export function fittedLinear(fitted: {
  readonly id: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly classes: readonly string[];
  readonly convergence: Convergence | null;
  readonly model: LinearModel;
  readonly probabilities: boolean;
}): FittedClassifier {
  const { id, options, classes, convergence, model } = fitted;
  // softmax of [-d, d] / 2 is [1 - sigmoid(d), sigmoid(d)].
  const temperature = classes.length === 2 ? 2 : 1;
  return Object.freeze({
    id,
    options,
    classes,
    dim: model.weights.cols,
    convergence,
    scores: (Q) => linearScores(model, Q),
    probabilities: fitted.probabilities ? (Q) => softmaxRows(linearScores(model, Q), temperature) : null,
    writeGraph(graph, from) {
      const exact = writeLinearScores(model, graph, from);
      const scores = graph.op("Cast", [exact], { to: { int: 1 } });
      if (!fitted.probabilities) return { scores, probabilities: null };
      const scaled =
        temperature === 1 ? exact : graph.op("Mul", [exact, graph.float64([1 / temperature], [1])]);
      // Large scores rounded to float32 first would give other probabilities than the model in memory.
      const softmax = graph.op("Softmax", [scaled], { axis: { int: 1 } });
      return { scores, probabilities: graph.op("Cast", [softmax], { to: { int: 1 } }) };
    },
  } satisfies FittedClassifier);
}
