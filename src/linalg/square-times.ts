/**
 * `A v` of a square matrix, row-major `[n, n]`: four rows at a time, so that sums do not wait for each other.
 * @param out - takes the product; its first `n` values.
 */
export function squareTimes(A: Float64Array, v: Float64Array, n: number, out: Float64Array): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    let [a, b, c, d] = [0, 0, 0, 0];
    const [at, bt, ct, dt] = [i * n, (i + 1) * n, (i + 2) * n, (i + 3) * n];
    for (let j = 0; j < n; j++) {
      const value = v[j]!;
      a += A[at + j]! * value;
      b += A[bt + j]! * value;
      c += A[ct + j]! * value;
      d += A[dt + j]! * value;
    }
    out[i] = a;
    out[i + 1] = b;
    out[i + 2] = c;
    out[i + 3] = d;
  }
  for (; i < n; i++) {
    let sum = 0;
    for (let j = 0, at = i * n; j < n; j++, at++) sum += A[at]! * v[j]!;
    out[i] = sum;
  }
}
