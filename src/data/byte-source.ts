import { createReadStream, statSync } from "node:fs";
import { basename } from "node:path";
import { HeadstartError, messageOf } from "../core/errors.js";

/** Something that gives bytes in pieces: a file, or what is piped in. */
export interface ByteSource {
  /** How rows and errors call it: the file's name without its folder, or `stdin`. */
  readonly name: string;
  /** Whether `bytes` may be called again, from the start. */
  readonly rereadable: boolean;
  /** How far the latest reading has come, from 0 to 1; null where the size is unknown. */
  shareRead(): number | null;
  /** The content in the order of the file, in pieces of at most some 64 KiB. */
  bytes(): AsyncIterable<Uint8Array>;
}

/**
 * A file as a source of bytes, called by its name without its folder unless told otherwise; it is opened by each call of `bytes`, and closed when its reader stops.
 * @throws {HeadstartError} `io`, from `bytes`, if the file cannot be read.
 */
export function fileSource(path: string, name = basename(path)): ByteSource {
  let read = 0;
  let size = 0;
  return {
    name,
    rereadable: true,
    shareRead: () => (size > 0 ? Math.min(1, read / size) : null),
    async *bytes() {
      read = 0;
      size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      const stream = createReadStream(path);
      try {
        for await (const piece of stream as AsyncIterable<Uint8Array>) {
          read += piece.length;
          yield piece;
        }
      } catch (cause) {
        throw new HeadstartError("io", `Cannot read ${path}: ${messageOf(cause)}`, {
          facts: { path },
          cause,
        });
      } finally {
        stream.destroy();
      }
    },
  };
}

/**
 * A stream, such as stdin, as a source of bytes that can be read once.
 * @throws {HeadstartError} `data`, from `bytes`, at the second call.
 */
export function streamSource(stream: NodeJS.ReadableStream, name: string): ByteSource {
  let used = false;
  return {
    name,
    rereadable: false,
    shareRead: () => null,
    async *bytes() {
      if (used) {
        throw new HeadstartError("data", `${name} can be read only once`, {
          hint: "Save it to a file to read it again.",
        });
      }
      used = true;
      for await (const piece of stream) yield typeof piece === "string" ? Buffer.from(piece) : piece;
    },
  };
}

/**
 * What an address answers, as a source of bytes that can be read once; it is asked when reading begins.
 * @param open - asks, and tells the size where the server says so.
 */
export function addressSource(
  name: string,
  open: () => Promise<{ readonly body: NodeJS.ReadableStream; readonly size: number | null }>,
): ByteSource {
  let read = 0;
  let total: number | null = null;
  let used = false;
  return {
    name,
    rereadable: false,
    shareRead: () => (total === null ? null : Math.min(1, read / total)),
    async *bytes() {
      if (used)
        throw new HeadstartError("data", `${name} is fetched only once`, {
          hint: "Download it to read it again.",
        });
      used = true;
      const { body, size } = await open();
      total = size;
      try {
        for await (const piece of body as AsyncIterable<Uint8Array>) {
          read += piece.length;
          yield piece;
        }
      } catch (cause) {
        throw new HeadstartError("io", `Fetching ${name} broke off: ${messageOf(cause)}`, {
          facts: { name, bytes: read },
          hint: "Download it first, with a program that resumes, and name the file.",
          cause,
        });
      }
    },
  };
}
