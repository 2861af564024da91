import { HeadstartError } from "../../core/errors.js";

/** A sound that cannot be used: the row is rejected with this reason. */
export function soundError(
  name: string,
  reason: string,
  options: { readonly hint?: string; readonly cause?: unknown } = {},
): HeadstartError {
  return new HeadstartError("data", `${name}: ${reason}`, { facts: { sound: name, reason }, ...options });
}
