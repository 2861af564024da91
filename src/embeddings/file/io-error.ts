import { HeadstartError, messageOf } from "../../core/errors.js";
import { systemCode } from "../../core/system-code.js";

/** What the file system refused, with the path and what to check. */
export function ioError(action: string, path: string, cause: unknown): HeadstartError {
  return new HeadstartError("io", `Cannot ${action} ${path}: ${messageOf(cause)}`, {
    facts: { path },
    hint:
      systemCode(cause) === "ENOSPC"
        ? "The disk is full: free some space, then run the same command again."
        : "Check that the folder exists, can be written, and has space left.",
    cause,
  });
}
