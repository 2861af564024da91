import { join } from "node:path";
import { HeadstartError } from "../core/errors.js";

/**
 * The path of a file or folder that a checkpoint's own file names, such as the `path` of a module.
 * @param named - relative to `folder`; empty for the folder itself.
 * @param by - the file that names it, for the error.
 * @throws {HeadstartError} `model` if it is no text, absolute, or leads out of the folder.
 */
export function pathWithin(folder: string, named: unknown, by: string): string {
  // A colon is a drive letter, or a stream of another file, on Windows.
  const plain =
    typeof named === "string" &&
    !/[:\0]/.test(named) &&
    !/^[\\/]/.test(named) &&
    !named.split(/[\\/]/).includes("..");
  if (plain) return join(folder, named);
  throw new HeadstartError(
    "model",
    `${by} names ${JSON.stringify(named) ?? "nothing"}, which lies outside of ${folder}`,
    {
      facts: { folder, named, by },
      hint: "Fetch the checkpoint again; its files lie in its own folder.",
    },
  );
}
