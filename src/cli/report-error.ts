import { CommanderError } from "commander";
import { describeError } from "./describe-error.js";
import { EXIT, exitCodeOf } from "./exit-code.js";
import { printable } from "./printable.js";
import { red } from "./style.js";

/**
 * Tells what went wrong: on stderr, and with `--json` as one document `{ "error": … }` on stdout.
 * The stack is shown only where `HEADSTART_DEBUG=1`.
 * @returns the exit code.
 */
export function reportError(thrown: unknown, json: boolean): number {
  const error = describeError(thrown);
  if (json) process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
  process.stderr.write(`${red("error:")} ${printable(error.message, "\n")}\n`);
  if (error.hint !== null) process.stderr.write(`hint: ${printable(error.hint, "\n")}\n`);
  if (process.env.HEADSTART_DEBUG === "1" && thrown instanceof Error)
    process.stderr.write(`${stackOf(thrown)}\n`);
  return thrown instanceof CommanderError ? EXIT.usage : exitCodeOf(thrown);
}

/** The stack of an error and of its causes. */
function stackOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by: ${stackOf(error.cause)}` : own;
}
