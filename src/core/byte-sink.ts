import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { threadId } from "node:worker_threads";
import { HeadstartError, messageOf } from "./errors.js";
import { makeFolder } from "./make-folder.js";
import { systemCode } from "./system-code.js";

/** Takes bytes piece by piece; what they become appears only when all are there. */
export interface ByteSink {
  /** Settles when the bytes are taken: whoever waits for it holds one piece in memory, not all. */
  write(bytes: Uint8Array): Promise<void>;
  /** The end: everything is where it belongs. */
  commit(): Promise<void>;
  /** Removes what was written. */
  discard(): Promise<void>;
}

/** A sink whose beginning may be written again, once the rest is known. */
export interface FileSink extends ByteSink {
  rewrite(bytes: Uint8Array, position: number): Promise<void>;
}

let opened = 0;

/**
 * A file that appears under its name only when it is whole: written beside it, flushed to disk, renamed.
 * @throws {HeadstartError} `io`, from each call, if the folder cannot be written or the disk is full.
 */
export async function fileSink(path: string): Promise<FileSink> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${process.pid}-${threadId}-s${opened++}.tmp`);
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw cannotWrite(path, cause);
    }
  };
  const file = await attempt(async () => {
    await makeFolder(folder);
    return open(temporary, "wx");
  });
  let at = 0;
  return {
    write: (bytes) =>
      attempt(async () => {
        for (let done = 0; done < bytes.length; ) {
          done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
        }
        at += bytes.length;
      }),
    rewrite: (bytes, position) =>
      attempt(async () => {
        await file.write(bytes, 0, bytes.length, position);
      }),
    commit: () =>
      attempt(async () => {
        await file.sync();
        await file.close();
        await rename(temporary, path);
      }),
    async discard() {
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true }).catch(() => undefined);
    },
  };
}

/**
 * A stream, such as stdout, as a sink: a write settles when the stream has passed it on, so a slow reader slows the
 * writer instead of filling memory.
 * @throws {HeadstartError} `io`, from `write`, if the stream fails or whoever read it is gone.
 */
export function streamSink(stream: NodeJS.WritableStream, name: string): ByteSink {
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        const closed = (): void => reject(cannotWrite(name, new Error("its reader is gone")));
        stream.once("close", closed);
        stream.write(bytes, (cause) => {
          stream.removeListener("close", closed);
          // Whoever listens for the stream's own error hears of it first.
          if (cause) setImmediate(() => reject(cannotWrite(name, cause)));
          else resolve();
        });
      }),
    commit: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}

function cannotWrite(path: string, cause: unknown): HeadstartError {
  if (cause instanceof HeadstartError) return cause;
  return new HeadstartError("io", `Cannot write ${path}: ${messageOf(cause)}`, {
    facts: { path },
    hint:
      systemCode(cause) === "ENOSPC"
        ? "The disk is full: free some space, then run the same command again."
        : "Check that the folder exists, can be written, and has space left.",
    cause,
  });
}
