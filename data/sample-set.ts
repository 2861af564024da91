/** Rows by class and split: `counts.spam.train`. */
export type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** What a recipe made, for its stamp and its line on the terminal. */
export interface Built {
  readonly counts: Counts;
  /** Rows that were left out, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/** How one sample set is made from an npm package. */
export interface SampleSet {
  /** Its folder under `data/`. */
  readonly name: string;
  /** The packages that are read; another version of any of them means building again. */
  readonly packages: readonly string[];
  /** Raised whenever the recipe gives other files from the same packages. */
  readonly recipe: number;
  /** Loads the recipe only when it is needed, so that an up-to-date set costs no import. */
  readonly load: () => Promise<BuildSet>;
}

/**
 * Writes a set's files into `folder`.
 * @param limit - uses at most this many source items, taken evenly, for a quick look; null for all.
 */
export type BuildSet = (folder: string, limit: number | null) => Promise<Built>;

/** Every `k`-th item, so that at most `limit` remain and every part of the list is represented. */
export function atMost<T>(items: readonly T[], limit: number | null): readonly T[] {
  if (limit === null || items.length <= limit) return items;
  return Array.from({ length: limit }, (_, i) => items[Math.floor((i * items.length) / limit)]);
}

/** Counts `train` and `test` rows by class, the classes in alphabetical order. */
export function countRows(rows: readonly { readonly label: string; readonly split: string }[]): Counts {
  const counts: Record<string, Record<string, number>> = {};
  for (const label of [...new Set(rows.map((row) => row.label))].sort())
    counts[label] = { train: 0, test: 0 };
  for (const { label, split } of rows) counts[label][split] += 1;
  return counts;
}
