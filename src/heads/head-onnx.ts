import { HeadstartError } from "../core/errors.js";
import type { Matrix } from "../linalg/matrix.js";
import { encodeModel } from "../onnx/encode-model.js";
import { graphBuilder } from "../onnx/graph-builder.js";
import { writeCalibration } from "./calibrated-graph.js";
import { calibrationErrorBounds } from "./calibrated-probabilities.js";
import { thresholdedScores, writeThreshold } from "./decision-threshold.js";
import type { FittedHead } from "./head.js";
import {
  BACKBONE_KEY,
  FINGERPRINT_KEY,
  HEAD_FORMAT,
  HEAD_KEY,
  type HeadRecord,
  SAMPLE_KEY,
} from "./head-record.js";
import { loadHead } from "./load-head.js";
import type { HeadSample } from "./sample/head-sample.js";
import { writeLabel } from "./write-label.js";

export { type HeadPredictions, type LoadedHead, type LoadedHeadMeta, loadHead } from "./load-head.js";

/** What the caller knows of a head beyond the model. */
export interface HeadMeta {
  /** Fingerprint of the embeddings that it was trained on. */
  readonly fingerprint: string;
  /** The `headstart.backbone` of those embeddings; null where nothing is known. */
  readonly backbone: { readonly id: string } | null;
  /** Figures, with how they were measured; null where nothing was. */
  readonly metrics: object | null;
  /** Rows trained on; default: the head's own count. */
  readonly rows?: number;
  /** How the head's calibration does, and how that was measured; for a head that has one. */
  readonly calibration?: HeadRecord["calibration"];
  /** What the head's threshold was picked for, and what it reaches; for a head that has one. */
  readonly threshold?: HeadRecord["threshold"];
  /** Training rows to store with the model's answers, see `sampleOfHead`; default: none, and nothing to check it on. */
  readonly sample?: HeadSample | null;
}

/** Largest difference between the scores in memory and from the file, relative to max(1, |score|). */
export const SCORE_TOLERANCE = 1e-5;

/**
 * A trained head as an ONNX file: input `embedding` float32 `[n, dim]`; outputs `label` string `[n]`, `scores`
 * float32 `[n, classes]` and, where the head has them, `probabilities` float32 `[n, classes]`.
 * The label is the class of the first largest score, for every head alike.
 * @returns the bytes; the same head and facts give the same bytes.
 */
export function headToOnnx(head: FittedHead, meta: HeadMeta): Uint8Array {
  const { classifier, transforms, classes, dim, calibration, threshold } = head;
  const graph = graphBuilder({ name: classifier.id });
  const embedding = graph.input("embedding", "float32", ["n", dim]);
  const features = transforms.reduce((from, transform) => transform.writeGraph(graph, from), embedding);
  const raw = classifier.writeGraph(graph, features);
  const probabilities =
    calibration === null
      ? raw.probabilities
      : writeCalibration(graph, raw.scores, calibration, classes.length);
  const scores = threshold === null ? raw.scores : writeThreshold(graph, raw.scores, threshold);
  graph.output(writeLabel(graph, scores, classes), "label", "string", ["n"]);
  graph.output(scores, "scores", "float32", ["n", classes.length]);
  if (probabilities !== null) graph.output(probabilities, "probabilities", "float32", ["n", classes.length]);
  const record: HeadRecord = {
    format: HEAD_FORMAT,
    id: classifier.id,
    name: head.name,
    engine: head.engine,
    options: { ...classifier.options },
    scale: head.scale,
    pca: head.pca === null ? null : { ...head.pca, dim: transforms.at(-1)!.dim },
    classes: [...classes],
    dim,
    rows: meta.rows ?? head.rows,
    classRows: head.classRows.map((one) => ({ ...one })),
    seed: head.seed,
    convergence: classifier.convergence,
    metrics: meta.metrics === null ? null : { ...meta.metrics },
    ...(meta.calibration && { calibration: meta.calibration }),
    ...(meta.threshold && { threshold: meta.threshold }),
  };
  return encodeModel(graph.build(headMetadata(record, meta)));
}

