import type { Matrix } from "../../linalg/matrix.js";
import { rowDots, widenFloat32 } from "../../linalg/row-dots.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { basisValues, type KernelBasis, writeBasisValues } from "./svm-basis.js";
import { classPairs } from "./svm-votes.js";

/**
 * The support vectors of all pairs of classes together, sorted by class. A single sum (regression, one class) is
 * a pair of classes of which the second may be empty.
 */
export interface SupportVectors {
  readonly basis: KernelBasis;
  readonly classes: number;
  /** Class c holds rows `starts[c]` up to `starts[c + 1]` of the basis; at least one where there are more than two classes. */
  readonly starts: Int32Array;
  /**
   * `[rows, classes - 1]`: what a row of class c weighs in the pairs with each other class, those in order,
   * its own left out.
   */
  readonly coefficients: Float64Array;
  /** The offset of each pair, in the order of `classPairs`; added to the sum. */
  readonly intercepts: Float64Array;
}

/** Decision values of one row at a time: `[pairs]`, overwritten by the next. */
export type Decide = (X: Matrix, each: (row: number, decisions: Float64Array) => void) => void;

/** How support vectors decide in memory; a linear kernel needs no more than one weight vector a pair. */
export function decider(vectors: SupportVectors): Decide {
  return hasPairWeights(vectors) ? linearDecider(vectors) : kernelDecider(vectors);
}

/** Of a linear kernel, weights of all pairs: up to so many numbers (256 MB); beyond, its kernel values are summed. */
const MOST_PAIR_WEIGHTS = 2 ** 25;

/** Whether pairs are decided by a weight vector each. */
function hasPairWeights({ basis, classes, intercepts }: SupportVectors): boolean {
  if (basis.kernel.kind !== "linear") return false;
  return classes <= MANY_CLASSES || intercepts.length * basis.rows.cols <= MOST_PAIR_WEIGHTS;
}

/** From more classes on, a graph counts votes without a table of pairs by classes. */
export const MANY_CLASSES = 200;

function kernelDecider(vectors: SupportVectors): Decide {
  const { basis, classes, starts, coefficients, intercepts } = vectors;
  const valuesOf = basisValues(basis);
  const slots = classes - 1;
  const sums = new Float64Array(classes * slots);
  const decisions = new Float64Array(intercepts.length);
  const pairOf = pairTable(classes);
  return (X, each) => {
    valuesOf(widenFloat32(X), (row, values, offset) => {
      sums.fill(0);
      for (let c = 0; c < classes; c++) {
        weigh(values, offset, coefficients, slots, starts[c]!, starts[c + 1]!, sums, c * slots);
      }
      decisions.set(intercepts);
      for (let k = 0; k < sums.length; k++) decisions[pairOf[k]!]! += sums[k]!;
      each(row, decisions);
    });
  };
}

/** Adds the values of basis rows `from` to `to`, times each of their `slots` coefficients, to `sums`. */
function weigh(
  values: Float64Array,
  offset: number,
  coefficients: Float64Array,
  slots: number,
  from: number,
  to: number,
  sums: Float64Array,
  at: number,
): void {
  if (slots === 1) {
    let sum = 0;
    for (let s = from; s < to; s++) sum += values[offset + s]! * coefficients[s]!;
    sums[at]! += sum;
    return;
  }
  for (let s = from; s < to; s++) {
    const value = values[offset + s]!;
    for (let slot = 0; slot < slots; slot++) sums[at + slot]! += value * coefficients[s * slots + slot]!;
  }
}

function linearDecider(vectors: SupportVectors): Decide {
  const weights = linearWeights(vectors);
  const pairs = vectors.intercepts.length;
  const decisions = new Float64Array(pairs);
  return (X, each) => {
    const wide = widenFloat32(X);
    for (let i = 0; i < X.rows; i++) {
      rowDots(wide, { from: i, to: i + 1 }, weights, { from: 0, to: pairs }, decisions, pairs);
      for (let p = 0; p < pairs; p++) decisions[p]! += vectors.intercepts[p]!;
      each(i, decisions);
    }
  };
}

