/**
 * Holm's correction for several tests at once: each p as large as it would have to be for its test to be believed where
 * at least one of all may mislead no more often than the level says.
 * @param ps - in [0, 1], in any order.
 * @returns the corrected ones in the same order.
 * @see Holm 1979, "A simple sequentially rejective multiple test procedure".
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((a, b) => ps[a]! - ps[b]!);
  const corrected = new Array<number>(ps.length);
  let least = 0;
  order.forEach((test, rank) => {
    least = Math.max(least, Math.min(1, (ps.length - rank) * ps[test]!));
    corrected[test] = least;
  });
  return corrected;
}
