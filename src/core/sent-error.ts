import { type ErrorCode, type ErrorFacts, HeadstartError, messageOf } from "./errors.js";
import { canonicalJson } from "./hash.js";
import { systemCode } from "./system-code.js";

/** What was thrown, as data that crosses between threads: a plain `Error` would lose its code. */
export type SentError =
  | {
      readonly kind: "headstart";
      readonly code: ErrorCode;
      readonly message: string;
      readonly facts: ErrorFacts;
      readonly hint: string | undefined;
    }
  | { readonly kind: "system"; readonly code: string; readonly message: string }
  | { readonly kind: "other"; readonly message: string; readonly stack: string | undefined };

export function sentError(thrown: unknown): SentError {
  const message = messageOf(thrown);
  if (thrown instanceof HeadstartError) {
    const { code, facts, hint } = thrown;
    return { kind: "headstart", code, message, facts: JSON.parse(canonicalJson(facts)) as ErrorFacts, hint };
  }
  const code = systemCode(thrown);
  if (code !== null) return { kind: "system", code, message };
  return { kind: "other", message, stack: thrown instanceof Error ? thrown.stack : undefined };
}

/** The same error on this thread: code, message, facts and hint; what caused it is left behind. */
export function receivedError(sent: SentError): Error {
  if (sent.kind === "headstart") {
    const { code, message, facts, hint } = sent;
    return new HeadstartError(code, message, { facts, ...(hint === undefined ? {} : { hint }) });
  }
  const error = new Error(sent.message);
  if (sent.kind === "system") Object.assign(error, { code: sent.code });
  else if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
}
