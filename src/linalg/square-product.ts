import { rowKernel } from "./row-kernel.js";
import { squareTimes } from "./square-times.js";

/** A square matrix that vectors are multiplied by; it may be set anew. */
export interface SquareProduct {
  /** @param A - `[n, n]`, row-major; copied where WebAssembly is at hand, else read at each product. */
  set(A: Float64Array): void;
  /** `A v`. @param v - its first `n` values count. @param out - takes the product; its first `n` values. */
  times(v: Float64Array, out: Float64Array): void;
}

/** Of `n` rows; of zeros at first. */
export function squareProduct(n: number): SquareProduct {
  const stride = Math.ceil(n / 4) * 4;
  const vAt = stride * stride;
  const outAt = vAt + stride;
  const kernel = rowKernel(outAt + stride);
  if (kernel === null) {
    let matrix: Float64Array = new Float64Array(n * n);
    return {
      set(A) {
        matrix = A;
      },
      times: (v, out) => squareTimes(matrix, v, n, out),
    };
  }
  const memory = new Float64Array(kernel.memory.buffer);
  const product = memory.subarray(outAt, outAt + stride);
  return {
    set(A) {
      if (stride === n) memory.set(A);
      else for (let i = 0; i < n; i++) memory.set(A.subarray(i * n, (i + 1) * n), i * stride);
    },
    times(v, out) {
      memory.set(v.subarray(0, n), vAt);
      product.fill(0);
      kernel.dots(0, 8 * stride, 8 * vAt, stride / 4, 8 * outAt, 8, stride / 4, -1);
      out.set(product.subarray(0, n));
    },
  };
}
