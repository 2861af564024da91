/** A discrete Fourier transform in place. */
export interface ComplexTransform {
  /** The samples go to `order[i]` for sample i. */
  readonly order: Int32Array;
  /** Samples in the order above before `run`, frequencies in their natural order after it. */
  readonly re: Float64Array;
  readonly im: Float64Array;
  run(): void;
}

/**
 * A transform of `size` complex samples, for any size: mixed radix, in float64
 * (Cooley and Tukey 1965, "An algorithm for the machine calculation of complex Fourier series").
 */
export function complexTransform(size: number): ComplexTransform {
  const radices = factors(size);
  const cos = Float64Array.from({ length: size }, (_, i) => Math.cos((2 * Math.PI * i) / size));
  const sin = Float64Array.from({ length: size }, (_, i) => -Math.sin((2 * Math.PI * i) / size));
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  const partRe = new Float64Array(Math.max(1, ...radices));
  const partIm = new Float64Array(partRe.length);

  /** Joins `radix` transforms of `part` frequencies each to one, at every place of the array. */
  const join = (radix: number, part: number): void => {
    const block = radix * part;
    const step = size / block;
    for (let k = 0; k < part; k++) {
      for (let base = k; base < size; base += block) {
        for (let q = 0; q < radix; q++) {
          const at = base + q * part;
          const [c, s] = [cos[q * k * step]!, sin[q * k * step]!];
          partRe[q] = re[at]! * c - im[at]! * s;
          partIm[q] = re[at]! * s + im[at]! * c;
        }
        if (radix === 4) joinFour(base, part);
        else joinAny(base, part, radix);
      }
    }
  };
  const joinFour = (base: number, part: number): void => {
    const [a, b] = [partRe[0]! + partRe[2]!, partIm[0]! + partIm[2]!];
    const [c, d] = [partRe[0]! - partRe[2]!, partIm[0]! - partIm[2]!];
    const [e, f] = [partRe[1]! + partRe[3]!, partIm[1]! + partIm[3]!];
    const [g, h] = [partRe[1]! - partRe[3]!, partIm[1]! - partIm[3]!];
    re[base] = a + e;
    im[base] = b + f;
    re[base + part] = c + h;
    im[base + part] = d - g;
    re[base + 2 * part] = a - e;
    im[base + 2 * part] = b - f;
    re[base + 3 * part] = c - h;
    im[base + 3 * part] = d + g;
  };
  const joinAny = (base: number, part: number, radix: number): void => {
    const turnOf = size / radix;
    for (let r = 0; r < radix; r++) {
      let sumRe = partRe[0]!;
      let sumIm = partIm[0]!;
      for (let q = 1, turn = r * turnOf; q < radix; q++) {
        sumRe += partRe[q]! * cos[turn]! - partIm[q]! * sin[turn]!;
        sumIm += partRe[q]! * sin[turn]! + partIm[q]! * cos[turn]!;
        turn += r * turnOf;
        if (turn >= size) turn -= size;
      }
      re[base + r * part] = sumRe;
      im[base + r * part] = sumIm;
    }
  };
  return {
    order: orderOf(size, radices),
    re,
    im,
    run() {
      let part = 1;
      for (const radix of radices) {
        join(radix, part);
        part *= radix;
      }
    },
  };
}

/** Where each sample stands, so that the transforms of the first radix lie side by side. */
function orderOf(size: number, radices: readonly number[]): Int32Array {
  return Int32Array.from({ length: size }, (_, sample) => {
    let rest = sample;
    let place = 0;
    let part = size;
    for (const radix of [...radices].reverse()) {
      part /= radix;
      place += (rest % radix) * part;
      rest = Math.floor(rest / radix);
    }
    return place;
  });
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
