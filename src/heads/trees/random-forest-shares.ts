import type { Matrix } from "../../linalg/matrix.js";
import { zeros } from "../../linalg/matrix.js";
import { float32Data } from "../../linalg/row-dots.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { type DecisionTree, leafOf } from "./decision-tree.js";

/**
 * Rounds the class weights of a leaf to shares on a grid so coarse that float32 sums over `trees` trees are exact.
 * A runtime may then add the trees in any order, on any number of threads: ties stay ties.
 * @returns shares that sum to 1; with 100 trees the grid is 2^-16.
 */
export function exactShares(trees: number): (weights: Float64Array) => Float64Array {
  const grid = 2 ** (23 - Math.ceil(Math.log2(trees)));
  return (weights) => {
    let total = 0;
    for (const weight of weights) total += weight;
    const shares = weights.map((weight) => Math.round((weight / total) * grid));
    let sum = 0;
    let largest = 0;
    shares.forEach((share, c) => {
      sum += share;
      if (share > shares[largest]!) largest = c;
    });
    shares[largest]! += grid - sum;
    return shares.map((share) => share / grid);
  };
}

/** The shares of all trees averaged: `[n, classes]`. Features are compared as float32. */
export function averageShares(
  trees: readonly DecisionTree[],
  classes: number,
  X: Matrix,
): Matrix<Float64Array> {
  const data = float32Data(X);
  const out = zeros(X.rows, classes);
  for (const tree of trees) {
    for (let i = 0; i < X.rows; i++) {
      const leaf = leafOf(tree, data, i * X.cols) * classes;
      for (let c = 0; c < classes; c++) out.data[i * classes + c]! += tree.shares[leaf + c]!;
    }
  }
  for (let k = 0; k < out.data.length; k++) out.data[k]! /= trees.length;
  return out;
}

/**
 * Adds the same to a graph, as one ai.onnx.ml TreeEnsembleRegressor with a target a class.
 * @param x - float32 `[n, dim]`.
 * @returns float32 `[n, classes]`.
 */
export function writeAverageShares(
  graph: GraphBuilder,
  trees: readonly DecisionTree[],
  classes: number,
  x: TensorName,
): TensorName {
  const treeOfNode: number[] = [];
  const node: number[] = [];
  const feature: number[] = [];
  const mode: string[] = [];
  const threshold: number[] = [];
  const left: number[] = [];
  const right: number[] = [];
  const treeOfTarget: number[] = [];
  const nodeOfTarget: number[] = [];
  const target: number[] = [];
  const weight: number[] = [];
  trees.forEach((tree, t) => {
    for (let id = 0; id < tree.feature.length; id++) {
      const leaf = tree.feature[id]! < 0;
      treeOfNode.push(t);
      node.push(id);
      feature.push(leaf ? 0 : tree.feature[id]!);
      mode.push(leaf ? "LEAF" : "BRANCH_LEQ");
      threshold.push(tree.threshold[id]!);
      left.push(leaf ? 0 : tree.left[id]!);
      right.push(leaf ? 0 : tree.right[id]!);
      if (!leaf) continue;
      for (let c = 0; c < classes; c++) {
        const share = tree.shares[tree.left[id]! * classes + c]!;
        if (share === 0) continue;
        treeOfTarget.push(t);
        nodeOfTarget.push(id);
        target.push(c);
        weight.push(share);
      }
    }
  });
  const sums = graph.op(
    "TreeEnsembleRegressor",
    [x],
    {
      n_targets: { int: classes },
      aggregate_function: { string: "SUM" },
      post_transform: { string: "NONE" },
      nodes_treeids: { ints: treeOfNode },
      nodes_nodeids: { ints: node },
      nodes_featureids: { ints: feature },
      nodes_modes: { strings: mode },
      nodes_values: { floats: threshold },
      nodes_truenodeids: { ints: left },
      nodes_falsenodeids: { ints: right },
      target_treeids: { ints: treeOfTarget },
      target_nodeids: { ints: nodeOfTarget },
      target_ids: { ints: target },
      target_weights: { floats: weight },
    },
    { domain: "ai.onnx.ml", name: "trees" },
  );
  return graph.op("Div", [sums, graph.float32([trees.length], [1])]);
}
