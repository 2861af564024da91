import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";

/** A pair of classes, the first before the second; a positive decision speaks for the first. */
export type ClassPair = readonly [first: number, second: number];

/** Every pair of `classes` classes: (0, 1), (0, 2) … (1, 2) … */
export function classPairs(classes: number): ClassPair[] {
  const pairs: ClassPair[] = [];
  for (let a = 0; a < classes; a++) for (let b = a + 1; b < classes; b++) pairs.push([a, b]);
  return pairs;
}

/** A decision this close to zero counts as zero, and zero speaks for the first: rounding never moves a vote. */
export const ZERO = 1e-9;

/**
 * One score a class from the decisions of all pairs. Two classes: the decision and its negative.
 * More: the votes, plus the summed decisions squeezed into ±1/3, which settle equal votes.
 * @param decisions - one a pair, in the order of `classPairs`.
 * @param scores - one a class, written.
 * @see scikit-learn's `decision_function_shape="ovr"`, whose numbers these are.
 */
export function scoresOfPairs(decisions: Float64Array, classes: number, scores: Float64Array): void {
  if (classes === 2) {
    scores[0] = decisions[0]!;
    scores[1] = -decisions[0]!;
    return;
  }
  const votes = new Float64Array(classes);
  const sums = new Float64Array(classes);
  for (let a = 0, p = 0; a < classes; a++) {
    for (let b = a + 1; b < classes; b++, p++) {
      const decision = decisions[p]!;
      sums[a]! += decision;
      sums[b]! -= decision;
      votes[decision > -ZERO ? a : b]!++;
    }
  }
  for (let c = 0; c < classes; c++) scores[c] = votes[c]! + sums[c]! / (3 * (Math.abs(sums[c]!) + 1));
}

/**
 * Adds the same to a graph.
 * @param decisions - float64 `[n, pairs]`.
 * @returns float32 `[n, classes]`.
 */
export function writeScoresOfPairs(graph: GraphBuilder, decisions: TensorName, classes: number): TensorName {
  const float32 = (tensor: TensorName): TensorName => graph.op("Cast", [tensor], { to: { int: 1 } });
  if (classes === 2) {
    return float32(graph.op("Concat", [decisions, graph.op("Neg", [decisions])], { axis: { int: 1 } }));
  }
  const pairs = classPairs(classes);
  const signs = new Float64Array(pairs.length * classes);
  pairs.forEach(([a, b], p) => {
    signs[p * classes + a] = 1;
    signs[p * classes + b] = -1;
  });
  const sign = graph.float64(signs, [pairs.length, classes], "pair_signs");
  const won = graph.op("Greater", [decisions, graph.float64([-ZERO], [1])]);
  const wins = graph.op("MatMul", [graph.op("Cast", [won], { to: { int: 11 } }), sign]);
  // Class c is second in c pairs, and has those votes until the first of the pair wins them.
  const base = Float64Array.from({ length: classes }, (_, c) => c);
  const votes = graph.op("Add", [wins, graph.float64(base, [1, classes])]);
  const sums = graph.op("MatMul", [decisions, sign]);
  const size = graph.op("Add", [graph.op("Abs", [sums]), graph.float64([1], [1])]);
  const squeezed = graph.op("Div", [sums, graph.op("Mul", [size, graph.float64([3], [1])])]);
  return float32(graph.op("Add", [votes, squeezed]));
}
