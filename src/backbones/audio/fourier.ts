/** Power spectra of frames of one length. */
export interface Fourier {
  /** Samples of a frame. */
  readonly size: number;
  /**
   * Squared magnitudes of the frequencies from 0 to half the rate.
   * @param frame - `size` samples.
   * @param power - takes the `size / 2 + 1` values.
   */
  power(frame: Float64Array, power: Float64Array): void;
}

/**
 * A discrete Fourier transform of real frames, for any length: mixed radix, in float64
 * (Cooley and Tukey 1965, "An algorithm for the machine calculation of complex Fourier series").
 */
export function fourier(size: number): Fourier {
  const radices = factors(size);
  const cos = Float64Array.from({ length: size }, (_, i) => Math.cos((2 * Math.PI * i) / size));
  const sin = Float64Array.from({ length: size }, (_, i) => -Math.sin((2 * Math.PI * i) / size));
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  const most = Math.max(1, ...radices);
  const partRe = new Float64Array(most);
  const partIm = new Float64Array(most);

  /** Transforms `length` samples of `frame`, from `first` on, `step` apart, into re and im at `to`. */
  const transform = (
    frame: Float64Array,
    first: number,
    step: number,
    to: number,
    length: number,
    level: number,
  ) => {
    if (length === 1) {
      re[to] = frame[first]!;
      im[to] = 0;
      return;
    }
    const radix = radices[level]!;
    const part = length / radix;
    for (let q = 0; q < radix; q++)
      transform(frame, first + q * step, step * radix, to + q * part, part, level + 1);
    for (let k = 0; k < part; k++) {
      for (let q = 0; q < radix; q++) {
        const at = to + q * part + k;
        const turn = q * k * step;
        partRe[q] = re[at]! * cos[turn]! - im[at]! * sin[turn]!;
        partIm[q] = re[at]! * sin[turn]! + im[at]! * cos[turn]!;
      }
      for (let r = 0; r < radix; r++) {
        let sumRe = partRe[0]!;
        let sumIm = partIm[0]!;
        const quarter = r * part * step;
        for (let q = 1, turn = quarter; q < radix; q++) {
          sumRe += partRe[q]! * cos[turn]! - partIm[q]! * sin[turn]!;
          sumIm += partRe[q]! * sin[turn]! + partIm[q]! * cos[turn]!;
          turn += quarter;
          if (turn >= size) turn -= size;
        }
        re[to + r * part + k] = sumRe;
        im[to + r * part + k] = sumIm;
      }
    }
  };
  return {
    size,
    power(frame, power) {
      transform(frame, 0, 1, 0, size, 0);
      for (let k = 0; k < power.length; k++) power[k] = re[k]! * re[k]! + im[k]! * im[k]!;
    },
  };
}

/** Fours first, then primes. */
function factors(size: number): number[] {
  const found: number[] = [];
  let rest = size;
  for (let factor = 4; rest > 1; ) {
    if (rest % factor === 0) {
      found.push(factor);
      rest /= factor;
    } else {
      factor = factor === 4 ? 2 : factor === 2 ? 3 : factor + 2;
    }
  }
  return found;
}
