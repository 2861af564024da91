import { createRequire } from "node:module";
import { z } from "zod";
import { HeadstartError, messageOf } from "../../core/errors.js";
import { random } from "../../core/random.js";
import { checkShape, type Matrix, selectRows, zeros } from "../../linalg/matrix.js";
import { squaredNorms, widenFloat32 } from "../../linalg/row-dots.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { checkTrainingData } from "../check-training-data.js";
import type { Classifier, FittedClassifier, Labels } from "../classifier.js";
import { parseOptions, seedOption } from "../parse-options.js";
import { scaleGamma, writeKernel } from "../svm/svm-kernel.js";
import { toNestedRows } from "./mljs-rows.js";

const ID = "mljs-svm.v1";

/** Options of ml-svm, with the package's defaults except for `kernel` and `gamma`, which are the kernel SVM's. */
export const mljsSvmOptions = z.strictObject({
  kernel: z.enum(["rbf", "linear"]).default("rbf").describe("rbf: exp(-gamma |x - y|²); linear: x·y"),
  gamma: z
    .union([z.number().nonnegative(), z.enum(["scale", "auto"])])
    .default("scale")
    .describe("Width of rbf; scale: 1 / (dim · variance of X), auto: 1 / dim"),
  C: z.number().positive().default(1).describe("Cost of a row on the wrong side"),
  tol: z
    .number()
    .positive()
    .default(1e-4)
    .describe("Violation of the optimality conditions that is let pass"),
  maxPasses: z.int().positive().default(10).describe("Passes without a change after which it stops"),
  maxIterations: z.int().positive().default(10_000).describe("Passes after which it gives up with an error"),
  seed: seedOption,
});

export type MljsSvmOptions = z.output<typeof mljsSvmOptions>;

/** What is used of a trained ml-svm model. */
interface MlSvm {
  train(features: number[][], labels: number[]): void;
  margin(features: number[][]): number[];
  supportVectors(): number[];
  readonly iterations: number;
  readonly b: number;
  readonly Y: number[];
  readonly alphas: number[];
  /** The weight vector of a linear kernel. */
  readonly W: number[] | undefined;
}

/**
 * The support vector machine of the ml-svm package, for comparison; one against the rest where classes are more
 * than two. Its simplified SMO draws the second row at random, stops early and is slow: prefer `kernelSvm`.
 * The package's `whitening` is off, because it divides by zero on constant features: scale before. It knows no
 * class weights. Scores are its own margins; no probabilities.
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range, and where `maxIterations` is
 *   reached, since the package then gives no model.
 */
export function mljsSvm(given: z.input<typeof mljsSvmOptions> = {}): Classifier<MljsSvmOptions> {
  const options = parseOptions("mljs svm", mljsSvmOptions, given);
  return Object.freeze({ id: ID, options, fit: async (X: Matrix, y: Labels) => train(options, X, y) });
}

function train(options: MljsSvmOptions, X: Matrix, y: Labels): FittedClassifier {
  checkTrainingData(X, y);
  const wide = widenFloat32(X);
  const nested = toNestedRows(wide);
  const gamma =
    options.gamma === "scale" ? scaleGamma(wide) : options.gamma === "auto" ? 1 / X.cols : options.gamma;
  const classes = y.classes.length;
  const seeds = random(options.seed);
  const targets = classes === 2 ? [1] : Array.from(y.classes.keys());
  const models = targets.map((target) => {
    const model = newModel(options, gamma, seeds.fork());
    const signs = Array.from(y.codes, (code) => (code === target ? 1 : -1));
    try {
      model.train(nested, signs);
    } catch (cause) {
      throw new HeadstartError(
        "usage",
        `ml-svm gave up on class '${y.classes[target]}': ${messageOf(cause)}`,
        {
          facts: { class: y.classes[target], maxIterations: options.maxIterations },
          hint: "Raise maxIterations, lower C, or leave out the engine to use headstart's own svm.",
          cause,
        },
      );
    }
    return model;
  });
  return Object.freeze({
    id: ID,
    options,
    classes: y.classes,
    dim: X.cols,
    convergence: Object.freeze({
      converged: true,
      iterations: models.reduce((sum, model) => sum + model.iterations, 0),
    }),
    scores(Q: Matrix) {
      checkShape("X", Q, "*", X.cols);
      const out = zeros(Q.rows, classes);
      const rows = toNestedRows(widenFloat32(Q));
      models.forEach((model, m) => {
        model.margin(rows).forEach((margin, i) => {
          if (classes > 2) out.data[i * classes + m] = margin;
          else out.data.set([-margin, margin], 2 * i);
        });
      });
      return out;
    },
    probabilities: null,
    writeGraph(graph: GraphBuilder, x: TensorName) {
      const margins = writeMargins(graph, models, options.kernel === "linear" ? null : gamma, wide, x);
      const scores =
        classes > 2
          ? margins
          : graph.op("Concat", [graph.op("Neg", [margins]), margins], { axis: { int: 1 } });
      return { scores: graph.op("Cast", [scores], { to: { int: 1 } }), probabilities: null };
    },
  });
}

function newModel(options: MljsSvmOptions, gamma: number, draw: { next(): number }): MlSvm {
  const require = createRequire(import.meta.url);
  const Svm = require("ml-svm") as new (options: Record<string, unknown>) => MlSvm;
  const { kernel, C, tol, maxPasses, maxIterations } = options;
  // The package writes the width as exp(-|x - y|² / (2 sigma²)).
  const kernelOptions = { sigma: Math.sqrt(1 / (2 * gamma)) };
  return new Svm({
    kernel,
    kernelOptions,
    C,
    tol,
    maxPasses,
    maxIterations,
    random: draw.next,
    whitening: false,
  });
}

/** Adds the margins of all models, float64 `[n, models]`; `gamma` is null for the linear kernel. */
function writeMargins(
  graph: GraphBuilder,
  models: readonly MlSvm[],
  gamma: number | null,
  X: Matrix<Float64Array>,
  x: TensorName,
): TensorName {
  const wide = graph.op("Cast", [x], { to: { int: 11 } });
  const count = models.length;
  const offset = graph.float64(
    models.map((model) => model.b),
    [1, count],
    "intercepts",
  );
  if (gamma === null) {
    const weights = new Float64Array(X.cols * count);
    models.forEach((model, m) => {
      model.W?.forEach((weight, k) => {
        weights[k * count + m] = weight;
      });
    });
    const stored = graph.float64(weights, [X.cols, count], "weights");
    return graph.op("Add", [graph.op("MatMul", [wide, stored]), offset]);
  }
  const used = new Set(models.flatMap((model) => model.supportVectors()));
  // A model without support vectors is its offset alone; one row keeps the graph whole.
  const indices = used.size > 0 ? [...used].sort((a, b) => a - b) : [0];
  const at = new Map(indices.map((row, position) => [row, position]));
  const coefficients = new Float64Array(indices.length * count);
  models.forEach((model, m) => {
    model.supportVectors().forEach((row, s) => {
      coefficients[at.get(row)! * count + m] = model.alphas[s]! * model.Y[s]!;
    });
  });
  const rows = selectRows(X, indices);
  const values = writeKernel(graph, { kind: "rbf", gamma }, wide, rows, squaredNorms(rows));
  const stored = graph.float64(coefficients, [indices.length, count], "dual_coefficients");
  return graph.op("Add", [graph.op("MatMul", [values, stored]), offset]);
}
