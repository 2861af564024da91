import type { Backbone } from "../../backbones/backbone.js";
import type { EncoderShape } from "../../backbones/encoder.js";
import type { HeadPredictions, LoadedHead } from "../../heads/load-head.js";
import { type Matrix, matrix, rowOf } from "../../linalg/matrix.js";
import type { Session } from "../../onnx/session.js";
import type { ClassifierSample } from "./classifier-record.js";
import { classifierSession } from "./classifier-session.js";
import { FUSED_TOLERANCE } from "./compare-answers.js";
import type { SampleContent } from "./sample-content.js";

/** Answers for a batch of a sample's rows. */
export interface SampleAnswers {
  readonly rows: readonly number[];
  readonly answers: HeadPredictions;
}

/** Each row alone, then all together. */
function batchesOf({ rows }: SampleContent): number[][] {
  const all = Array.from({ length: rows }, (_, row) => row);
  return [...all.map((row) => [row]), all];
}

/** The answers of backbone and head, one after the other. */
export async function answerApart(
  backbone: Backbone,
  head: LoadedHead,
  content: SampleContent,
): Promise<SampleAnswers[]> {
  const encoder = await backbone.open();
  try {
    const answered: SampleAnswers[] = [];
    for (const rows of batchesOf(content)) {
      const vectors = await content.encode(encoder, rows);
      answered.push({ rows, answers: await head.run(matrix(vectors, rows.length, head.dim)) });
    }
    return answered;
  } finally {
    await encoder.release();
  }
}

/** The answers of the fused graph, in the same batches. */
export async function answerFused(
  session: Session,
  shape: EncoderShape,
  classes: readonly string[],
  content: SampleContent,
): Promise<SampleAnswers[]> {
  const ask = classifierSession(session, shape, classes);
  const answered: SampleAnswers[] = [];
  for (const rows of batchesOf(content)) {
    answered.push({ rows, answers: await ask((encoder) => content.encode(encoder, rows)) });
  }
  return answered;
}

/** What is stored of a sample: the answers for each row alone, which depend on no batch. */
export function sampleOf(content: SampleContent, apart: readonly SampleAnswers[]): ClassifierSample {
  const alone = apart.slice(0, content.rows).map(({ answers }) => answers);
  const numbers = (X: Matrix): number[] => Array.from(rowOf(X, 0));
  const probabilities = alone.flatMap((one) => (one.probabilities ? [numbers(one.probabilities)] : []));
  return {
    content: content.stored,
    labels: alone.map(({ labels }) => labels[0]!),
    scores: alone.map(({ scores }) => numbers(scores)),
    probabilities: probabilities.length > 0 ? probabilities : null,
    tolerance: FUSED_TOLERANCE,
  };
}
