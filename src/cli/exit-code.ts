import { HeadstartError } from "../core/errors.js";

/** What the process says to its caller when it ends. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** Wrong flags, arguments or configuration file. */
  usage: 2,
  /** The work is done, but some rows were rejected. */
  rejected: 3,
  /** Stopped by the user; the work so far is kept. */
  interrupted: 130,
} as const;

/**
 * The exit code for anything that was thrown.
 * A `data` error that names the flag it comes from (`facts.flag`, such as `--text`) is wrong usage: the flag
 * has to change, not the data.
 */
export function exitCodeOf(thrown: unknown): number {
  if (!(thrown instanceof HeadstartError)) return EXIT.failed;
  if (thrown.code === "usage" || thrown.code === "config") return EXIT.usage;
  if (thrown.code === "interrupted") return EXIT.interrupted;
  if (thrown.code === "data" && typeof thrown.facts.flag === "string") return EXIT.usage;
  return EXIT.failed;
}
