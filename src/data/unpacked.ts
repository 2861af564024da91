import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { HeadstartError, messageOf } from "../core/errors.js";
import type { ByteSource } from "./byte-source.js";
import { zstdBytes } from "./zstd-bytes.js";

/** Below this many unpacked bytes nothing is held against a file. */
const HARMLESS = 16 * 2 ** 20;
/** Beyond it, how many times larger than packed: tables reach some 20, logs 100, bombs 1,000 and more. */
const LARGEST_RATIO = 250;

/** How a stream of bytes is packed, by its first bytes. */
export function packingOf(start: Uint8Array): "gzip" | "zstd" | null {
  if (start[0] === 0x1f && start[1] === 0x8b) return "gzip";
  if (start[0] === 0x28 && start[1] === 0xb5 && start[2] === 0x2f && start[3] === 0xfd) return "zstd";
  return null;
}

/**
 * The same source, unpacked on the way where its first bytes are gzip's or Zstandard's, whatever its name; memory does
 * not depend on its size.
 * @throws {HeadstartError} `data`, from `bytes`, for damaged or cut data, and for a bomb: more than 16 MiB that are more
 * than 250 times larger than packed.
 */
export function unpackedSource(source: ByteSource): ByteSource {
  return { ...source, bytes: () => unpacked(source.bytes(), source.name) };
}

async function* unpacked(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const pieces = bytes[Symbol.asyncIterator]();
  try {
    const start: Uint8Array[] = [];
    let length = 0;
    while (length < 4) {
      const next = await pieces.next();
      if (next.done) break;
      start.push(next.value);
      length += next.value.length;
    }
    const packing = packingOf(start.length === 1 ? start[0]! : Buffer.concat(start));
    const all = (async function* () {
      yield* start;
      for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
    })();
    if (packing === null) yield* all;
    else yield* expanded(all, packing, name);
  } finally {
    await pieces.return?.();
  }
}

async function* expanded(
  packed: AsyncIterable<Uint8Array>,
  packing: "gzip" | "zstd",
  name: string,
): AsyncGenerator<Uint8Array> {
  let read = 0;
  let written = 0;
  const check = (more: number): void => {
    written += more;
    if (written <= HARMLESS || written <= LARGEST_RATIO * read) return;
    throw new HeadstartError("data", `${name} unpacks to more than ${LARGEST_RATIO} times its size`, {
      facts: { file: name, packed: read, unpacked: written },
      hint: `That is what a zip bomb does. If it is really data, unpack it first: ${packing === "gzip" ? "gunzip" : "unzstd"} ${name}`,
    });
  };
  const counted = (async function* () {
    for await (const piece of packed) {
      read += piece.length;
      yield piece;
    }
  })();
  try {
    if (packing === "zstd") {
      yield* zstdBytes(counted, check);
      return;
    }
    const gunzip = createGunzip();
    pipeline(Readable.from(counted), gunzip, () => undefined);
    for await (const piece of gunzip as AsyncIterable<Uint8Array>) {
      check(piece.length);
      yield piece;
    }
  } catch (cause) {
    if (cause instanceof HeadstartError) throw cause;
    throw new HeadstartError(
      "data",
      `${name} cannot be unpacked: its ${packing} data are damaged or cut short`,
      {
        facts: { file: name, cause: messageOf(cause) },
        hint: "Copy it again from where it is whole.",
        cause,
      },
    );
  }
}
