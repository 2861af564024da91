import { type Matrix, rowOf, selectRows } from "../../linalg/matrix.js";
import { type HeadSample, SAMPLE_TOLERANCE } from "./head-sample.js";
import { rowsInTurn } from "./rows-in-turn.js";
import { mostSampleRows, writeContent } from "./sample-content.js";

/** Rows that are looked at for each that is taken. */
const CANDIDATES = 8;

/** What a model in memory answers. */
export interface SampleAnswers extends Pick<HeadSample, "labels"> {
  readonly scores: Matrix;
  readonly probabilities: Matrix | null;
  /** By row, what rounding of the scores may move a probability by; null where that is next to nothing. */
  readonly slack: Float64Array | null;
  readonly decided?: Uint8Array;
}

/**
 * Takes rows for a sample, of all groups in turn, and the answers of the model in memory to them. Rows whose probabilities
 * hang on the last digits of a score (on the step of an isotonic map) are passed over.
 * @param groups - one a row of X. @param columns - numbers in the answer for a row.
 * @returns 8 rows or fewer; null where there is no such row, or rows are too wide to be stored (see `mostSampleRows`).
 */
export function takeSample(
  X: Matrix,
  groups: ArrayLike<number>,
  columns: number,
  answer: (rows: Matrix) => SampleAnswers,
): HeadSample | null {
  const most = mostSampleRows(X.cols + columns);
  if (most === 0 || X.rows === 0) return null;
  const asFloat32 = ({ data, rows, cols }: Matrix) => ({ data: Float32Array.from(data), rows, cols });
  const candidates = asFloat32(selectRows(X, rowsInTurn(groups, CANDIDATES * most)));
  const { scores, probabilities, slack, labels, decided } = answer(candidates);
  const steady = labels.flatMap((_, row) => (slack !== null && slack[row]! > SAMPLE_TOLERANCE ? [] : [row]));
  const kept = steady.slice(0, most);
  if (kept.length === 0) return null;
  const listed = (table: Matrix): number[][] =>
    kept.map((row) => Array.from(rowOf(table, row), (value) => Number(value.toPrecision(9))));
  return {
    content: writeContent(selectRows(candidates, kept)),
    labels: kept.map((row) => labels[row]!),
    scores: listed(scores),
    probabilities: probabilities && listed(probabilities),
    ...(decided && {
      decided: kept.map((row) => Array.from(decided.subarray(row * scores.cols, (row + 1) * scores.cols))),
    }),
    tolerance: SAMPLE_TOLERANCE,
  };
}
