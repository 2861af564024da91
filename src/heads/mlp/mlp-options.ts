import { z } from "zod";
import { classWeightOption, seedOption } from "../parse-options.js";

/** Options of the multi-layer perceptron, validated. */
export const mlpOptions = z.strictObject({
  hidden: z
    .array(z.int().min(1).max(16_384))
    .max(16)
    .readonly()
    .default([128])
    .describe("Units of each hidden layer; an empty list is softmax regression"),
  batchNorm: z
    .boolean()
    .default(false)
    .describe(
      "Normalise each hidden unit over the batch, before its ReLU; folded into the weights afterwards",
    ),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0.2)
    .describe("Share of the hidden units that each training row does without"),
  optimizer: z
    .enum(["adam", "sgd"])
    .default("adam")
    .describe("adam: betas 0.9 and 0.999, epsilon 1e-8; sgd: with momentum"),
  learningRate: z.number().positive().default(1e-3).describe("Step size, before the schedule"),
  momentum: z.number().min(0).lt(1).default(0.9).describe("Of sgd; adam does not use it"),
  weightDecay: z
    .number()
    .nonnegative()
    .default(0.01)
    .describe(
      "Share of the weights, times the step size, that each step takes away: decoupled from the gradient, as in AdamW; biases and batch norm are spared",
    ),
  batchSize: z
    .int()
    .min(1)
    .default(64)
    .describe("Rows of a step at most; the rows are cut into batches of even size"),
  epochs: z.int().min(1).max(100_000).default(100).describe("Passes over the rows at most"),
  shuffle: z.boolean().default(true).describe("Take the rows in another order each epoch"),
  schedule: z
    .enum(["constant", "cosine", "step", "exponential", "plateau"])
    .default("constant")
    .describe(
      "Step size over the epochs; cosine: falls to 0 at the last; step: times decay every decayEvery epochs; exponential: the same, smoothly; plateau: times decay after decayEvery epochs without gain",
    ),
  decay: z.number().positive().max(1).default(0.5).describe("Factor of step, exponential and plateau"),
  decayEvery: z.int().min(1).default(5).describe("Epochs of step, exponential and plateau"),
  earlyStopping: z
    .boolean()
    .default(true)
    .describe("Stop when the loss gains no more, and keep the weights that did best on the rows held out"),
  validationFraction: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.1)
    .describe(
      "Share of each class held out for early stopping; where that makes fewer than 10 rows, the training loss is watched",
    ),
  patience: z.int().min(1).default(10).describe("Epochs without gain before stopping"),
  tol: z.number().nonnegative().default(1e-4).describe("Fall of the loss that counts as gain"),
  classWeight: classWeightOption,
  seed: seedOption,
});

export type MlpOptions = z.output<typeof mlpOptions>;
