/** Values that come in batches, each batch with the places of its values, ascending throughout. */
export interface PlacedBatch<B> {
  readonly batch: B;
  readonly places: readonly number[];
}

/**
 * Merges several sequences by place: one batch of each is in memory.
 * @returns the batch and the index in it of each value, in the order of their places.
 */
export async function* inOrder<B>(
  sources: readonly AsyncIterable<PlacedBatch<B>>[],
): AsyncGenerator<{ readonly batch: B; readonly at: number }> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  try {
    const cursors = await Promise.all(iterators.map((iterator) => nextBatch(iterator)));
    for (;;) {
      let least = -1;
      for (let i = 0; i < cursors.length; i++) {
        const cursor = cursors[i];
        if (cursor && (least === -1 || placeOf(cursor) < placeOf(cursors[least]!))) least = i;
      }
      if (least === -1) return;
      const cursor = cursors[least]!;
      yield { batch: cursor.batch, at: cursor.at };
      if (++cursor.at === cursor.places.length) cursors[least] = await nextBatch(iterators[least]!);
    }
  } finally {
    for (const iterator of iterators) await iterator.return?.(undefined);
  }
}

interface Cursor<B> extends PlacedBatch<B> {
  at: number;
}

const placeOf = ({ places, at }: Cursor<unknown>): number => places[at]!;

/** The next batch that holds anything; null at the end. */
async function nextBatch<B>(iterator: AsyncIterator<PlacedBatch<B>>): Promise<Cursor<B> | null> {
  for (;;) {
    const next = await iterator.next();
    if (next.done) return null;
    if (next.value.places.length > 0) return { ...next.value, at: 0 };
  }
}
