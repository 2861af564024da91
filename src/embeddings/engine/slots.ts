import { HeadstartError } from "../../core/errors.js";

/** How many batches may be under way at a time. */
export interface Slots {
  /** Waits for a free one. @throws what they were closed with. */
  take(): Promise<void>;
  free(): void;
  /**
   * No more are given; those who wait are told.
   * @param reason - what `take` throws then; default: `interrupted`. The first one counts.
   */
  close(reason?: unknown): void;
  /** Settles when none is taken. */
  drained(): Promise<void>;
}

/** Slots given in the order in which they were asked for. @param limit - how many there are, asked each time: it may grow. */
export function openSlots(limit: () => number): Slots {
  let taken = 0;
  let closed: { readonly reason: unknown } | null = null;
  const waiting: { readonly give: () => void; readonly refuse: (reason: unknown) => void }[] = [];
  const draining: (() => void)[] = [];
  return {
    async take() {
      if (closed !== null) throw closed.reason;
      if (taken < limit()) taken++;
      else await new Promise<void>((give, refuse) => waiting.push({ give, refuse }));
    },
    free() {
      const next = waiting.shift();
      if (next) next.give();
      else taken--;
      if (taken === 0) for (const tell of draining.splice(0)) tell();
    },
    close(reason = new HeadstartError("interrupted", "Embedding was interrupted")) {
      closed ??= { reason };
      for (const { refuse } of waiting.splice(0)) refuse(closed.reason);
    },
    drained: () => (taken === 0 ? Promise.resolve() : new Promise((resolve) => draining.push(resolve))),
  };
}
