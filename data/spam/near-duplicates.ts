/** Words in a shingle. */
const shingleWords = 5;

/**
 * Groups texts that are nearly the same: those whose sets of five-word shingles overlap by half or more
 * (Jaccard), and whatever that connects. Letters alone count; case, digits and punctuation do not.
 *
 * Exact, not sampled: two sets can reach the threshold only if they share one of their rarest shingles, so only
 * texts that meet there are compared (prefix filtering; Chaudhuri, Ganti and Kaushik, 2006).
 * @param keys - texts with the same non-empty key belong together in any case.
 * @param threshold - the least overlap of near-duplicates, in (0, 1].
 * @returns for each text the index of its group's first member.
 */
export function groupNearDuplicates(
  texts: readonly string[],
  keys: readonly string[],
  threshold = 0.5,
): Int32Array {
  const groups = Int32Array.from(texts, (_, i) => i);
  const find = (i: number): number => {
    while (groups[i] !== i) {
      groups[i] = groups[groups[i]];
      i = groups[i];
    }
    return i;
  };
  const join = (i: number, j: number): void => {
    const [a, b] = [find(i), find(j)];
    groups[Math.max(a, b)] = Math.min(a, b);
  };

  const firstWithKey = new Map<string, number>();
  keys.forEach((key, i) => {
    if (key === "") return;
    const first = firstWithKey.get(key);
    if (first === undefined) firstWithKey.set(key, i);
    else join(first, i);
  });

  const sets = rarestFirst(texts.map(shingles));
  const meetings = new Map<number, number[]>();
  sets.forEach((set, i) => {
    const prefix = set.length - Math.ceil(threshold * set.length) + 1;
    for (const shingle of set.subarray(0, prefix)) {
      const met = meetings.get(shingle);
      if (met === undefined) {
        meetings.set(shingle, [i]);
        continue;
      }
      for (const j of met) {
        if (find(i) !== find(j) && jaccard(set, sets[j]) >= threshold) join(i, j);
      }
      met.push(i);
    }
  });
  return groups.map((_, i) => find(i));
}

/** The distinct five-word shingles of a text; the whole text where it is shorter. */
export function shingles(text: string): Set<string> {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const found = new Set<string>();
  for (let i = 0; i + shingleWords <= words.length; i++) {
    found.add(words.slice(i, i + shingleWords).join(" "));
  }
  if (found.size === 0) found.add(words.join(" "));
  return found;
}

/** Replaces shingles by their rank from rarest to most frequent, each set in ascending order. */
function rarestFirst(sets: readonly ReadonlySet<string>[]): Int32Array[] {
  const numbers = new Map<string, number>();
  const frequency: number[] = [];
  const numbered = sets.map((set) =>
    Int32Array.from(set, (shingle) => {
      const known = numbers.get(shingle);
      const number = known ?? frequency.length;
      if (known === undefined) numbers.set(shingle, number);
      frequency[number] = (frequency[number] ?? 0) + 1;
      return number;
    }),
  );
  const order = Float64Array.from(frequency, (count, number) => count * frequency.length + number).sort();
  const rank = new Int32Array(frequency.length);
  order.forEach((key, i) => {
    rank[key % frequency.length] = i;
  });
  return numbered.map((set) => set.map((number) => rank[number]).sort());
}

/** Overlap of two ascending sets: shared over all. */
function jaccard(a: Int32Array, b: Int32Array): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      shared++;
      i++;
      j++;
    } else if (a[i] < b[j]) i++;
    else j++;
  }
  return shared / (a.length + b.length - shared);
}
