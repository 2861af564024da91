import { HeadstartError } from "../core/errors.js";
import { checkShape, type Matrix } from "../linalg/matrix.js";
import { checkModel } from "../onnx/check-model.js";
import { decodeModel } from "../onnx/decode-model.js";
import { externalTensor } from "../onnx/external-data.js";
import type { Model } from "../onnx/model.js";
import { openSession, type RunOutput, type SessionOptions } from "../onnx/session.js";
import { checkFinite } from "./check-training-data.js";
import {
  type BackboneRecord,
  CLASSIFIER_KEY,
  type HeadRecord,
  readHeadMetadata,
  SAMPLE_KEY,
} from "./head-record.js";
import { checkSample, type SampleCheck } from "./sample/check-sample.js";

/** `headstart.head` and `headstart.backbone` of a file. */
export type LoadedHeadMeta = HeadRecord & { readonly backbone: BackboneRecord | null };

/** A head that runs in ONNX Runtime. */
export interface LoadedHead {
  readonly meta: LoadedHeadMeta;
  /** Of the embeddings that it was trained on. */
  readonly fingerprint: string;
  readonly classes: readonly string[];
  readonly dim: number;
  readonly hasProbabilities: boolean;
  /**
   * Predicts in batches, so that memory beyond the results does not grow with the rows.
   * @param X - `[n, dim]`; n may be 0.
   * @throws {ShapeError} for another number of columns. @throws {HeadstartError} `data` for NaN or infinity.
   */
  run(X: Matrix): Promise<HeadPredictions>;
  /**
   * Runs it on the training rows that are stored in its file, and compares with the answers of the model in memory.
   * @returns null for a file without them: an older one, an imported model, or one that they were left out of.
   * @throws {HeadstartError} `model` naming the first row that differs by more than 1e-4; `format` for a damaged sample.
   */
  checkSample(): Promise<SampleCheck | null>;
  /** Frees the session; a second call does nothing. */
  release(): Promise<void>;
}

export interface HeadPredictions {
  readonly labels: string[];
  /** `[n, classes]`. */
  readonly scores: Matrix<Float32Array>;
  /** `[n, classes]`; null where the head has none. */
  readonly probabilities: Matrix<Float32Array> | null;
  /** Of a head of several labels: `[n, classes]`, 1 where the row is given the label. Absent in others. */
  readonly decided?: Uint8Array;
}

/** Rows that go through the graph at a time. */
const BATCH_ROWS = 256;

/** Fewer for the kernel SVM of very many classes, whose graph holds tables of all pairs of classes for each row. */
function batchRows({ id, classes }: HeadRecord): number {
  if (!id.startsWith("svm.")) return BATCH_ROWS;
  return Math.max(1, Math.min(BATCH_ROWS, Math.floor(2 ** 23 / classes.length ** 2)));
}

/**
 * Opens a head file.
 * @param bytes - the whole file. @param options - of its session, whose threads sleep between runs.
 * @throws {HeadstartError} `format` if it is no ONNX file or one that cannot run (see `checkModel`), no head, of an
 *   unknown version, without the outputs that its metadata promises, or with weights that lie in other files.
 */
