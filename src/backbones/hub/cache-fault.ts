import { HeadstartError, messageOf } from "../../core/errors.js";
import { systemCode } from "../../core/system-code.js";

const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
/** A folder on a read-only disk that cannot be made is `ENOENT` in Node.js; one under a file is `ENOTDIR`. */
const FORBIDDEN = new Set(["EACCES", "EPERM", "EROFS", "ENOENT", "ENOTDIR"]);

/** What the file system refused to the cache, with what is kept and where else it may lie. */
export function cacheFault(path: string, thrown: unknown): HeadstartError {
  if (thrown instanceof HeadstartError) return thrown;
  const code = systemCode(thrown) ?? "";
  const facts = { path, code };
  if (FULL.has(code)) {
    return new HeadstartError("io", `The disk is full: ${path} could not be written`, {
      facts,
      hint:
        "What has been downloaded is kept. Free some space and run the same command again to go on from here, " +
        "or set HF_HUB_CACHE to a folder on another disk.",
      cause: thrown,
    });
  }
  if (FORBIDDEN.has(code)) {
    return new HeadstartError("io", `The cache cannot be written: ${messageOf(thrown)}`, {
      facts,
      hint: "What is in it is kept and can be used. Set HF_HUB_CACHE to a folder that can be written to download more.",
      cause: thrown,
    });
  }
  return new HeadstartError("io", `Cannot write ${path}: ${messageOf(thrown)}`, {
    facts,
    hint: "Look at the folder that HF_HUB_CACHE or HF_HOME names.",
    cause: thrown,
  });
}

/** Whether the file system forbids writing, and nothing else is wrong. */
export function isForbidden(thrown: unknown): boolean {
  return (
    FORBIDDEN.has(systemCode(thrown) ?? "") ||
    (thrown instanceof HeadstartError && FORBIDDEN.has(String(thrown.facts.code)))
  );
}
