import type { Backbone } from "../../backbones/backbone.js";
import type { EncoderShape } from "../../backbones/encoder.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import type { HeadPredictions, LoadedHead } from "../../heads/load-head.js";
import { type Matrix, matrix, rowOf } from "../../linalg/matrix.js";
import type { Session } from "../../onnx/session.js";
import type { ClassifierSample } from "./classifier-record.js";
import { classifierSession } from "./classifier-session.js";
import { FUSED_TOLERANCE } from "./compare-answers.js";
import type { ComparedContent, SampleContent } from "./sample-content.js";

/** Answers for a batch of a sample's rows. */
export interface SampleAnswers {
  readonly rows: readonly number[];
  readonly answers: HeadPredictions;
}

/**
 * The answers of backbone and head, one after the other.
 * @returns a list for each content, an answer a batch.
 */
export async function answerApart(
  backbone: Backbone,
  head: LoadedHead,
  contents: readonly ComparedContent[],
  signal?: AbortSignal,
): Promise<SampleAnswers[][]> {
  const encoder = await backbone.open();
  try {
    return await answersOf(contents, signal, async (content, rows) => {
      const vectors = await content.encode(encoder, rows);
      return head.run(matrix(vectors, rows.length, head.dim));
    });
  } finally {
    await encoder.release();
  }
}

/** The answers of the fused graph, in the same batches. */
export async function answerFused(
  session: Session,
  shape: EncoderShape,
  classes: readonly string[],
  contents: readonly ComparedContent[],
  signal?: AbortSignal,
): Promise<SampleAnswers[][]> {
  const ask = classifierSession(session, shape, classes);
  return answersOf(contents, signal, (content, rows) => ask((encoder) => content.encode(encoder, rows)));
}

async function answersOf(
  contents: readonly ComparedContent[],
  signal: AbortSignal | undefined,
  answer: (content: ComparedContent, rows: readonly number[]) => Promise<HeadPredictions>,
): Promise<SampleAnswers[][]> {
  const answered: SampleAnswers[][] = [];
  for (const content of contents) {
    const batches: SampleAnswers[] = [];
    for (const rows of content.batches) {
      throwIfInterrupted(signal);
      batches.push({ rows, answers: await answer(content, rows) });
    }
    answered.push(batches);
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
