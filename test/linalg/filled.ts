import { random } from "../../src/core/random.js";
import { type Matrix, zeros } from "../../src/linalg/matrix.js";

/** A matrix of random values in [-0.5, 0.5), float64. */
export function filled(rows: number, cols: number, seed: number): Matrix<Float64Array> {
  const rng = random(seed);
  const X = zeros(rows, cols);
  for (let k = 0; k < X.data.length; k++) X.data[k] = rng.next() - 0.5;
  return X;
}
