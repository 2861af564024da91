import type { BigIntStats } from "node:fs";
import { stat } from "node:fs/promises";
import { HeadstartError } from "../core/errors.js";

/**
 * Makes sure, before any work, that a result can take its place without destroying what it is made from.
 * @param out - undefined: nothing is written, and nothing is checked.
 * @param inputs - files that the work reads; those that do not exist, and `-`, are left to their readers.
 * @throws {HeadstartError} `usage` if `out` is a folder, or the same file as an input (a link to it too).
 */
export async function checkTarget(out: string | undefined, inputs: readonly string[]): Promise<void> {
  const target = out === undefined ? null : await statOf(out);
  if (out === undefined || target === null) return;
  if (target.isDirectory()) {
    throw new HeadstartError("usage", `Cannot write ${out}: it is a folder`, {
      facts: { path: out },
      hint: "Give the name of a file.",
    });
  }
  for (const input of inputs) {
    const other = input === "-" ? null : await statOf(input);
    if (other === null || other.ino !== target.ino || other.dev !== target.dev) continue;
    throw new HeadstartError("usage", `${out} is the input: it would be overwritten`, {
      facts: { path: out, input },
      hint: "Give another name for the output.",
    });
  }
}

async function statOf(path: string): Promise<BigIntStats | null> {
  return stat(path, { bigint: true }).catch(() => null);
}
