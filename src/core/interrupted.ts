import { HeadstartError } from "./errors.js";

/** @throws {HeadstartError} `interrupted` once the signal has been aborted. */
export function throwIfInterrupted(
  signal: AbortSignal | undefined,
  hint = "Run the same command again.",
): void {
  if (signal?.aborted) throw new HeadstartError("interrupted", "Interrupted", { hint });
}
