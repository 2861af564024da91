import { containedPath } from "./contained-path.js";
import type { Fetcher } from "./fetch-address.js";
import { isAddress } from "./fetch-address.js";
import { bytesOf, dataUrlBytes, type MediaKind, pathOf } from "./media-kind.js";
import type { Content } from "./row.js";

/** Bytes that one image or sound may have within a table, or from an address. */
const LARGEST_ITEM = 256 * 2 ** 20;

/** A file that holds an image or a sound as content. */
export function fileContent(kind: MediaKind, path: string): Content {
  return kind === "image" ? { kind, path } : { kind, path };
}

/** What is needed to find what a cell names. */
export interface MediaSource {
  readonly kind: MediaKind;
  /** The real path of the folder that paths are relative to, and must not leave. */
  readonly folder: string;
  /** Null where addresses are refused. */
  readonly fetcher: Fetcher | null;
}

/**
 * The image or sound in a cell, be it bytes, a `{ bytes, path }`, a `data:` address in base64, a path or, where the user
 * said so, an http address; or why there is none.
 */
export async function mediaContent(
  value: unknown,
  column: string,
  { kind, folder, fetcher }: MediaSource,
): Promise<Content | { readonly reason: string }> {
  const what = kind === "image" ? "an image" : "a sound";
  const bytes = bytesOf(value);
  if (bytes !== null) return fromBytes(bytes, kind, what);
  const named = pathOf(value)?.trim() ?? (value === null || value === undefined ? "" : null);
  if (named === null) {
    const found =
      typeof value === "object" ? (Array.isArray(value) ? "a list" : "an object") : `a ${typeof value}`;
    return { reason: `column '${column}' holds ${found}, not ${what}, its path or its bytes` };
  }
  if (named === "") return { reason: `empty path of ${what}` };
  if (named.startsWith("data:")) {
    const decoded = dataUrlBytes(named);
    if (decoded === null) return { reason: `a data: address in column '${column}' that is not base64` };
    return fromBytes(decoded, kind, what);
  }
  if (isAddress(named)) {
    if (fetcher === null)
      return { reason: `'${named}' is an address; addresses are fetched only with --fetch` };
    const fetched = await fetcher.bytes(named, LARGEST_ITEM);
    return "reason" in fetched ? fetched : fromBytes(fetched.bytes, kind, what);
  }
  const found = await containedPath(folder, named);
  return "path" in found ? fileContent(kind, found.path) : found;
}

function fromBytes(bytes: Uint8Array, kind: MediaKind, what: string): Content | { readonly reason: string } {
  if (bytes.length === 0) return { reason: `${what} of 0 bytes` };
  if (bytes.length > LARGEST_ITEM)
    return { reason: `${what} of ${bytes.length} bytes; at most ${LARGEST_ITEM} are read` };
  return kind === "image" ? { kind, bytes } : { kind, bytes };
}
