import { relayed } from "./iterate.js";

/** The stages of embedding. They overlap, so their seconds sum up to more than the run takes. */
export type Stage = "read" | "prepare" | "wait" | "inference" | "assemble" | "write";

/** Adds up the time of each stage. */
export interface StageClock {
  add(stage: Stage, milliseconds: number): void;
  /** The promise, its time counted until it settles. */
  spent<T>(stage: Stage, promise: Promise<T>): Promise<T>;
  /** The values of `source`, the time that each takes to come counted. */
  timed<T>(stage: Stage, source: AsyncIterable<T>): AsyncIterableIterator<T>;
  seconds(): Readonly<Record<Stage, number>>;
}

export function stageClock(): StageClock {
  const spent: Record<Stage, number> = { read: 0, prepare: 0, wait: 0, inference: 0, assemble: 0, write: 0 };
  const clock: StageClock = {
    add(stage, milliseconds) {
      spent[stage] += milliseconds / 1000;
    },
    async spent(stage, promise) {
      const start = performance.now();
      try {
        return await promise;
      } finally {
        clock.add(stage, performance.now() - start);
      }
    },
    timed(stage, source) {
      const iterator = source[Symbol.asyncIterator]();
      return relayed(iterator, () => {
        const start = performance.now();
        const settled = () => clock.add(stage, performance.now() - start);
        const next = iterator.next();
        next.then(settled, settled);
        return next;
      });
    },
    // A window is there once its rows are read and prepared.
    seconds: () => ({ ...spent, prepare: Math.max(0, spent.prepare - spent.read) }),
  };
  return clock;
}
