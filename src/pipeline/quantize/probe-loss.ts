import type { ProbeLoss } from "../../backbones/quantize/variant-manifest.js";
import { comparePredictions } from "../../evaluation/compare-predictions.js";
import { crossValidate } from "../../evaluation/cross-validate.js";
import { argmaxRows } from "../../heads/argmax.js";
import { fitHead } from "../../heads/head.js";
import { encodeLabels } from "../../heads/labels.js";
import type { Matrix } from "../../linalg/matrix.js";
import type { RunControl } from "../types/run-types.js";

const FOLDS = 5;

/**
 * What a linear head loses where it reads the vectors of an int8 variant: cross-validated on both, in the same folds.
 * @param vectors - of the same rows, `[n, dim]` each. @param labels - n of them, of two classes at least.
 * @throws {HeadstartError} `data` for too few rows of a class; `interrupted`.
 */
export async function probeLoss(
  vectors: { readonly fp32: Matrix<Float32Array>; readonly int8: Matrix<Float32Array> },
  labels: readonly string[],
  { signal, onProgress, blocking = (work) => work() }: RunControl,
): Promise<Omit<ProbeLoss, "input">> {
  const y = encodeLabels(labels);
  const rightOn = async (X: Matrix<Float32Array>): Promise<Uint8Array> => {
    const { predicted } = await crossValidate(
      async (inside, codes, held) =>
        argmaxRows((await blocking(() => fitHead({ name: "linear-svm" }, inside, codes))).scores(held)),
      X,
      y,
      { folds: FOLDS, seed: 0, ...(signal && { signal }), ...(onProgress && { onProgress }) },
    );
    return Uint8Array.from(predicted, (code, row) => Number(code === y.codes[row]));
  };
  const [fp32, int8] = [await rightOn(vectors.fp32), await rightOn(vectors.int8)];
  const share = (right: Uint8Array): number => right.reduce((sum, one) => sum + one, 0) / right.length;
  const { difference } = await comparePredictions(int8, fp32, signal && { signal });
  return {
    rows: labels.length,
    classes: y.classes.length,
    head: "linear-svm",
    folds: FOLDS,
    accuracy: { fp32: share(fp32), int8: share(int8) },
    difference,
  };
}
