import type { z } from "zod";
import { random } from "../../core/random.js";
import { type Matrix, matrix, selectRows } from "../../linalg/matrix.js";
import { float32Data } from "../../linalg/row-dots.js";
import type { GraphBuilder, TensorName } from "../../onnx/graph-builder.js";
import { checkTrainingData } from "../check-training-data.js";
import type { Classifier, FitControl, FittedClassifier, Labels } from "../classifier.js";
import { classMultipliers } from "../labels.js";
import { softmaxRows } from "../linear/softmax.js";
import { parseOptions } from "../parse-options.js";
import { foldNetwork } from "./folded-network.js";
import { holdOut } from "./hold-out.js";
import { mlpModel } from "./mlp-model.js";
import { type MlpOptions, mlpOptions } from "./mlp-options.js";
import { drawNetwork } from "./network.js";
import { type NetworkRows, type TrainingRun, trainNetwork } from "./train-network.js";

export { mlpOptions } from "./mlp-options.js";

const ID = "mlp.v1";

/** A trained perceptron. */
export interface FittedMlp extends FittedClassifier {
  readonly training: TrainingRun;
}

/** The estimator; its `fit` gives the losses of the training run too. */
export interface Mlp extends Classifier<MlpOptions> {
  fit(X: Matrix, y: Labels, control?: FitControl): Promise<FittedMlp>;
}

/**
 * A multi-layer perceptron: dense layers with ReLU, batch norm and dropout, and a softmax (a sigmoid for two
 * classes) whose log-loss Adam or SGD lowers. Class weights are scaled so that rows weigh 1 on average.
 * Training is in float32; the same seed gives the same model, whatever the number of threads.
 * Its convergence counts epochs: converged means that the loss gained nothing more for `patience` of them.
 * @example const head = await mlp({ hidden: [256, 64], dropout: 0.5, seed: 7 }).fit(X, y);
 * @throws {HeadstartError} `usage` for an option that is unknown or out of range, and by `fit` where the loss diverges.
 * @see Goodfellow, Bengio & Courville, "Deep learning", 2016, chapters 6 to 8.
 */
export function mlp(given: z.input<typeof mlpOptions> = {}): Mlp {
  const options = parseOptions("mlp", mlpOptions, given);
  return Object.freeze({
    id: ID,
    options,
    async fit(X: Matrix, y: Labels, control: FitControl = {}): Promise<FittedMlp> {
      checkTrainingData(X, y);
      const draw = random(options.seed);
      const share = options.earlyStopping ? options.validationFraction : 0;
      const { train, held } = holdOut(y, share, draw.fork());
      const outputs = y.classes.length === 2 ? 1 : y.classes.length;
      const network = drawNetwork([X.cols, ...options.hidden, outputs], options.batchNorm, draw.fork());
      const multipliers = classMultipliers(y, options.classWeight);
      const mean = train.reduce((sum, row) => sum + multipliers[y.codes[row]!]!, 0) / train.length;
      const features = matrix(float32Data(X), X.rows, X.cols);
      const pick = (rows: Int32Array): NetworkRows<Float32Array> => ({
        X: rows.length === X.rows ? features : selectRows(features, rows),
        codes: Int32Array.from(rows, (row) => y.codes[row]!),
        rowWeights: Float64Array.from(rows, (row) => multipliers[y.codes[row]!]! / mean),
      });
      const watched = held.length === 0 ? null : pick(held);
      const training = await trainNetwork(network, pick(train), watched, options, draw, control);
      return fitted(options, y.classes, foldNetwork(network), training);
    },
  });
}

function fitted(
  options: MlpOptions,
  classes: readonly string[],
  layers: ReturnType<typeof foldNetwork<Float32Array>>,
  training: TrainingRun,
): FittedMlp {
  const { dim, scores, write } = mlpModel(layers);
  // softmax of [-d, d] / 2 is [1 - sigmoid(d), sigmoid(d)].
  const temperature = classes.length === 2 ? 2 : 1;
  return Object.freeze({
    id: ID,
    options,
    classes,
    dim,
    convergence: training.convergence,
    training,
    scores,
    probabilities: (Q: Matrix) => softmaxRows(scores(Q), temperature),
    writeGraph(graph: GraphBuilder, x: TensorName) {
      const exact = write(graph, x);
      const scaled = graph.op("Div", [exact, graph.float64([temperature], [1])]);
      const softmax = graph.op("Softmax", [scaled], { axis: { int: 1 } });
      const float32 = (tensor: TensorName): TensorName => graph.op("Cast", [tensor], { to: { int: 1 } });
      return { scores: float32(exact), probabilities: float32(softmax) };
    },
  });
}
