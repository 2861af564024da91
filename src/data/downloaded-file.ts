import { createWriteStream, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { HeadstartError, messageOf } from "../core/errors.js";
import type { ByteSource } from "./byte-source.js";

/** Bytes that are kept of an address; the folder for temporary files may lie in memory. */
const MOST_DOWNLOADED = 4 * 2 ** 30;

const kept = new Set<string>();
const removeAll = (): void => {
  for (const folder of kept) rmSync(folder, { recursive: true, force: true });
};

/**
 * A source that is read once, as a file that can be read from any place; the file is removed when the process ends.
 * @param most - bytes; default 4 GiB.
 * @returns the path, in a folder of its own among the temporary files, readable by this user only.
 * @throws {HeadstartError} `data` for more bytes, `io` if it cannot be fetched or written.
 */
export async function downloadedFile(source: ByteSource, most = MOST_DOWNLOADED): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "headstart-fetched-"));
  if (kept.size === 0) process.once("exit", removeAll);
  kept.add(folder);
  const path = join(folder, "content");
  try {
    await pipeline(Readable.from(bounded(source, most)), createWriteStream(path));
    return path;
  } catch (cause) {
    rmSync(folder, { recursive: true, force: true });
    kept.delete(folder);
    if (cause instanceof HeadstartError) throw cause;
    throw new HeadstartError("io", `Cannot keep ${source.name} in ${folder}: ${messageOf(cause)}`, {
      facts: { file: source.name, folder },
      hint: "Make room there, or name another folder for temporary files by TMPDIR (on Windows: TEMP).",
      cause,
    });
  }
}

async function* bounded({ name, bytes }: ByteSource, most: number): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const piece of bytes()) {
    length += piece.length;
    if (length > most) {
      throw new HeadstartError(
        "data",
        `${name} has more than ${most} bytes, the most that is fetched of it`,
        {
          facts: { file: name, limit: most },
          hint: "Download it with a program that resumes, and name the file.",
        },
      );
    }
    yield piece;
  }
}
