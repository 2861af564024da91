import { createRequire } from "node:module";
import { z } from "zod";
import { checkShape, type Matrix, zeros } from "../../linalg/matrix.js";
import { widenFloat32 } from "../../linalg/row-dots.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import type { FittedClassifier } from "../classifier.js";
import { damagedModel } from "./damaged-model.js";
import { toNestedRows } from "./mljs-rows.js";

const svmModel = z.looseObject({
  options: z.looseObject({
    kernel: z.enum(["linear", "rbf", "gaussian"]),
    kernelOptions: z.looseObject({ sigma: z.number().positive().default(1) }).prefault({}),
    whitening: z.boolean(),
  }),
  b: z.number(),
  minMax: z.array(z.object({ min: z.number(), max: z.number() })).optional(),
  W: z.array(z.number()).optional(),
  X: z.array(z.array(z.number())).optional(),
  Y: z.array(z.number()).optional(),
  alphas: z.array(z.number()).optional(),
});

type SvmModel = z.output<typeof svmModel>;

/**
 * A trained ml-svm model: linear or rbf, its whitening included. Scores are its margin, negated for the first class.
 * @throws {HeadstartError} `data` as {@link importMljs} does.
 */
export function importMljsSvm(
  given: unknown,
  dim: number,
  classes: readonly string[] = ["-1", "1"],
): FittedClassifier {
  const parsed = svmModel.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw damagedModel(`${issue.path.join(".")}: ${issue.message}`);
  }
  const model = parsed.data;
  check(model, dim, classes);
  const require = createRequire(import.meta.url);
  const Svm = require("ml-svm") as { load(model: unknown): { marginOne(row: number[]): number } };
  const own = Svm.load(given);
  return Object.freeze({
    id: "mljs-svm.v1",
    options: Object.freeze({ imported: true, ...model.options }),
    classes: Object.freeze([...classes]),
    dim,
    convergence: null,
    scores(Q: Matrix) {
      checkShape("X", Q, "*", dim);
      const out = zeros(Q.rows, 2);
      // Not its `margin`, which leaves the whitening out for all rows of a batch but the first; its `predict` does not.
      toNestedRows(widenFloat32(Q)).forEach((row, i) => {
        const margin = own.marginOne(row);
        out.data.set([-margin, margin], 2 * i);
      });
      return out;
    },
    probabilities: null,
    writeGraph(graph: GraphBuilder, x: TensorName) {
      const margin = writeMargin(graph, model, dim, x);
      const scores = graph.op("Concat", [graph.op("Neg", [margin]), margin], { axis: { int: 1 } });
      return { scores: graph.op("Cast", [scores], { to: { int: 1 } }), probabilities: null };
    },
  });
}

function check(model: SvmModel, dim: number, classes: readonly string[]): void {
  const { W, X = [], Y = [], alphas = [], minMax = [], options } = model;
  if (classes.length !== 2)
    throw damagedModel(`an SVM has two classes, ${classes.length} are named`, { classes });
  const widths = options.kernel === "linear" ? [W?.length ?? 0] : X.map((row) => row.length);
  if (options.whitening) widths.push(minMax.length);
  const other = widths.find((width) => width !== dim);
  if (widths.length === 0) throw damagedModel("it has no support vectors");
  if (other !== undefined)
    throw damagedModel(`it takes ${other} features, the embeddings have ${dim}`, { dim });
  if (Y.length !== X.length || alphas.length !== X.length)
    throw damagedModel("X, Y and alphas differ in length");
  const constant = options.whitening ? minMax.findIndex(({ min, max }) => min === max) : -1;
  if (constant >= 0) {
    throw damagedModel(`feature ${constant} was constant in training, and its whitening divides by zero`, {
      feature: constant,
    });
  }
}

/** float64 `[n, 1]`. */
function writeMargin(graph: GraphBuilder, model: SvmModel, dim: number, x: TensorName): TensorName {
  const { options, minMax = [], W = [], X = [], Y = [], alphas = [], b } = model;
  let wide = graph.op("Cast", [x], { to: { int: 11 } });
  if (options.whitening) {
    const least = graph.float64(
      minMax.map(({ min }) => min),
      [1, dim],
      "least",
    );
    const range = graph.float64(
      minMax.map(({ min, max }) => max - min),
      [1, dim],
      "range",
    );
    wide = graph.op("Div", [graph.op("Sub", [wide, least]), range]);
  }
  const offset = graph.float64([b], [1], "intercept");
  if (options.kernel === "linear") {
    return graph.op("Add", [graph.op("MatMul", [wide, graph.float64(W, [dim, 1], "weights")]), offset]);
  }
  const gamma = 1 / (2 * options.kernelOptions.sigma ** 2);
  const rows = graph.float64(X.flat(), [X.length, dim], "support_vectors");
  const norms = X.map((row) => row.reduce((sum, value) => sum + value * value, 0));
  const dots = graph.op("Gemm", [wide, rows], { transB: { int: 1 }, alpha: { float: -2 } });
  const xx = graph.op("ReduceSum", [graph.op("Mul", [wide, wide]), graph.int64([1], [1])]);
  const distances = graph.op("Add", [graph.op("Add", [dots, xx]), graph.float64(norms, [1, X.length])]);
  const kernel = graph.op("Exp", [graph.op("Mul", [distances, graph.float64([-gamma], [1])])]);
  const signed = graph.float64(
    alphas.map((alpha, s) => alpha * Y[s]!),
    [X.length, 1],
    "dual_coefficients",
  );
  return graph.op("Add", [graph.op("MatMul", [kernel, signed]), offset]);
}
