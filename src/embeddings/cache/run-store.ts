import type { VectorCache } from "./vector-cache.js";
import type { VectorStore } from "./vector-store.js";

/** Where a run takes known vectors from, in this order, and what came of it. */
export interface RunStore extends VectorStore {
  /** Distinct contents of a stretch of rows that were found. */
  readonly found: { readonly target: number; readonly cache: number };
}

/**
 * The target's vectors, then the cache's; what is in neither goes to the cache.
 * @returns undefined where there is nothing to ask.
 */
export function runStore(
  target: Pick<VectorStore, "lookup"> | null,
  cache: VectorCache | null,
): RunStore | undefined {
  if (target === null && cache === null) return undefined;
  const found = { target: 0, cache: 0 };
  return {
    found,
    async lookup(hashes) {
      if (target === null) {
        const vectors = await cache!.lookup(hashes);
        for (const vector of vectors) if (vector !== null) found.cache++;
        return vectors;
      }
      const vectors = [...(await target.lookup(hashes))];
      const missing = vectors.flatMap((vector, i) => (vector === null ? [i] : []));
      found.target += hashes.length - missing.length;
      if (cache === null || missing.length === 0) return vectors;
      const cached = await cache.lookup(missing.map((i) => hashes[i]!));
      missing.forEach((i, j) => {
        vectors[i] = cached[j]!;
        if (cached[j] !== null) found.cache++;
      });
      return vectors;
    },
    add: async (hashes, vectors) => cache?.add(hashes, vectors),
  };
}
