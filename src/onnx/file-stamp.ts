import { stat } from "node:fs/promises";
import { HeadstartError, messageOf } from "../core/errors.js";

/** What tells one state of a file from another without reading it. */
export interface FileStamp {
  /** Absolute; where it is a link, all else is of the file that the link leads to. */
  readonly path: string;
  readonly bytes: string;
  readonly modified: string;
  /** Of the entry itself: nobody can set it back, as they can the time of modification. */
  readonly changed: string;
  readonly inode: string;
}

/** @throws {HeadstartError} `model` if there is no such file, or it is a folder, a pipe or a device. */
export async function stampOf(path: string): Promise<FileStamp> {
  const found = await stat(path, { bigint: true }).catch((cause: unknown) => {
    throw new HeadstartError("model", `Cannot read ${path}: ${messageOf(cause)}`, { facts: { path }, cause });
  });
  if (!found.isFile()) {
    throw new HeadstartError("model", `${path} is no regular file`, {
      facts: { path },
      hint: "Give the .onnx file itself.",
    });
  }
  const { size, mtimeNs, ctimeNs, ino } = found;
  return { path, bytes: `${size}`, modified: `${mtimeNs}`, changed: `${ctimeNs}`, inode: `${ino}` };
}

/** Whether every file is still in the state that it was in. */
export async function areUnchanged(stamps: readonly FileStamp[]): Promise<boolean> {
  const now = await Promise.all(stamps.map(({ path }) => stampOf(path).catch(() => null)));
  return now.every((stamp, i) => {
    const before = stamps[i]!;
    return (
      stamp !== null &&
      stamp.bytes === before.bytes &&
      stamp.modified === before.modified &&
      stamp.changed === before.changed &&
      stamp.inode === before.inode
    );
  });
}
