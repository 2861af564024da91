/**
 * The known name that a mistyped one most likely stands for; null where none is near.
 * @returns the name with the least Damerau-Levenshtein distance, of at most a third of its length (at least 1).
 */
export function nearestName(typed: string, known: readonly string[]): string | null {
  let nearest: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const name of known) {
    const distance = editDistance(typed.toLowerCase(), name.toLowerCase());
    if (distance < least && distance <= Math.max(1, Math.floor(Math.max(name.length, typed.length) / 3))) {
      nearest = name;
      least = distance;
    }
  }
  return nearest;
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const columns = b.length + 1;
  const cost = new Int32Array((a.length + 1) * columns);
  for (let i = 0; i <= a.length; i++) cost[i * columns] = i;
  for (let j = 0; j <= b.length; j++) cost[j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const at = i * columns + j;
      let best = Math.min(cost[at - columns]! + 1, cost[at - 1]! + 1, cost[at - columns - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, cost[at - 2 * columns - 2]! + 1);
      }
      cost[at] = best;
    }
  }
  return cost[cost.length - 1]!;
}
