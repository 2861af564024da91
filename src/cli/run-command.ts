import { HeadstartError } from "../core/errors.js";
import type { RunControl } from "../pipeline/types.js";
import { EXIT } from "./exit-code.js";
import { listenForInterruption } from "./interruption.js";
import { printable } from "./printable.js";
import { progressDisplay } from "./progress-display.js";
import { reportError } from "./report-error.js";
import { dim } from "./style.js";

/** What a command leaves to be shown. */
export interface Outcome {
  /** The one document that `--json` prints. */
  readonly result: unknown;
  /** Lines for people, on stdout. */
  readonly summary: readonly string[];
  /** Guesses and warnings, on stderr. */
  readonly notes?: readonly string[];
  /** What to type next. */
  readonly next?: string;
  /** Default 0. */
  readonly exitCode?: number;
}

/** What a command works with. */
export interface CommandContext {
  readonly json: boolean;
  readonly control: Required<RunControl>;
  /** A line on stderr. */
  note(text: string): void;
}

/**
 * Runs a command's action and shows what came of it: with `json` exactly one document on stdout, else the summary.
 * Sets the process's exit code; throws nothing.
 */
export async function runCommand(
  json: boolean | undefined,
  action: (context: CommandContext) => Promise<Outcome>,
): Promise<void> {
  const asJson = json === true;
  const interruption = listenForInterruption();
  const progress = await progressDisplay();
  const note = (text: string): void => {
    progress.stop();
    process.stderr.write(`${dim(printable(text))}\n`);
  };
  try {
    const { signal, blocking } = interruption;
    const control = { onProgress: progress.onProgress, signal, blocking };
    const outcome = await action({ json: asJson, control, note });
    progress.stop();
    for (const text of outcome.notes ?? []) note(text);
    const lines = asJson ? [JSON.stringify(outcome.result, null, 2)] : [...outcome.summary];
    if (!asJson && outcome.next !== undefined) lines.push(`next: ${outcome.next}`);
    if (lines.length > 0) process.stdout.write(`${lines.join("\n")}\n`);
    process.exitCode = outcome.exitCode ?? EXIT.done;
  } catch (thrown) {
    progress.stop();
    if (interruption.readerGone) return;
    process.exitCode = reportError(interruption.signal.aborted ? asInterrupted(thrown) : thrown, asJson);
    if (interruption.signal.aborted) process.stdin.destroy();
  } finally {
    interruption.release();
  }
}

/** Whatever an aborted run threw says `interrupted`, and how to go on. */
function asInterrupted(thrown: unknown): unknown {
  if (thrown instanceof HeadstartError && thrown.code !== "interrupted") return thrown;
  const message = thrown instanceof HeadstartError ? thrown.message : "Interrupted";
  return new HeadstartError("interrupted", message, {
    facts: thrown instanceof HeadstartError ? thrown.facts : {},
    hint:
      (thrown instanceof HeadstartError ? thrown.hint : undefined) ??
      "Run the same command again to go on from here.",
    cause: thrown,
  });
}
