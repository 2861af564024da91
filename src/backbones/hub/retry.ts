import { setTimeout as sleep } from "node:timers/promises";
import { throwIfInterrupted } from "../../core/interrupted.js";
import type { HubSettings } from "./hub-settings.js";

/** A fault that may be gone at the next attempt: a cut connection, a busy server. */
export class TransientFault extends Error {
  /** What to throw once patience is over. */
  readonly final: Error;
  /** How long the server asks to wait; null where it says nothing. */
  readonly afterMs: number | null;
  /** Attempts after which it is hopeless, where that is fewer than the settings allow. */
  readonly attempts: number;

  constructor(final: Error, options: { afterMs?: number | null; attempts?: number } = {}) {
    super(final.message, { cause: final });
    this.final = final;
    this.afterMs = options.afterMs ?? null;
    this.attempts = options.attempts ?? Number.POSITIVE_INFINITY;
  }
}

/** Longer than this, the user is told instead of kept waiting. */
const LONGEST_WAIT_MS = 60_000;
export const KEPT = "What has been downloaded is kept: run the same command again to go on from here.";

/**
 * Repeats what failed for a passing reason, waiting twice as long each time, or as long as the server says.
 * @param attempt - tells with `progressed()` that it brought something new: the count then begins anew.
 * @throws whatever else `attempt` throws; the fault's own error once patience is over; `interrupted`.
 */
export async function retried<T>(
  settings: Pick<HubSettings, "attempts" | "retryMs">,
  signal: AbortSignal | undefined,
  attempt: (progressed: () => void) => Promise<T>,
): Promise<T> {
  for (let failures = 0; ; ) {
    throwIfInterrupted(signal, KEPT);
    try {
      return await attempt(() => {
        failures = 0;
      });
    } catch (thrown) {
      throwIfInterrupted(signal, KEPT);
      if (!(thrown instanceof TransientFault)) throw thrown;
      failures++;
      const wait = thrown.afterMs ?? Math.min(8000, settings.retryMs * 2 ** (failures - 1));
      if (failures >= Math.min(thrown.attempts, settings.attempts) || wait > LONGEST_WAIT_MS)
        throw thrown.final;
      await sleep(wait, undefined, signal ? { signal } : {}).catch(() => throwIfInterrupted(signal, KEPT));
    }
  }
}
