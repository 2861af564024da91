import { createRequire } from "node:module";
import { z } from "zod";
import { messageOf } from "../../core/errors.js";
import { checkShape, type Matrix, zeros } from "../../linalg/matrix.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import type { FittedClassifier } from "../classifier.js";
import { writeAverageTrees } from "../trees/tree-ensemble.js";
import { damagedModel } from "./damaged-model.js";
import { asMlMatrix, type MlForest, type MlNode, toDecisionTree } from "./mljs-random-forest.js";

const forestModel = z.looseObject({
  name: z.literal("RFClassifier"),
  baseModel: z.looseObject({
    indexes: z.array(z.array(z.int().nonnegative())),
    nEstimators: z.int().positive(),
    estimators: z.array(z.looseObject({ root: z.looseObject({}) })).min(1),
  }),
});

/**
 * A trained ml-random-forest classifier. Scores and probabilities are shares of the trees' votes; between equal shares
 * the first class is taken, where the package takes the one that reached its votes first.
 * @throws {HeadstartError} `data` as {@link importMljs} does.
 */
export function importMljsForest(
  model: unknown,
  dim: number,
  given: readonly string[] | undefined,
): FittedClassifier {
  const parsed = forestModel.safeParse(model);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw damagedModel(`${issue.path.join(".")}: ${issue.message}`);
  }
  const { indexes, nEstimators } = parsed.data.baseModel;
  const widest = indexes.reduce((most, features) => Math.max(most, ...features), 0);
  if (widest >= dim) throw damagedModel(`it reads feature ${widest} of ${dim}`, { feature: widest, dim });
  const forest = load(model);
  const counted = 1 + Math.max(...forest.estimators.map(({ root }) => largestVote(root)));
  const classes = given ?? Array.from({ length: Math.max(2, counted) }, (_, code) => String(code));
  if (counted > classes.length) {
    throw damagedModel(`its trees vote for ${counted} classes, ${classes.length} are named`, {
      counted,
      classes,
    });
  }
  const count = classes.length;
  const scores = (X: Matrix): Matrix<Float64Array> => {
    checkShape("X", X, "*", dim);
    const out = zeros(X.rows, count);
    if (X.rows === 0) return out;
    const votes = forest.predictionValues(asMlMatrix(X));
    for (let i = 0; i < X.rows; i++) {
      for (let t = 0; t < nEstimators; t++) out.data[i * count + votes.get(i, t)]! += 1 / nEstimators;
    }
    return out;
  };
  return Object.freeze({
    id: "mljs-random-forest.v1",
    options: Object.freeze({ imported: true, nEstimators }),
    classes: Object.freeze([...classes]),
    dim,
    convergence: null,
    scores,
    probabilities: scores,
    writeGraph(graph: GraphBuilder, x: TensorName) {
      const trees = forest.estimators.map(({ root }, t) => toDecisionTree(root, forest.indexes[t]!, count));
      const shares = writeAverageTrees(graph, trees, count, x);
      return { scores: shares, probabilities: shares };
    },
  });
}

function load(model: unknown): MlForest {
  const require = createRequire(import.meta.url);
  const { RandomForestClassifier } = require("ml-random-forest") as {
    RandomForestClassifier: { load(model: unknown): MlForest };
  };
  try {
    return RandomForestClassifier.load(model);
  } catch (cause) {
    throw damagedModel(messageOf(cause));
  }
}

function largestVote(node: MlNode): number {
  if (node.left !== undefined && node.right !== undefined) {
    return Math.max(largestVote(node.left), largestVote(node.right));
  }
  const distribution = node.distribution!.getRow(0);
  return distribution.indexOf(Math.max(...distribution));
}
