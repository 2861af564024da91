/**
 * Wilson's score interval of a share.
 * @param hits - successes among `n` trials.
 * @param z - quantile of the normal distribution; 1.96 (default) gives 95 %.
 * @returns the share and its interval, all in [0, 1]; NaN for `n` = 0.
 * @see Wilson 1927, "Probable inference, the law of succession, and statistical inference".
 */
export function wilsonInterval(
  hits: number,
  n: number,
  z = 1.959964,
): { value: number; low: number; high: number } {
  const value = hits / n;
  const z2 = z * z;
  const centre = (value + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z / (1 + z2 / n)) * Math.sqrt((value * (1 - value)) / n + z2 / (4 * n * n));
  // At the ends the bounds are exact; rounding would leave them a hair inside.
  return { value, low: hits === 0 ? 0 : centre - half, high: hits === n ? 1 : centre + half };
}
