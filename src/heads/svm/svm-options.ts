import { z } from "zod";
import { classWeightOption } from "../parse-options.js";

/** Options of the kernel SVM, validated; names and defaults are scikit-learn's. */
export const kernelSvmOptions = z.strictObject({
  kernel: z
    .enum(["rbf", "linear", "poly", "sigmoid"])
    .default("rbf")
    .describe(
      "rbf: exp(-gamma |x - y|²); linear: x·y; poly: (gamma x·y + coef0)^degree; sigmoid: tanh(gamma x·y + coef0)",
    ),
  gamma: z
    .union([z.number().nonnegative(), z.enum(["scale", "auto"])])
    .default("scale")
    .describe("Kernel width; scale: 1 / (dim · variance of X), auto: 1 / dim. Not used by linear"),
  degree: z.int().nonnegative().default(3).describe("Exponent of poly"),
  coef0: z.number().default(0).describe("Constant term of poly and sigmoid"),
  C: z
    .number()
    .positive()
    .default(1)
    .describe("Cost of a row on the wrong side: larger fits the training rows closer"),
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
    .describe("Limit of iterations a pair of classes; null: practically none"),
  classWeight: classWeightOption,
  cacheMegabytes: z
    .number()
    .positive()
    .default(400)
    .describe("Memory for kernel values; up to 10,240 rows the whole kernel matrix fits the default"),
});

export type KernelSvmOptions = z.infer<typeof kernelSvmOptions>;
