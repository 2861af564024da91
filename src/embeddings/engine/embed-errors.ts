import { readFile } from "node:fs/promises";
import { HeadstartError } from "../../core/errors.js";
import type { RejectedRow } from "../../data/row.js";
import { type PartFile, type PartPaths, type PartState, removePart } from "../file/part-file.js";

/**
 * Saves what a failed run has done, if anything, and tells how to go on if it was interrupted.
 * @param resumable - false for standard input, whose part is removed.
 * @returns the error to throw.
 */
export async function keepWork(
  thrown: unknown,
  part: PartFile,
  paths: PartPaths,
  resumable: boolean,
): Promise<unknown> {
  const interrupted = thrown instanceof HeadstartError && thrown.code === "interrupted";
  if (!resumable) {
    await removePart(paths).catch(() => undefined);
    if (!interrupted) return thrown;
    return new HeadstartError("interrupted", "Interrupted; nothing was written", {
      hint: "Standard input cannot be read twice: give a file instead, and a run can be continued.",
    });
  }
  // A run that has done nothing must not stand in the way of the next one.
  if (part.state.consumed === 0) {
    await removePart(paths).catch(() => undefined);
    if (!interrupted) return thrown;
    return new HeadstartError("interrupted", "Interrupted before the first rows were done; nothing is kept", {
      hint: "Run the same command again.",
    });
  }
  // A disk that is full fails here again; the first error is the one to report.
  await part.checkpoint().catch(() => undefined);
  if (!interrupted) return thrown;
  const { consumed, rows } = part.state;
  return new HeadstartError("interrupted", `Interrupted; ${rows} embedded rows are kept in ${paths.part}`, {
    facts: { part: paths.part, rows, consumed },
    hint: `Run the same command again to continue at input row ${consumed + 1}.`,
  });
}

/** What ends a run under `onError: "fail"`. */
export function rejectedRow({ id, source, reason }: RejectedRow): HeadstartError {
  return new HeadstartError("data", `${source} (id '${id}'): ${reason}`, {
    facts: { id, source, reason },
    hint: "Correct the row and run again with --restart, or let such rows go to the rejects file: --on-error reject.",
  });
}

/** A data set without a single row that could be embedded; quotes the first reason. */
export async function nothingEmbedded(
  name: string,
  state: PartState,
  paths: PartPaths,
): Promise<HeadstartError> {
  if (state.rejects === 0) {
    return new HeadstartError("data", `${name}: none of its rows was chosen`, {
      facts: { name },
      hint: "No row meets every --where, or --sample is too small a share of so few rows.",
    });
  }
  const first = (await readFile(paths.rejects, "utf8")).split("\n", 1)[0]!;
  const { source, reason } = JSON.parse(first) as RejectedRow;
  const message =
    state.rejects === 1
      ? `The only row of ${name} could not be embedded`
      : `None of the ${state.rejects} rows of ${name} could be embedded`;
  return new HeadstartError("data", message, {
    facts: { rejects: state.rejects, first: { source, reason } },
    hint: `${state.rejects === 1 ? "" : "The first: "}${source}: ${reason}`,
  });
}
