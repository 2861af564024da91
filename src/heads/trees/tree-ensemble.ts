import type { Matrix } from "../../linalg/matrix.js";
import { zeros } from "../../linalg/matrix.js";
import { float32Data } from "../../linalg/row-dots.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { type DecisionTree, leafOf } from "./decision-tree.js";

/** Rows that all trees see before the next ones: they stay in the processor's cache. */
const BLOCK = 256;

/**
 * The values of all trees added up: `[n, outputs]`. Features are compared as float32.
 * @param outputOf - the output that a tree of one value a leaf adds to; null: trees have a value for each output.
 */
export function sumTrees(
  trees: readonly DecisionTree[],
  outputs: number,
  X: Matrix,
  outputOf: ((t: number) => number) | null = null,
): Matrix<Float64Array> {
  const data = float32Data(X);
  const out = zeros(X.rows, outputs);
  for (let start = 0; start < X.rows; start += BLOCK) {
    const end = Math.min(X.rows, start + BLOCK);
    trees.forEach((tree, t) => {
      const { values } = tree;
      if (outputOf !== null) {
        const target = outputOf(t);
        for (let i = start; i < end; i++)
          out.data[i * outputs + target]! += values[leafOf(tree, data, i * X.cols)]!;
        return;
      }
      for (let i = start; i < end; i++) {
        const leaf = leafOf(tree, data, i * X.cols) * outputs;
        for (let c = 0; c < outputs; c++) out.data[i * outputs + c]! += values[leaf + c]!;
      }
    });
  }
  return out;
}

/** The values of all trees averaged: `[n, outputs]`. */
export function averageTrees(
  trees: readonly DecisionTree[],
  outputs: number,
  X: Matrix,
): Matrix<Float64Array> {
  const out = sumTrees(trees, outputs, X);
  for (let k = 0; k < out.data.length; k++) out.data[k]! /= trees.length;
  return out;
}

/**
 * Adds {@link averageTrees} to a graph.
 * @param x - float32 `[n, dim]`.
 * @returns float32 `[n, outputs]`.
 */
export function writeAverageTrees(
  graph: GraphBuilder,
  trees: readonly DecisionTree[],
  outputs: number,
  x: TensorName,
): TensorName {
  return graph.op("Div", [writeSumTrees(graph, trees, outputs, x), graph.float32([trees.length], [1])]);
}

/**
 * Adds {@link sumTrees} to a graph, as one ai.onnx.ml TreeEnsembleRegressor.
 * @param x - float32 `[n, dim]`.
 * @returns float32 `[n, outputs]`.
 */
export function writeSumTrees(
  graph: GraphBuilder,
  trees: readonly DecisionTree[],
  outputs: number,
  x: TensorName,
  outputOf: ((t: number) => number) | null = null,
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
      const width = outputOf === null ? outputs : 1;
      for (let c = 0; c < width; c++) {
        const value = tree.values[tree.left[id]! * width + c]!;
        if (value === 0 && width > 1) continue;
        treeOfTarget.push(t);
        nodeOfTarget.push(id);
        target.push(outputOf === null ? c : outputOf(t));
        weight.push(value);
      }
    }
  });
  return graph.op(
    "TreeEnsembleRegressor",
    [x],
    {
      n_targets: { int: outputs },
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
}
