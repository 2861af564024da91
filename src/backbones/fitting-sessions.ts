/** What the machine has for sessions. */
export interface Room {
  readonly processors: number;
  /** Bytes that may still be taken. */
  readonly memory: number;
}

/** How sessions share the processors. */
export interface SessionPlan {
  readonly sessions: number;
  /** Of each session. */
  readonly threads: number;
}

/** Beyond, the memory's bandwidth is what they share. */
const MOST_SESSIONS = 8;
/** Bytes that the weights of all sessions may take together, and their share of the memory that is free. */
const WEIGHTS = { bytes: 2 ** 30, share: 1 / 4 } as const;

/**
 * As many sessions as pay on processors: one each, while the copies of the weights stay within 1 GiB and a quarter of the free
 * memory. A session of one thread waits for no other thread at the end of each operator, and what is read out of one batch
 * overlaps with the next. Where fewer fit, each has more threads, so that few processors are left over.
 */
export function fittingSessions(weightBytes: number, { processors, memory }: Room): SessionPlan {
  const bytes = Math.min(WEIGHTS.bytes, memory * WEIGHTS.share);
  const most = Math.min(processors, MOST_SESSIONS, Math.floor(bytes / Math.max(1, weightBytes)));
  let best: SessionPlan = { sessions: 1, threads: processors };
  for (let sessions = 2; sessions <= most; sessions++) {
    const threads = Math.floor(processors / sessions);
    if (sessions * threads >= best.sessions * best.threads) best = { sessions, threads };
  }
  return best;
}
