import { CommanderError } from "commander";
import { type ErrorFacts, HeadstartError, messageOf } from "../core/errors.js";

/** What `--json` prints when a command fails, under the key `error`. */
export interface ErrorDescription {
  /** A code of `HeadstartError`, or `internal` for what should never happen. */
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly facts: ErrorFacts;
}

const BUG_HINT =
  "This is a bug in headstart. Please report it with the command and what HEADSTART_DEBUG=1 adds to this message.";

/** What commonly lies behind an error of commander's: a shell that has written a pattern out. */
const MORE_HINT: Readonly<Record<string, string>> = {
  "commander.excessArguments":
    "A pattern or a name with spaces is one argument in quotes, such as 'data/*.csv'. ",
};

/** Anything that was thrown, as plain data. Commander's own errors become `usage`. */
export function describeError(thrown: unknown): ErrorDescription {
  if (thrown instanceof HeadstartError) {
    return {
      code: thrown.code,
      message: thrown.message,
      hint: thrown.hint ?? null,
      facts: plainFacts(thrown.facts),
    };
  }
  if (thrown instanceof CommanderError) {
    const [first = "", ...rest] = thrown.message.replace(/^error: /, "").split("\n");
    const suggestion = /^\((.+)\)$/.exec(rest.join(" ").trim())?.[1];
    return {
      code: "usage",
      message: first,
      hint:
        suggestion ?? `${MORE_HINT[thrown.code] ?? ""}Add --help for the arguments, the flags and examples.`,
      facts: { reason: thrown.code },
    };
  }
  return { code: "internal", message: messageOf(thrown), hint: BUG_HINT, facts: {} };
}

/** Facts that JSON can hold: bigints and errors become text. */
function plainFacts(facts: ErrorFacts): ErrorFacts {
  return JSON.parse(
    JSON.stringify(facts, (_key, value: unknown) =>
      typeof value === "bigint" ? String(value) : value instanceof Error ? value.message : value,
    ),
  ) as ErrorFacts;
}
