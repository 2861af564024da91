import type { ComputeControl } from "../../linalg/compute-control.js";
import {
  columnGram,
  rowCount,
  rowGram,
  type ShiftedRows,
  squaredLengths,
} from "../../linalg/shifted-rows.js";

/**
 * How far the covariance of centred rows is to be drawn towards a multiple of the identity.
 * @param S - centred; at least one row.
 * @returns 0 to 1; 0 for one column, and where all rows are the same.
 * @see Ledoit & Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", 2004;
 *   scikit-learn's ledoit_wolf_shrinkage.
 */
export async function ledoitWolfShrinkage(S: ShiftedRows, control: ComputeControl = {}): Promise<number> {
  const rows = rowCount(S);
  const { cols } = S.X;
  if (cols === 1) return 0;
  const lengths = squaredLengths(S);
  const trace = lengths.reduce((sum, length) => sum + length, 0) / rows;
  // The squared Frobenius norm of S^T S is that of S S^T.
  const gram = rows < cols ? await rowGram(S, control) : await columnGram(S, control);
  const norm = gram.data.reduce((sum, value) => sum + value * value, 0) / (rows * rows);
  const fourth = lengths.reduce((sum, length) => sum + length * length, 0);
  const spread = (norm - (trace * trace) / cols) / cols;
  const noise = Math.min((fourth / rows - norm) / (cols * rows), spread);
  return noise > 0 ? noise / spread : 0;
}
