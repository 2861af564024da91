// AssemblyScript: the two passes of Pillow's resampler and the look-up of normalised values, with 128-bit SIMD.
//
// A fixed-point weight w of 24 bits is split into `high = w >> 11` and `low = w & 2047`, both of 16 bits, so that one
// dot product multiplies two taps at once; `(sum of highs << 11) + sum of lows` is the 32-bit sum that Pillow makes.
// Addresses are given by the caller, src/backbones/image/wasm-resampler.ts, which also allocates.

const HALF: i32 = 1 << 21;
const WEIGHT_BITS: i32 = 22;
const LOW_BITS: i32 = 11;

function firstPair(pixels: v128): v128 {
  return i8x16.swizzle(pixels, i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
}

function secondPair(pixels: v128): v128 {
  return i8x16.swizzle(pixels, i8x16(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1));
}

function storePixel(to: usize, high: v128, low: v128): void {
  const sum = i32x4.add(i32x4.add(i32x4.shl(high, LOW_BITS), low), i32x4.splat(HALF));
  const words = i32x4.shr_s(sum, WEIGHT_BITS);
  const bytes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(words, words), words);
  v128.store32_lane(to, bytes, 0);
}

/**
 * The horizontal pass over four rows of RGB bytes.
 * @param first - per output pixel, the byte in a row where its taps begin: i32[width].
 * @param groups - taps of every output pixel, in fours.
 * @param weights - per output pixel and group of four taps: high of taps 0 and 1, low of the same, high of 2 and 3, low
 *   of the same; i16 each.
 */
export function columns(
  source: usize,
  sourceStride: usize,
  out: usize,
  outStride: usize,
  width: i32,
  first: usize,
  groups: i32,
  weights: usize,
): void {
  const out1 = out + outStride;
  const out2 = out1 + outStride;
  const out3 = out2 + outStride;
  const stride2 = sourceStride * 2;
  const stride3 = sourceStride * 3;
  let at: usize = 0;
  for (let x = 0; x < width; x++) {
    let pixels = source + load<i32>(first);
    first += 4;
    let high0 = i32x4.splat(0);
    let high1 = i32x4.splat(0);
    let high2 = i32x4.splat(0);
    let high3 = i32x4.splat(0);
    let low0 = i32x4.splat(0);
    let low1 = i32x4.splat(0);
    let low2 = i32x4.splat(0);
    let low3 = i32x4.splat(0);
    for (let group = 0; group < groups; group++) {
      const row0 = v128.load(pixels);
      const row1 = v128.load(pixels + sourceStride);
      const row2 = v128.load(pixels + stride2);
      const row3 = v128.load(pixels + stride3);
      let high = v128.load32_splat(weights);
      let low = v128.load32_splat(weights, 4);
      let pair = firstPair(row0);
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(pair, high));
      low0 = i32x4.add(low0, i32x4.dot_i16x8_s(pair, low));
      pair = firstPair(row1);
      high1 = i32x4.add(high1, i32x4.dot_i16x8_s(pair, high));
      low1 = i32x4.add(low1, i32x4.dot_i16x8_s(pair, low));
      pair = firstPair(row2);
      high2 = i32x4.add(high2, i32x4.dot_i16x8_s(pair, high));
      low2 = i32x4.add(low2, i32x4.dot_i16x8_s(pair, low));
      pair = firstPair(row3);
      high3 = i32x4.add(high3, i32x4.dot_i16x8_s(pair, high));
      low3 = i32x4.add(low3, i32x4.dot_i16x8_s(pair, low));
      high = v128.load32_splat(weights, 8);
      low = v128.load32_splat(weights, 12);
      pair = secondPair(row0);
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(pair, high));
      low0 = i32x4.add(low0, i32x4.dot_i16x8_s(pair, low));
      pair = secondPair(row1);
      high1 = i32x4.add(high1, i32x4.dot_i16x8_s(pair, high));
      low1 = i32x4.add(low1, i32x4.dot_i16x8_s(pair, low));
      pair = secondPair(row2);
      high2 = i32x4.add(high2, i32x4.dot_i16x8_s(pair, high));
      low2 = i32x4.add(low2, i32x4.dot_i16x8_s(pair, low));
      pair = secondPair(row3);
      high3 = i32x4.add(high3, i32x4.dot_i16x8_s(pair, high));
      low3 = i32x4.add(low3, i32x4.dot_i16x8_s(pair, low));
      pixels += 12;
      weights += 16;
    }
    storePixel(out + at, high0, low0);
    storePixel(out1 + at, high1, low1);
    storePixel(out2 + at, high2, low2);
    storePixel(out3 + at, high3, low3);
    at += 3;
  }
}

