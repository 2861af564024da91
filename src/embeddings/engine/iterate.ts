import { HeadstartError } from "../../core/errors.js";

/** Starts on the next value while the current one is used. */
export async function* ahead<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const advance = () => {
    const next = iterator.next();
    // A failure surfaces at the await below; until then it must not count as unhandled.
    next.catch(() => undefined);
    return next;
  };
  try {
    let next = advance();
    for (;;) {
      const result = await next;
      if (result.done) return;
      next = advance();
      yield result.value;
    }
  } finally {
    void iterator.return?.().catch(() => undefined);
  }
}

/**
 * The values of `source` until `signal` fires, even while the source itself waits for input.
 * @throws {HeadstartError} `interrupted` once it fires.
 */
export async function* untilAborted<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  if (signal === undefined) {
    yield* source;
    return;
  }
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const result = await unlessAborted(iterator.next(), signal);
      if (result.done) return;
      yield result.value;
    }
  } finally {
    void iterator.return?.().catch(() => undefined);
  }
}

/**
 * What `promise` settles to, or `interrupted` if the signal fires first. Nothing of it is kept by the signal
 * afterwards, as a race with one promise for the whole run would keep every value.
 */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(new HeadstartError("interrupted", "Embedding was interrupted"));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** Leaves out the first `count` values. */
export function skip<T>(source: AsyncIterable<T>, count: number): AsyncIterable<T> {
  return count === 0 ? source : skipped(source, count);
}

async function* skipped<T>(source: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let left = count;
  for await (const value of source) {
    if (left > 0) left--;
    else yield value;
  }
}

/** Tells of each value as it passes: by the source's own promises, which a generator in between would double. */
export function tally<T>(source: AsyncIterable<T>, onValue: () => void): AsyncIterable<T> {
  const iterator = source[Symbol.asyncIterator]();
  const told = ({ done }: IteratorResult<T>): void => {
    if (!done) onValue();
  };
  return relayed(iterator, () => {
    const next = iterator.next();
    // Whoever asked hears of a failure.
    next.then(told, () => undefined);
    return next;
  });
}

/** The values that `next` gives. Whoever stops early ends `iterator` too, but does not wait for it. */
export function relayed<T>(
  iterator: AsyncIterator<T>,
  next: () => Promise<IteratorResult<T>>,
): AsyncIterableIterator<T> {
  const relay: AsyncIterableIterator<T> = {
    next,
    async return() {
      void iterator.return?.().catch(() => undefined);
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => relay,
  };
  return relay;
}

/** The first values of a source, and all of them again. */
export interface Peeked<T> {
  /** Whether the source ended before `count` values. */
  readonly ended: boolean;
  readonly values: AsyncIterable<T>;
}

/**
 * Looks whether `source` has fewer than `count` values, but not for longer than `milliseconds`.
 * @returns all its values, in their order; a fault of the source surfaces among them.
 */
export async function peek<T>(
  source: AsyncIterable<T>,
  count: number,
  milliseconds: number,
): Promise<Peeked<T>> {
  const iterator = source[Symbol.asyncIterator]();
  const first: Promise<IteratorResult<T>>[] = [];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), milliseconds);
  });
  let ended = false;
  while (first.length < count && !ended) {
    const next = iterator.next();
    first.push(next);
    const result = await Promise.race([next, late]).catch(() => null);
    if (result === null) break;
    ended = result.done === true;
  }
  clearTimeout(timer);
  return { ended, values: relayed(iterator, () => first.shift() ?? iterator.next()) };
}