/** `[pairs, dim]`: the support vectors of a linear kernel summed up. */
function linearWeights({
  classes,
  basis: { rows },
  starts,
  coefficients,
  intercepts,
}: SupportVectors): Matrix<Float64Array> {
  const dim = rows.cols;
  const pairOf = pairTable(classes);
  const weights = new Float64Array(intercepts.length * dim);
  for (let c = 0; c < classes; c++) {
    for (let s = starts[c]!; s < starts[c + 1]!; s++) {
      for (let slot = 0; slot < classes - 1; slot++) {
        const coefficient = coefficients[s * (classes - 1) + slot]!;
        if (coefficient === 0) continue;
        const at = pairOf[c * (classes - 1) + slot]! * dim;
        for (let k = 0; k < dim; k++) weights[at + k]! += coefficient * rows.data[s * dim + k]!;
      }
    }
  }
  return { data: weights, rows: intercepts.length, cols: dim };
}

/** The pair that slot `slot` of class c stands for, at `c * (classes - 1) + slot`. */
export function pairTable(classes: number): Int32Array {
  const table = new Int32Array(classes * (classes - 1));
  classPairs(classes).forEach(([a, b], pair) => {
    table[a * (classes - 1) + b - 1] = pair;
    table[b * (classes - 1) + a] = pair;
  });
  return table;
}

/**
 * Adds the decisions of all pairs to a graph, computed in float64 as in memory.
 * @param x - float32 `[n, dim]`.
 * @returns float64 `[n, pairs]`.
 */
export function writeDecisions(graph: GraphBuilder, vectors: SupportVectors, x: TensorName): TensorName {
  const { basis, classes, coefficients, intercepts } = vectors;
  const offset = graph.float64(intercepts, [1, intercepts.length], "intercepts");
  if (hasPairWeights(vectors)) {
    const wide = graph.op("Cast", [x], { to: { int: 11 } });
    const weights = linearWeights(vectors);
    const stored = graph.float64(weights.data, [weights.rows, weights.cols], "pair_weights");
    const dots = graph.op("MatMul", [wide, graph.op("Transpose", [stored], { perm: { ints: [1, 0] } })]);
    return graph.op("Add", [dots, offset]);
  }
  if (classes === 2) {
    const values = writeBasisValues(graph, basis, x);
    const weights = graph.float64(coefficients, [basis.size, 1], "dual_coefficients");
    return graph.op("Add", [graph.op("MatMul", [values, weights]), offset]);
  }
  const slots = classes - 1;
  const all = writeSums(graph, vectors, x);
  const pairs = classPairs(classes);
  const pick = (columns: number[]): TensorName =>
    graph.op("Gather", [all, graph.int64(columns, [columns.length])], { axis: { int: 1 } });
  const firsts = pick(pairs.map(([a, b]) => a * slots + b - 1));
  const seconds = pick(pairs.map(([a, b]) => b * slots + a));
  return graph.op("Add", [graph.op("Add", [firsts, seconds]), offset]);
}

/**
 * Adds what the vectors of each class sum up to in its pairs with each other class.
 * @returns float64 `[n, classes * (classes - 1)]`: class after class, its own left out.
 */
export function writeSums(
  graph: GraphBuilder,
  { basis, classes, starts, coefficients }: SupportVectors,
  x: TensorName,
): TensorName {
  const values = writeBasisValues(graph, basis, x);
  const slots = classes - 1;
  const sums = Array.from({ length: classes }, (_, c) => {
    const from = starts[c]!;
    const to = starts[c + 1]!;
    const own = graph.op("Slice", [
      values,
      graph.int64([from], [1]),
      graph.int64([to], [1]),
      graph.int64([1], [1]),
    ]);
    const weights = coefficients.subarray(from * slots, to * slots);
    return graph.op("MatMul", [own, graph.float64(weights, [to - from, slots], "dual_coefficients")]);
  });
  return graph.op("Concat", sums, { axis: { int: 1 } });
}
