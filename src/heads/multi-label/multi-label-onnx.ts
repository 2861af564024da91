import { HeadstartError } from "../../core/errors.js";
import type { Matrix } from "../../linalg/matrix.js";
import { encodeModel } from "../../onnx/encode-model.js";
import { type GraphBuilder, graphBuilder, type TensorName } from "../../onnx/graph-builder.js";
import { writeCalibration } from "../calibrated-graph.js";
import { calibrationErrorBounds } from "../calibrated-probabilities.js";
import { compareOutput, type HeadMeta, headMetadata, NOT_KEPT, SCORE_TOLERANCE } from "../head-onnx.js";
import { HEAD_FORMAT, type HeadRecord } from "../head-record.js";
import { loadHead } from "../load-head.js";
import { writeLabel } from "../write-label.js";
import { BINARY_CLASSES, decidedLabels, type FittedMultiLabelHead } from "./multi-label-head.js";

/** What the caller knows of a head of several labels beyond the model. */
export type MultiLabelMeta = Omit<HeadMeta, "threshold"> & {
  /** The set that training rows have most often; default: the empty one. */
  readonly commonest?: readonly string[];
  /** What the thresholds were picked for, and what they reach; for a head that has some. */
  readonly thresholds?: NonNullable<HeadRecord["multiLabel"]>["picked"];
};

/**
 * A trained head of several labels as one ONNX file: input `embedding` float32 `[n, dim]`; outputs `scores` float32
 * `[n, labels]`, `decided` int64 `[n, labels]` (1 where the score is above 0), where the head has them `probabilities`
 * float32 `[n, labels]` (of each label by itself), and `label` string `[n]`: that of the first largest score, decided or
 * not, as in every head.
 * @returns the bytes; the same head and facts give the same bytes.
 */
export function multiLabelToOnnx(head: FittedMultiLabelHead, meta: MultiLabelMeta): Uint8Array {
  const { classifiers, calibrations, thresholds, transforms, labels, dim } = head;
  const count = labels.length;
  const graph = graphBuilder({ name: head.id, share: true });
  const embedding = graph.input("embedding", "float32", ["n", dim]);
  const features = transforms.reduce((from, transform) => transform.writeGraph(graph, from), embedding);
  const half = graph.float32([-0.5, 0.5], [2, 1], "half");
  const written = classifiers.map((classifier, code) => {
    const raw = classifier.writeGraph(graph, features);
    const pair = calibrations
      ? writeCalibration(graph, raw.scores, calibrations[code]!, 2)
      : head.probabilities && raw.probabilities;
    return { score: graph.op("MatMul", [raw.scores, half]), probability: pair && secondColumn(graph, pair) };
  });
  const joined = graph.op(
    "Concat",
    written.map(({ score }) => score),
    { axis: { int: 1 } },
  );
  const moved = thresholds.some((value) => value !== 0);
  const scores = moved ? graph.op("Sub", [joined, graph.float32(thresholds, [1, count])]) : joined;
  const above = graph.op("Greater", [scores, graph.float32([0], [1, 1])]);
  graph.output(writeLabel(graph, scores, labels), "label", "string", ["n"]);
  graph.output(scores, "scores", "float32", ["n", count]);
  graph.output(graph.op("Cast", [above], { to: { int: INT64 } }), "decided", "int64", ["n", count]);
  const probabilities = written.flatMap(({ probability }) => (probability === null ? [] : [probability]));
  if (probabilities.length > 0) {
    const table = graph.op("Concat", probabilities, { axis: { int: 1 } });
    graph.output(table, "probabilities", "float32", ["n", count]);
  }
  return encodeModel(graph.build(headMetadata(recordOf(head, meta), meta)));
}

/** Of ONNX's data types. */
const INT64 = 7;

function secondColumn(graph: GraphBuilder, pair: TensorName): TensorName {
  return graph.op("Gather", [pair, graph.int64([1], [1])], { axis: { int: 1 } });
}

function recordOf(head: FittedMultiLabelHead, meta: MultiLabelMeta): HeadRecord {
  return {
    format: HEAD_FORMAT,
    id: head.id,
    name: head.name,
    engine: head.engine,
    options: { ...head.options },
    scale: head.scale,
    pca: head.pca === null ? null : { ...head.pca, dim: head.transforms.at(-1)!.dim },
    classes: [...head.labels],
    dim: head.dim,
    rows: meta.rows ?? head.rows,
    classRows: head.labelRows.map((one) => ({ ...one })),
    seed: head.seed,
    convergence: head.convergence,
    metrics: meta.metrics === null ? null : { ...meta.metrics },
    ...(meta.calibration && { calibration: meta.calibration }),
    multiLabel: {
      binaryClasses: [...BINARY_CLASSES],
      thresholds: [...head.thresholds],
      commonest: [...(meta.commonest ?? [])],
      ...(meta.thresholds && { picked: meta.thresholds }),
    },
  };
}

/**
 * Compares the head in memory with its file on the given rows, scores, probabilities and decided labels, and the file
 * with the sample that is stored in it. What is decided may differ only where a score is closer to 0 than the tolerance.
 * @throws {HeadstartError} `model` naming the first row that differs.
 */
export async function verifyMultiLabelHead(
  head: FittedMultiLabelHead,
  bytes: Uint8Array,
  X: Matrix,
): Promise<void> {
  const loaded = await loadHead(bytes);
  try {
    const saved = await loaded.run(X);
    const scores = head.scores(X);
    compareOutput("scores", scores, saved.scores);
    if ((head.probabilities === null) !== (saved.probabilities === null)) {
      throw new HeadstartError("model", "The file and the model in memory disagree on having probabilities");
    }
    if (head.probabilities !== null && saved.probabilities !== null) {
      const memory = head.probabilities(X);
      head.labels.forEach((_, code) => {
        compareOutput(
          "probabilities",
          columnOf(memory, code),
          columnOf(saved.probabilities!, code),
          labelSlack(head, scores, code),
        );
      });
    }
    const expected = decidedLabels(scores);
    expected.forEach((one, k) => {
      const close =
        Math.abs(scores.data[k]!) <=
        SCORE_TOLERANCE * Math.max(1, Math.abs(head.thresholds[k % scores.cols]!));
      if (one === saved.decided?.[k] || close) return;
      const row = Math.floor(k / scores.cols);
      throw new HeadstartError(
        "model",
        `Row ${row}: the file decides otherwise on '${head.labels[k % scores.cols]}' than the model in memory`,
        { facts: { row, score: scores.data[k] }, hint: NOT_KEPT },
      );
    });
    await loaded.checkSample();
  } finally {
    await loaded.release();
  }
}

/** By row, how far rounding of a label's score may move its calibrated probability; null without a calibration. */
export function labelSlack(
  { calibrations, thresholds }: FittedMultiLabelHead,
  scores: Matrix,
  code: number,
): Float64Array | null {
  if (calibrations === null) return null;
  const pairs = new Float64Array(2 * scores.rows);
  for (let i = 0; i < scores.rows; i++) {
    const score = scores.data[i * scores.cols + code]! + thresholds[code]!;
    pairs[2 * i] = -score;
    pairs[2 * i + 1] = score;
  }
  return calibrationErrorBounds(
    calibrations[code]!,
    { data: pairs, rows: scores.rows, cols: 2 },
    SCORE_TOLERANCE,
  );
}

function columnOf({ data, rows, cols }: Matrix, column: number): Matrix {
  return { data: Float64Array.from({ length: rows }, (_, i) => data[i * cols + column]!), rows, cols: 1 };
}