export async function loadHead(
  bytes: Uint8Array,
  options: Pick<SessionOptions, "threads"> = {},
): Promise<LoadedHead> {
  const decoded = decodeModel(bytes);
  const { record, fingerprint, backbone } = readHeadMetadata(decoded.metadata);
  if (CLASSIFIER_KEY in decoded.metadata) {
    throw new HeadstartError("format", "It is a classifier: a head fused with its backbone", {
      hint: "Give the head that it was made from (headstart inspect tells more). The classifier runs with ONNX Runtime alone.",
    });
  }
  const model = checkModel(decoded, "The head", "format");
  const outputs = model.graph.outputs.map((output) => output.name);
  for (const name of ["label", "scores", ...(record.multiLabel ? ["decided"] : [])]) {
    if (!outputs.includes(name)) {
      throw new HeadstartError("format", `The head has no output '${name}'`, { facts: { outputs } });
    }
  }
  const input = model.graph.inputs.find((info) => info.name === "embedding");
  if (input?.shape?.[1] !== record.dim) {
    throw new HeadstartError(
      "format",
      `The head's input 'embedding' is not [n, ${record.dim}] as its metadata says`,
      {
        facts: { shape: input?.shape ?? null, dim: record.dim },
      },
    );
  }
  refuseExternalData(model);
  const hasProbabilities = outputs.includes("probabilities");
  const { dim } = record;
  const classCount = record.classes.length;
  const batch = batchRows(record);
  const session = await openSession(bytes, { ...options, spin: false });
  const sample = decoded.metadata[SAMPLE_KEY];

  const head: LoadedHead = Object.freeze({
    meta: Object.freeze({ ...record, backbone }),
    fingerprint,
    classes: Object.freeze(record.classes),
    dim,
    hasProbabilities,
    async run(X: Matrix) {
      checkShape("X", X, "*", dim);
      checkFinite("X", X);
      const labels: string[] = [];
      const scores = new Float32Array(X.rows * classCount);
      const probabilities = hasProbabilities ? new Float32Array(X.rows * classCount) : null;
      const decided = record.multiLabel ? new Uint8Array(X.rows * classCount) : null;
      for (let start = 0; start < X.rows; start += batch) {
        const end = Math.min(X.rows, start + batch);
        const part = X.data.subarray(start * dim, end * dim);
        const data = part instanceof Float32Array ? part : Float32Array.from(part);
        const out = await session.run({ embedding: { dtype: "float32", data, dims: [end - start, dim] } });
        for (const label of strings(out.label!, end - start)) labels.push(label);
        scores.set(floats(out.scores!, end - start, classCount), start * classCount);
        probabilities?.set(floats(out.probabilities!, end - start, classCount), start * classCount);
        decided?.set(flags(out.decided!, end - start, classCount), start * classCount);
      }
      const table = (data: Float32Array): Matrix<Float32Array> => ({ data, rows: X.rows, cols: classCount });
      return {
        labels,
        scores: table(scores),
        probabilities: probabilities && table(probabilities),
        ...(decided && { decided }),
      };
    },
    checkSample: async () => (sample === undefined ? null : checkSample(sample, head)),
    release: () => session.release(),
  });
  return head;
}

/** A head is whole in its file: a path inside it could point anywhere. */
function refuseExternalData(model: Model): void {
  const tensor = externalTensor(model);
  if (tensor === null) return;
  throw new HeadstartError("format", `The head's tensor '${tensor}' lies in another file`, {
    facts: { tensor },
    hint: "Train the head again: headstart writes it as one file.",
  });
}

function strings(output: RunOutput, rows: number): readonly string[] {
  const { data } = output;
  if (Array.isArray(data) && data.length === rows) return data;
  throw new HeadstartError("format", `The head's labels are not ${rows} strings, one for each row`, {
    facts: { rows, dims: output.dims },
    hint: TRAIN_AGAIN,
  });
}

function floats(output: RunOutput, rows: number, classes: number): Float32Array {
  const { data, dims } = output;
  if (data instanceof Float32Array && data.length === rows * classes) return data;
  throw new HeadstartError(
    "format",
    `The head's scores and probabilities must be float32 [${rows}, ${classes}], got [${dims.join(", ")}]`,
    { facts: { rows, classes, dims }, hint: TRAIN_AGAIN },
  );
}

function flags(output: RunOutput, rows: number, labels: number): Uint8Array {
  const { data, dims } = output;
  if (data instanceof BigInt64Array && data.length === rows * labels) {
    return Uint8Array.from(data, (flag) => Number(flag !== 0n));
  }
  throw new HeadstartError("format", `The head's decided labels must be int64 [${rows}, ${labels}]`, {
    facts: { rows, labels, dims },
    hint: TRAIN_AGAIN,
  });
}

const TRAIN_AGAIN = "Train the head again.";
