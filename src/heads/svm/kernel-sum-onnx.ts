import { HeadstartError } from "../../core/errors.js";
import { type Matrix, selectRows } from "../../linalg/matrix.js";
import { float32Data } from "../../linalg/row-dots.js";
import { encodeModel } from "../../onnx/encode-model.js";
import { graphBuilder } from "../../onnx/graph-builder.js";
import { openSession } from "../../onnx/session.js";
import { FINGERPRINT_KEY, SAMPLE_KEY } from "../head-record.js";
import { SAMPLE_TOLERANCE } from "../sample/head-sample.js";
import { mostSampleRows, writeContent } from "../sample/sample-content.js";
import type { FittedKernelSum } from "./svm-sum.js";

/** Largest difference between the numbers in memory and from the file, relative to max(1, |number|). */
const TOLERANCE = 1e-5;

/**
 * A one-class SVM or an SVR as an ONNX file: input `embedding` float32 `[n, dim]`, output `value` float32 `[n]`;
 * `headstart.estimator` in its metadata holds id, options, kernel and convergence. The file is run on the sample and
 * compared with memory before it is handed out; 8 rows of the sample at most are stored with it, and their values, as
 * `headstart.sample`.
 * @param sample - rows to compare on, `[m, dim]`, such as the training rows. @param fingerprint - of the embeddings
 *   that it was trained on. @param keepSample - false stores none of them. Default true.
 * @returns the bytes; the same model gives the same bytes.
 * @throws {HeadstartError} `model` naming the first row whose number differs by more than 1e-5, relative to
 *   max(1, |number|).
 */
export async function kernelSumToOnnx(
  model: FittedKernelSum,
  sample: Matrix,
  { fingerprint, keepSample = true }: { readonly fingerprint: string; readonly keepSample?: boolean },
): Promise<Uint8Array> {
  const graph = graphBuilder({ name: model.id });
  const embedding = graph.input("embedding", "float32", ["n", model.dim]);
  graph.output(model.writeGraph(graph, embedding), "value", "float32", ["n"]);
  const { id, options, dim, rows, kernel, convergence } = model;
  const record = { format: 1, id, options, dim, rows, kernel, convergence };
  const kept = keepSample ? storedSample(model, sample) : null;
  const bytes = encodeModel(
    graph.build({
      "headstart.estimator": JSON.stringify(record),
      [FINGERPRINT_KEY]: fingerprint,
      ...(kept && { [SAMPLE_KEY]: JSON.stringify(kept) }),
    }),
  );
  await compare(model, bytes, sample);
  return bytes;
}

/** Some rows, evenly spread, and what the model in memory says of them; null where there are none, or they are too wide. */
function storedSample(model: FittedKernelSum, X: Matrix): object | null {
  const count = Math.min(X.rows, mostSampleRows(X.cols + 1));
  if (count === 0) return null;
  const rows = selectRows(
    X,
    Array.from({ length: count }, (_, i) => Math.floor((i * X.rows) / count)),
  );
  const values = Array.from(model.predict(rows), (value) => Number(value.toPrecision(9)));
  return { content: writeContent(rows), values, tolerance: SAMPLE_TOLERANCE };
}

async function compare(model: FittedKernelSum, bytes: Uint8Array, X: Matrix): Promise<void> {
  const expected = model.predict(X);
  const session = await openSession(bytes);
  try {
    const feed = { dtype: "float32" as const, data: float32Data(X), dims: [X.rows, X.cols] };
    const { value } = await session.run({ embedding: feed });
    const actual = value!.data as Float32Array;
    const row = expected.findIndex(
      (one, i) => !(Math.abs(one - actual[i]!) <= TOLERANCE * Math.max(1, Math.abs(one))),
    );
    if (row < 0) return;
    throw new HeadstartError(
      "model",
      `Row ${row}: ${expected[row]} in memory, ${actual[row]} from the ONNX file`,
      {
        facts: { row, memory: expected[row], file: actual[row], tolerance: TOLERANCE },
        hint: "Large features lose digits: standardise them, or choose milder options.",
      },
    );
  } finally {
    await session.release();
  }
}
