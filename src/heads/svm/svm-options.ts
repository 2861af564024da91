import { z } from "zod";
import { classWeightOption } from "../parse-options.js";

const kernelShape = {
  kernel: z
    .enum(["rbf", "linear", "poly", "sigmoid", "precomputed"])
    .default("rbf")
    .describe(
      "rbf: exp(-gamma |x - y|²); linear: x·y; poly: (gamma x·y + coef0)^degree; sigmoid: tanh(gamma x·y + coef0); precomputed: X holds kernel values, [n, n] to fit and [rows, n] to predict",
    ),
  gamma: z
    .union([z.number().nonnegative(), z.enum(["scale", "auto"])])
    .default("scale")
    .describe("Kernel width; scale: 1 / (dim · variance of X), auto: 1 / dim. Not used by linear"),
  degree: z.int().nonnegative().default(3).describe("Exponent of poly"),
  coef0: z.number().default(0).describe("Constant term of poly and sigmoid"),
};

const solverShape = {
  tol: z
    .number()
    .positive()
    .default(1e-3)
    .describe("Largest violation of the optimality conditions that is left"),
  maxIter: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe("Limit of iterations a problem; null: a million, or 100 a row where that is more"),
  cacheMegabytes: z
    .number()
    .positive()
    .default(400)
    .describe("Memory for kernel values; up to 10,240 rows the whole kernel matrix fits the default"),
};

/** Options of the kernel SVM, validated; names and defaults are scikit-learn's. */
export const kernelSvmOptions = z.strictObject({
  ...kernelShape,
  C: z
    .number()
    .positive()
    .default(1)
    .describe("Cost of a row on the wrong side: larger fits the training rows closer"),
  classWeight: classWeightOption,
  ...solverShape,
});

export type KernelSvmOptions = z.infer<typeof kernelSvmOptions>;

/** Options of epsilon-SVR; names and defaults are scikit-learn's. */
export const svrOptions = z.strictObject({
  ...kernelShape,
  C: z.number().positive().default(1).describe("Cost of a row outside the tube: larger fits the rows closer"),
  epsilon: z
    .number()
    .nonnegative()
    .default(0.1)
    .describe("Half the width of the tube in which errors cost nothing, in units of the target"),
  ...solverShape,
});

export type SvrOptions = z.infer<typeof svrOptions>;

/** Options of the one-class SVM; names and defaults are scikit-learn's. */
export const oneClassSvmOptions = z.strictObject({
  ...kernelShape,
  nu: z
    .number()
    .positive()
    .max(1)
    .default(0.5)
    .describe(
      "At most this share of the training rows lies outside, at least this share supports the border",
    ),
  ...solverShape,
});

export type OneClassSvmOptions = z.infer<typeof oneClassSvmOptions>;

/** What settles a kernel. */
export type KernelOptions = Pick<KernelSvmOptions, "kernel" | "gamma" | "degree" | "coef0">;

/** What a solver is told. */
export type SolverOptions = Pick<KernelSvmOptions, "tol" | "maxIter" | "cacheMegabytes">;
