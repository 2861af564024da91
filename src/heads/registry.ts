import type { z } from "zod";
import { HeadstartError } from "../core/errors.js";
import { gaussianNb, gaussianNbOptions } from "./classic/gaussian-nb.js";
import { lda, ldaOptions } from "./classic/lda.js";
import { nearestCentroid, nearestCentroidOptions } from "./classic/nearest-centroid.js";
import { ridge, ridgeOptions } from "./classic/ridge.js";
import type { Classifier } from "./classifier.js";
import { knn, knnOptions } from "./knn/knn.js";
import { linearSvm, linearSvmOptions } from "./linear/linear-svm.js";
import { logisticRegression, logisticRegressionOptions } from "./linear/logistic-regression.js";
import { mljsRandomForest, mljsRandomForestOptions } from "./mljs/mljs-random-forest.js";
import { mljsSvm, mljsSvmOptions } from "./mljs/mljs-svm.js";
import { mlp, mlpOptions } from "./mlp/mlp.js";
import { parseOptions } from "./parse-options.js";
import { kernelSvm, kernelSvmOptions } from "./svm/svm.js";
import { extraTrees, extraTreesOptions } from "./trees/extra-trees.js";
import { gradientBoosting, gradientBoostingOptions } from "./trees/gradient-boosting.js";
import { randomForest, randomForestOptions } from "./trees/random-forest.js";

/** `headstart`: this project's own estimators; `mljs`: ml-svm and ml-random-forest. */
export type Engine = "headstart" | "mljs";

/** An estimator as the registry knows it. */
export interface Estimator {
  /** Versioned, such as `linear-svm.v1`. */
  readonly id: string;
  /** Strict, with defaults and descriptions. */
  readonly options: z.ZodObject;
  /** Validates the options and makes the classifier. */
  create(options: Readonly<Record<string, unknown>>): Classifier;
}

/** A head that can be trained by name. */
export interface HeadEntry extends Estimator {
  /** Scaling where `auto` is asked for. */
  readonly scaling: "standard" | "none";
  /** The same kind of head by ml.js; null where it has none. */
  readonly mljs: Estimator | null;
}

const own = (
  id: string,
  scaling: HeadEntry["scaling"],
  options: z.ZodObject,
  create: Estimator["create"],
  mljs: Estimator | null = null,
): HeadEntry => Object.freeze({ id, scaling, options, create, mljs });

const mljs = (id: string, options: z.ZodObject, create: Estimator["create"]): Estimator =>
  Object.freeze({ id, options, create });

/**
 * The heads by the name that the command line uses.
 *
 * Only the kernel SVM standardises by default: one gamma serves all features, and without it the results on
 * unnormalised CNN features swing more. Trees do not see scale. The linear heads take embeddings as they are:
 * their directions share a scale already, and standardising lifts the noise of the weakest ones. Measured with
 * C = 1, logistic regression, as they are against standardised: TREC questions on unit MiniLM vectors 0.914
 * against 0.858, without normalisation 0.886 against 0.856; ants and bees on 816 averages of ReLU6 maps 0.876
 * against 0.869.
 */
export const HEADS = Object.freeze({
  "linear-svm": own("linear-svm.v1", "none", linearSvmOptions, linearSvm),
  svm: own("svm.v1", "standard", kernelSvmOptions, kernelSvm, mljs("mljs-svm.v1", mljsSvmOptions, mljsSvm)),
  "random-forest": own(
    "random-forest.v1",
    "none",
    randomForestOptions,
    randomForest,
    mljs("mljs-random-forest.v1", mljsRandomForestOptions, mljsRandomForest),
  ),
  "extra-trees": own("extra-trees.v1", "none", extraTreesOptions, extraTrees),
  "gradient-boosting": own("gradient-boosting.v1", "none", gradientBoostingOptions, gradientBoosting),
  "logistic-regression": own("logistic-regression.v1", "none", logisticRegressionOptions, logisticRegression),
  mlp: own("mlp.v1", "standard", mlpOptions, mlp),
  knn: own("knn.v1", "none", knnOptions, knn),
  ridge: own("ridge.v1", "none", ridgeOptions, ridge),
  "nearest-centroid": own("nearest-centroid.v1", "none", nearestCentroidOptions, nearestCentroid),
  lda: own("lda.v1", "none", ldaOptions, lda),
  "gaussian-nb": own("gaussian-nb.v1", "none", gaussianNbOptions, gaussianNb),
});

export type HeadName = keyof typeof HEADS;

/**
 * The entry of a name.
 * @throws {HeadstartError} `usage` naming the heads that exist.
 */
export function headEntry(name: string): HeadEntry {
  if (Object.hasOwn(HEADS, name)) return HEADS[name as HeadName];
  const existing = Object.keys(HEADS);
  throw new HeadstartError("usage", `There is no head '${name}'`, {
    facts: { head: name, existing },
    hint: `Heads: ${existing.join(", ")}.`,
  });
}

export interface CreateHeadOptions {
  /** Options of the head, such as `{ C: 1 }`. */
  readonly set?: Readonly<Record<string, unknown>> | undefined;
  /** Default `headstart`. */
  readonly engine?: Engine | undefined;
  /** Handed to heads that draw random numbers, unless `set` has a seed; default 0. */
  readonly seed?: number | undefined;
}

/**
 * Makes a classifier from a head's name and options; they are validated here, once.
 * @throws {HeadstartError} `usage` for a head, engine or option that does not exist, naming those that do.
 */
export function createHead(
  name: string,
  { set = {}, engine = "headstart", seed = 0 }: CreateHeadOptions = {},
): Classifier {
  const head = headEntry(name);
  const estimator = engine === "headstart" ? head : head.mljs;
  if (estimator === null) {
    const existing = Object.keys(HEADS).filter((other) => headEntry(other).mljs !== null);
    throw new HeadstartError("usage", `The engine '${engine}' has no head '${name}'`, {
      facts: { head: name, engine, existing },
      hint: `It has: ${existing.join(", ")}. Leave the engine out for headstart's own.`,
    });
  }
  const seeded = "seed" in estimator.options.shape && set.seed === undefined ? { ...set, seed } : set;
  return estimator.create(parseOptions(name, estimator.options, seeded));
}