function words(high: v128, low: v128): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.add(i32x4.shl(high, LOW_BITS), low), i32x4.splat(HALF)), WEIGHT_BITS);
}

/**
 * The vertical pass for one output row: `bytes` bytes, rounded up to 16.
 * The source rows lie in a ring of `capacity` rows at `ring`; tap 0 is row `first` modulo the capacity.
 * @param pairs - taps in twos.
 * @param weights - per pair of taps: both highs, then both lows; i16 each.
 */
export function row(
  ring: usize,
  stride: usize,
  capacity: i32,
  first: i32,
  pairs: i32,
  weights: usize,
  out: usize,
  bytes: i32,
): void {
  const end = ring + stride * capacity;
  const begin = ring + stride * first;
  for (let x = 0; x < bytes; x += 16) {
    let a = begin + x;
    const wrap = end + x;
    let high0 = i32x4.splat(0);
    let high1 = i32x4.splat(0);
    let high2 = i32x4.splat(0);
    let high3 = i32x4.splat(0);
    let low0 = i32x4.splat(0);
    let low1 = i32x4.splat(0);
    let low2 = i32x4.splat(0);
    let low3 = i32x4.splat(0);
    let weight = weights;
    for (let pair = 0; pair < pairs; pair++) {
      const upper = v128.load(a);
      a += stride;
      if (a === wrap) a = ring + x;
      const lower = v128.load(a);
      a += stride;
      if (a === wrap) a = ring + x;
      const high = v128.load32_splat(weight);
      const low = v128.load32_splat(weight, 4);
      weight += 8;
      const left = v128.shuffle<u8>(upper, lower, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const right = v128.shuffle<u8>(
        upper,
        lower,
        8,
        24,
        9,
        25,
        10,
        26,
        11,
        27,
        12,
        28,
        13,
        29,
        14,
        30,
        15,
        31,
      );
      let taps = i16x8.extend_low_i8x16_u(left);
      high0 = i32x4.add(high0, i32x4.dot_i16x8_s(taps, high));
      low0 = i32x4.add(low0, i32x4.dot_i16x8_s(taps, low));
      taps = i16x8.extend_high_i8x16_u(left);
      high1 = i32x4.add(high1, i32x4.dot_i16x8_s(taps, high));
      low1 = i32x4.add(low1, i32x4.dot_i16x8_s(taps, low));
      taps = i16x8.extend_low_i8x16_u(right);
      high2 = i32x4.add(high2, i32x4.dot_i16x8_s(taps, high));
      low2 = i32x4.add(low2, i32x4.dot_i16x8_s(taps, low));
      taps = i16x8.extend_high_i8x16_u(right);
      high3 = i32x4.add(high3, i32x4.dot_i16x8_s(taps, high));
      low3 = i32x4.add(low3, i32x4.dot_i16x8_s(taps, low));
    }
    const leftWords = i16x8.narrow_i32x4_s(words(high0, low0), words(high1, low1));
    const rightWords = i16x8.narrow_i32x4_s(words(high2, low2), words(high3, low3));
    v128.store(out + x, i8x16.narrow_i16x8_u(leftWords, rightWords));
  }
}

/**
 * One row of RGB bytes as three rows of float32, each byte looked up in its channel's table.
 * @param tables - f32[3 * 256].
 * @param plane - bytes from one channel's row to the next one's.
 */
export function planes(pixels: usize, width: i32, tables: usize, out: usize, plane: usize): void {
  const green = out + plane;
  const blue = green + plane;
  const end = pixels + width * 3;
  let at: usize = 0;
  while (pixels < end) {
    store<f32>(out + at, load<f32>(tables + ((<usize>load<u8>(pixels)) << 2)));
    store<f32>(green + at, load<f32>(tables + ((<usize>load<u8>(pixels, 1)) << 2), 1024));
    store<f32>(blue + at, load<f32>(tables + ((<usize>load<u8>(pixels, 2)) << 2), 2048));
    pixels += 3;
    at += 4;
  }
}
