/** What a threshold is to reach, a share in (0, 1]. */
export interface ThresholdTarget {
  readonly metric: "precision" | "recall";
  readonly value: number;
}

/** A threshold, and what it gives on the rows that it was picked on. */
export interface PickedThreshold {
  /** Rows with a larger value are called positive. */
  readonly value: number;
  readonly precision: number;
  readonly recall: number;
  /** False where no threshold reaches the target: this one comes nearest. */
  readonly reached: boolean;
}

/**
 * Picks the threshold of a class: for a precision the one of highest recall that reaches it, for a recall the one of
 * highest precision. It lies halfway between two values, so that rounding does not move a row across it.
 * @param values - n decision values, larger for the positive class. @param positive - 1 where the row is of it, else 0;
 *   at least one 1.
 */
export function pickThreshold(
  values: Float64Array,
  positive: Uint8Array,
  target: ThresholdTarget,
): PickedThreshold {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[b]! - values[a]!);
  const positives = positive.reduce((sum, one) => sum + one, 0);
  let best: PickedThreshold | null = null;
  let hits = 0;
  order.forEach((row, i) => {
    hits += positive[row]!;
    const value = values[row]!;
    const next = i + 1 < order.length ? values[order[i + 1]!]! : value - 2 * Math.max(1, Math.abs(value));
    if (next === value) return;
    const precision = hits / (i + 1);
    const recall = hits / positives;
    const reached = (target.metric === "precision" ? precision : recall) >= target.value;
    const candidate = { value: value / 2 + next / 2, precision, recall, reached };
    if (best === null || isBetter(candidate, best, target.metric)) best = candidate;
  });
  return best!;
}

/** Candidates come with falling thresholds, so recall never falls. */
function isBetter(one: PickedThreshold, best: PickedThreshold, metric: ThresholdTarget["metric"]): boolean {
  if (one.reached !== best.reached) return one.reached;
  if (metric === "precision") {
    return one.reached
      ? one.recall > best.recall || one.precision > best.precision
      : one.precision >= best.precision;
  }
  return one.reached ? one.precision > best.precision : one.recall >= best.recall;
}
