import { HeadstartError, messageOf } from "../core/errors.js";

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

/** The system's error code (`ENOENT`), or null: Node.js's own (`ERR_INVALID_ARG_TYPE`) and ours are none. */
export function systemCode(thrown: unknown): string | null {
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : null;
}
