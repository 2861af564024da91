import { complexTransform } from "./complex-transform.js";

/** Power spectra of frames of one length. */
export interface Fourier {
  /** Samples of a frame. */
  readonly size: number;
  /**
   * Squared magnitudes of the frequencies from 0 to half the rate.
   * @param frame - `size` samples.
   * @param power - takes the `floor(size / 2) + 1` values.
   */
  power(frame: Float64Array, power: Float64Array): void;
}

/** Power spectra of real frames of any length; those of even length take a complex transform of half the length. */
export function fourier(size: number): Fourier {
  return size % 2 === 0 ? ofEven(size) : ofOdd(size);
}

function ofOdd(size: number): Fourier {
  const { order, re, im, run } = complexTransform(size);
  return {
    size,
    power(frame, power) {
      for (let i = 0; i < size; i++) re[order[i]!] = frame[i]!;
      im.fill(0);
      run();
      for (let k = 0; k < power.length; k++) power[k] = re[k]! * re[k]! + im[k]! * im[k]!;
    },
  };
}

/** Even samples as the real part, odd ones as the imaginary part; their two spectra are then told apart. */
function ofEven(size: number): Fourier {
  const half = size / 2;
  const { order, re, im, run } = complexTransform(half);
  const cos = Float64Array.from({ length: half + 1 }, (_, k) => Math.cos((Math.PI * k) / half));
  const sin = Float64Array.from({ length: half + 1 }, (_, k) => -Math.sin((Math.PI * k) / half));
  return {
    size,
    power(frame, power) {
      for (let i = 0; i < half; i++) {
        re[order[i]!] = frame[2 * i]!;
        im[order[i]!] = frame[2 * i + 1]!;
      }
      run();
      for (let k = 0; k <= half; k++) {
        const from = k === half ? 0 : k;
        const back = k === 0 ? 0 : half - k;
        const evenRe = (re[from]! + re[back]!) / 2;
        const evenIm = (im[from]! - im[back]!) / 2;
        const oddRe = (im[from]! + im[back]!) / 2;
        const oddIm = (re[back]! - re[from]!) / 2;
        const x = evenRe + oddRe * cos[k]! - oddIm * sin[k]!;
        const y = evenIm + oddRe * sin[k]! + oddIm * cos[k]!;
        power[k] = x * x + y * y;
      }
    },
  };
}
