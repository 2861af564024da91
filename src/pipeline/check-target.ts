import type { BigIntStats } from "node:fs";
import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { HeadstartError } from "../core/errors.js";

/**
 * Makes sure, before any work, that a result can take its place without destroying what it is made from.
 * @param out - undefined: nothing is written, and nothing is checked.
 * @param inputs - files that the work reads; those that do not exist, and `-`, are left to their readers.
 * @param extension - that the name must have, so that no table or other file of the user's is taken for a target.
 * @throws {HeadstartError} `usage` if `out` is a folder, has another extension, or is the same file as an input (a
 * link to it too).
 */
export async function checkTarget(
  out: string | undefined,
  inputs: readonly string[],
  extension?: ".arrow" | ".onnx",
): Promise<void> {
  if (out === undefined) return;
  const target = await statOf(out);
  if (target?.isDirectory() === true) {
    throw new HeadstartError("usage", `Cannot write ${out}: it is a folder`, {
      facts: { path: out },
      hint: "Give the name of a file.",
    });
  }
  for (const input of target === null ? [] : inputs) {
    const other = input === "-" ? null : await statOf(input);
    if (target === null || other === null || other.ino !== target.ino || other.dev !== target.dev) continue;
    throw new HeadstartError("usage", `${out} is the input: it would be overwritten`, {
      facts: { path: out, input },
      hint: "Give another name for the output.",
    });
  }
  if (extension !== undefined && extname(out).toLowerCase() !== extension) {
    const what = extension === ".arrow" ? "Embeddings are Arrow files" : "Heads are ONNX files";
    throw new HeadstartError("usage", `${what}, but ${out} is not named like one`, {
      facts: { path: out },
      hint: `Give it a name that ends in ${extension}.`,
    });
  }
}

async function statOf(path: string): Promise<BigIntStats | null> {
  return stat(path, { bigint: true }).catch(() => null);
}
