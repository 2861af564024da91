/** Largest number that rounds to a finite half: halfway between 65,504, the largest half, and the next step. */
const HALF_OVERFLOW = 65_520;

/** Half-precision numbers (their 16 bits) as float32; exact, subnormals and non-finite ones included. */
export function float16ToFloat32(halves: Uint16Array): Float32Array {
  const widened = widenedHalves();
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = widened[halves[i]!]!;
  return values;
}

/**
 * Float32 numbers as half-precision ones (their 16 bits), rounded to the nearest, of two equally near to the even one;
 * what is beyond 65,504 becomes infinite, see `fitsFloat16`.
 */
export function float32ToFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < halves.length; i++) halves[i] = halfOf(bits[i]!);
  return halves;
}

/** Whether all numbers stay finite in half precision. */
export function fitsFloat16(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]!) < HALF_OVERFLOW)) return false;
  return true;
}

/** @param bits - of a float32. */
function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  const shifted = exponent - 112;
  if (shifted >= 0x1f) return sign | 0x7c00;
  if (shifted > 0) return sign + rounded((shifted << 23) | fraction, 13);
  // Below 2^-25 everything rounds to zero; from there to 2^-14 the halves are equally spaced.
  return shifted < -10 ? sign : sign + rounded(fraction | 0x800000, 14 - shifted);
}

/** `bits / 2^shift`, to the nearest, of two equally near to the even one; a carry runs on into the exponent. */
function rounded(bits: number, shift: number): number {
  const whole = bits >>> shift;
  const rest = bits & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return whole + (rest > half || (rest === half && (whole & 1) === 1) ? 1 : 0);
}

let table: Float32Array | null = null;

/** The value of every half, by its bits. */
function widenedHalves(): Float32Array {
  table ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
  return table;
}
