import type { z } from "zod";
import { HeadstartError } from "../core/errors.js";
import type { Classifier } from "./classifier.js";
import { linearSvm, linearSvmOptions } from "./linear-svm.js";
import { logisticRegression, logisticRegressionOptions } from "./logistic-regression.js";
import { parseOptions } from "./parse-options.js";
import { randomForest, randomForestOptions } from "./random-forest.js";
import { kernelSvm, kernelSvmOptions } from "./svm.js";

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

const entry = (
  id: string,
  scaling: HeadEntry["scaling"],
  options: z.ZodObject,
  create: Estimator["create"],
  mljs: Estimator | null = null,
): HeadEntry => Object.freeze({ id, scaling, options, create, mljs });

/** The heads by the name that the command line uses. */
export const HEADS = Object.freeze({
  "linear-svm": entry("linear-svm.v1", "none", linearSvmOptions, linearSvm),
  svm: entry("svm.v1", "standard", kernelSvmOptions, kernelSvm),
  "random-forest": entry("random-forest.v1", "none", randomForestOptions, randomForest),
  "logistic-regression": entry(
    "logistic-regression.v1",
    "none",
    logisticRegressionOptions,
    logisticRegression,
  ),
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
