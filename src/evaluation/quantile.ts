/**
 * A quantile, interpolated linearly between neighbours, as numpy's default.
 * @param sorted - ascending, at least one. @param share - in [0, 1].
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}
