import { createRequire } from "node:module";
import { type AbstractMatrix, WrapperMatrix1D } from "ml-matrix";
import { z } from "zod";
import { checkShape, type Matrix, zeros } from "../../linalg/matrix.js";
import { widenFloat32 } from "../../linalg/row-dots.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { checkTrainingData } from "../check-training-data.js";
import type { Classifier, FittedClassifier, Labels } from "../classifier.js";
import { parseOptions, seedOption } from "../parse-options.js";
import type { DecisionTree } from "../trees/decision-tree.js";
import { featuresOfSplit } from "../trees/forest-options.js";
import { writeAverageTrees } from "../trees/tree-ensemble.js";

const ID = "mljs-random-forest.v1";

/** Options of ml-random-forest that do what they say, with defaults that end in bearable time. */
export const mljsRandomForestOptions = z.strictObject({
  nEstimators: z.int().min(1).max(10_000).default(20).describe("Trees"),
  maxFeatures: z
    .union([
      z.enum(["sqrt", "log2", "all"]),
      z
        .number()
        .positive()
        .refine((n) => n < 1 || Number.isInteger(n), "a share below 1, or a whole number"),
    ])
    .default("sqrt")
    .describe("Features that a whole tree is given: sqrt or log2 of all, all, a share below 1, or a number"),
  maxDepth: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe("Limit of levels below the root; null: none"),
  minNumSamples: z.int().min(1).default(3).describe("A node of no more rows is a leaf"),
  gainThreshold: z
    .number()
    .nonnegative()
    .default(0.01)
    .describe("A split must lower the Gini impurity by more"),
  seed: seedOption,
});

export type MljsRandomForestOptions = z.output<typeof mljsRandomForestOptions>;

/** What is used of a trained ml-random-forest model. */
export interface MlForest {
  train(features: AbstractMatrix, codes: number[]): void;
  /** The code that each tree votes for: `[rows, trees]`. */
  predictionValues(features: AbstractMatrix): { get(row: number, tree: number): number };
  /** By tree, the features that it was given. */
  readonly indexes: readonly (readonly number[])[];
  readonly estimators: readonly { readonly root: MlNode }[];
}

export interface MlNode {
  readonly splitColumn?: number;
  readonly splitValue?: number;
  readonly left?: MlNode;
  readonly right?: MlNode;
  readonly distribution?: { getRow(row: number): number[] };
}

/**
 * The random forest of the ml-random-forest package, for comparison. It tries every split by counting all rows
 * anew, so its time grows with the square of the rows; features are drawn once a tree and not at every split,
 * which costs accuracy: prefer `randomForest`. Left out are its `maxSamples`, which takes the first rows and no
 * sample, and its out-of-bag estimate, which fails where a row is in every tree's sample.
 * Scores and probabilities are shares of the trees' votes; between equal shares the first class is taken.
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range.
 */
export function mljsRandomForest(
  given: z.input<typeof mljsRandomForestOptions> = {},
): Classifier<MljsRandomForestOptions> {
  const options = parseOptions("mljs random-forest", mljsRandomForestOptions, given);
  return Object.freeze({ id: ID, options, fit: async (X: Matrix, y: Labels) => train(options, X, y) });
}

function train(options: MljsRandomForestOptions, X: Matrix, y: Labels): FittedClassifier {
  checkTrainingData(X, y);
  const classes = y.classes.length;
  const forest = newForest(options, X.cols);
  forest.train(asMlMatrix(X), Array.from(y.codes));
  const scores = (Q: Matrix): Matrix<Float64Array> => {
    checkShape("X", Q, "*", X.cols);
    const out = zeros(Q.rows, classes);
    if (Q.rows === 0) return out;
    const votes = forest.predictionValues(asMlMatrix(Q));
    for (let i = 0; i < Q.rows; i++) {
      for (let t = 0; t < options.nEstimators; t++) out.data[i * classes + votes.get(i, t)]!++;
    }
    for (let k = 0; k < out.data.length; k++) out.data[k]! /= options.nEstimators;
    return out;
  };
  return Object.freeze({
    id: ID,
    options,
    classes: y.classes,
    dim: X.cols,
    convergence: null,
    scores,
    probabilities: scores,
    writeGraph(graph: GraphBuilder, x: TensorName) {
      const trees = forest.estimators.map(({ root }, t) => toDecisionTree(root, forest.indexes[t]!, classes));
      const shares = writeAverageTrees(graph, trees, classes, x);
      return { scores: shares, probabilities: shares };
    },
  });
}

/** The rows as ml-matrix reads them: a view of the flat array, no row is copied. */
export function asMlMatrix(X: Matrix): AbstractMatrix {
  const flat = widenFloat32(X).data;
  return new WrapperMatrix1D(flat, { rows: X.rows });
}

function newForest(options: MljsRandomForestOptions, dim: number): MlForest {
  const require = createRequire(import.meta.url);
  const { RandomForestClassifier } = require("ml-random-forest") as {
    RandomForestClassifier: new (options: Record<string, unknown>) => MlForest;
  };
  const { nEstimators, maxDepth, minNumSamples, gainThreshold, seed } = options;
  const features = featuresOfSplit(options.maxFeatures, dim);
  return new RandomForestClassifier({
    nEstimators,
    // The package reads 1 as "all features"; a share that rounds down to one feature says one.
    maxFeatures: features === 1 && dim > 1 ? 1.5 / dim : features,
    replacement: false,
    // Its generator takes signed 32-bit seeds.
    seed: seed | 0,
    noOOB: true,
    treeOptions: { maxDepth: maxDepth ?? Infinity, minNumSamples, gainThreshold },
  });
}

/** The tree in this project's form: one vote a leaf, features by their own numbers. */
export function toDecisionTree(root: MlNode, features: readonly number[], classes: number): DecisionTree {
  const feature: number[] = [];
  const threshold: number[] = [];
  const left: number[] = [];
  const right: number[] = [];
  const shares: number[] = [];
  const add = (node: MlNode): number => {
    const id = feature.length;
    if (node.left === undefined || node.right === undefined) {
      feature.push(-1);
      threshold.push(0);
      left.push(shares.length / classes);
      right.push(-1);
      const distribution = node.distribution!.getRow(0);
      const vote = distribution.indexOf(Math.max(...distribution));
      for (let c = 0; c < classes; c++) shares.push(Number(c === vote));
      return id;
    }
    feature.push(features[node.splitColumn!]!);
    threshold.push(nextBelow(node.splitValue!));
    left.push(-1);
    right.push(-1);
    left[id] = add(node.left);
    right[id] = add(node.right);
    return id;
  };
  add(root);
  return {
    feature: Int32Array.from(feature),
    threshold: Float32Array.from(threshold),
    left: Int32Array.from(left),
    right: Int32Array.from(right),
    values: Float32Array.from(shares),
  };
}

/** The largest float32 below `value`: for float32 x, `x < value` is `x <= nextBelow(value)`. */
function nextBelow(value: number): number {
  const single = new Float32Array([value]);
  if (single[0]! < value) return single[0]!;
  const bits = new Int32Array(single.buffer);
  if (single[0] === 0) return -1.401298464324817e-45;
  bits[0]! += single[0]! > 0 ? -1 : 1;
  return single[0]!;
}
