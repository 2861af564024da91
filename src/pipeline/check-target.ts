import { type BigIntStats, constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { HeadstartError, messageOf } from "../core/errors.js";

/**
 * Makes sure, before any work, that a result can take its place without destroying what it is made from.
 * @param out - undefined: nothing is written, and nothing is checked.
 * @param inputs - files that the work reads; those that do not exist, and `-`, are left to their readers.
 * @param extension - that the name must have, so that no table or other file of the user's is taken for a target.
 * @throws {HeadstartError} `usage` if `out` is a folder, has another extension, or is the same file as an input (a
 * link to it too); `io` if its folder cannot be written.
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
  await checkFolder(out);
}

/** A folder without permission should not be found out at the end of a long training; one that is missing is made. */
async function checkFolder(out: string): Promise<void> {
  let folder = dirname(resolve(out));
  let found = await statOf(folder);
  while (found === null && dirname(folder) !== folder) {
    folder = dirname(folder);
    found = await statOf(folder);
  }
  const failure =
    found?.isDirectory() === false
      ? new Error(`${folder} is no folder`)
      : await access(folder, constants.W_OK).then(
          () => null,
          (cause: unknown) => cause,
        );
  if (failure === null) return;
  throw new HeadstartError("io", `Cannot write ${out}: ${messageOf(failure)}`, {
    facts: { path: out },
    hint: "Check that the folder exists, can be written, and has space left.",
    cause: failure,
  });
}

async function statOf(path: string): Promise<BigIntStats | null> {
  return stat(path, { bigint: true }).catch(() => null);
}