/** What a head file says of itself. */
export function headMetadata(
  record: HeadRecord,
  { fingerprint, backbone, sample = null }: Pick<HeadMeta, "fingerprint" | "backbone" | "sample">,
): Record<string, string> {
  return {
    [HEAD_KEY]: JSON.stringify(record),
    [FINGERPRINT_KEY]: fingerprint,
    ...(backbone !== null && { [BACKBONE_KEY]: JSON.stringify(backbone) }),
    ...(sample !== null && { [SAMPLE_KEY]: JSON.stringify(sample) }),
  };
}

/**
 * Compares the head in memory with its file on the given rows, scores, probabilities and labels, and the file with the
 * sample that is stored in it. Labels may differ only where the two largest scores are closer than the tolerance.
 * @throws {HeadstartError} `model` naming the first row that differs by more than {@link SCORE_TOLERANCE}.
 */
export async function verifyHead(head: FittedHead, bytes: Uint8Array, X: Matrix): Promise<void> {
  const loaded = await loadHead(bytes);
  try {
    const saved = await loaded.run(X);
    const scores = head.scores(X);
    compareOutput("scores", scores, saved.scores);
    if ((head.probabilities === null) !== (saved.probabilities === null)) {
      throw new HeadstartError("model", "The file and the model in memory disagree on having probabilities");
    }
    if (head.probabilities !== null && saved.probabilities !== null) {
      const slack = probabilitySlack(head, scores);
      compareOutput("probabilities", head.probabilities(X), saved.probabilities, slack);
    }
    const labels = head.predict(X);
    for (let i = 0; i < labels.length; i++) {
      if (labels[i] === saved.labels[i] || isClose(scores, i)) continue;
      throw new HeadstartError(
        "model",
        `Row ${i}: '${labels[i]}' in memory, '${saved.labels[i]}' from the ONNX file`,
        {
          facts: { row: i, memory: labels[i], file: saved.labels[i] },
          hint: NOT_KEPT,
        },
      );
    }
    await loaded.checkSample();
  } finally {
    await loaded.release();
  }
}

/** What rounds differently in two right computations is a head whose scores hang on the last digits. */
export const NOT_KEPT =
  "The file was not kept. Large features lose digits: standardise them (--scale standard), or choose milder options.";

/** By row, how far rounding of the scores may move a calibrated probability; null without a calibration. */
export function probabilitySlack(head: FittedHead, scores: Matrix): Float64Array | null {
  return head.calibration && calibrationErrorBounds(head.calibration, unmoved(head, scores), SCORE_TOLERANCE);
}

/** Decision values as they were before the head's threshold. */
function unmoved({ threshold }: FittedHead, scores: Matrix): Matrix {
  return threshold === null ? scores : thresholdedScores(scores, { ...threshold, value: -threshold.value });
}

/**
 * @param slack - by row, what may differ beyond the tolerance.
 * @throws {HeadstartError} `model` naming the first row of the file that differs from memory by more.
 */
export function compareOutput(
  what: string,
  memory: Matrix,
  file: Matrix,
  slack: Float64Array | null = null,
): void {
  for (let k = 0; k < memory.data.length; k++) {
    const expected = memory.data[k]!;
    const actual = file.data[k]!;
    const row = Math.floor(k / memory.cols);
    const allowed = SCORE_TOLERANCE * Math.max(1, Math.abs(expected)) + (slack?.[row] ?? 0);
    if (Math.abs(expected - actual) <= allowed) continue;
    throw new HeadstartError(
      "model",
      `Row ${row}: ${what} ${expected} in memory, ${actual} from the ONNX file`,
      {
        facts: { row, column: k % memory.cols, memory: expected, file: actual, tolerance: SCORE_TOLERANCE },
        hint: NOT_KEPT,
      },
    );
  }
}

/** Whether the two largest scores of a row are too close for rounding to leave their order alone. */
function isClose(scores: Matrix, row: number): boolean {
  const sorted = scores.data.slice(row * scores.cols, (row + 1) * scores.cols).sort();
  const first = sorted.at(-1)!;
  return first - sorted.at(-2)! <= 2 * SCORE_TOLERANCE * Math.max(1, Math.abs(first));
}
