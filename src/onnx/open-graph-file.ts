import { readFile, realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { HeadstartError, messageOf } from "../core/errors.js";
import { canonicalJson, sha256, sha256OfFile } from "../core/hash.js";
import { checkModel } from "./check-model.js";
import { decodeModel } from "./decode-model.js";
import { encodeModel } from "./encode-model.js";
import { areUnchanged, type FileStamp, stampOf } from "./file-stamp.js";
import { readSkeleton, writeSkeleton } from "./graph-cache.js";
import type { Model } from "./model.js";
import { placeWeights } from "./place-weights.js";
import { readModel } from "./read-model.js";

/** An ONNX file, decoded but for its large weights, which stay where they are. */
export interface GraphFile {
  /** Large weights are `external`; sessions on it need `weights: folder`. */
  readonly model: Model;
  readonly folder: string;
  /** SHA-256 of the file; where it has weights in other files: of the digests of them all. 64 hex digits. */
  readonly digest: string;
  /** In bytes, files of weights included. */
  readonly size: number;
  /** @throws {HeadstartError} `model` if a file is no longer what it was when the digest was taken. */
  check(): Promise<void>;
}

/** Files below this many bytes are read anew each time: it takes milliseconds. */
const CACHED_BYTES = 32 * 2 ** 20;

/**
 * Opens an ONNX file. A large one is read once: its digest and its graph without weights are remembered in `cache`
 * for as long as size, times and inode of all its files stay the same.
 * @param cache - a folder; null remembers nothing.
 * @throws {HeadstartError} `model` if it cannot be read, or as `readModel` and `placeWeights` do.
 */
export async function openGraphFile(path: string, cache: string | null): Promise<GraphFile> {
  // Not with links resolved: the same graph may be linked to from two folders, beside other weights in each.
  const own = await stampOf(resolve(path));
  const real = await realpath(path).catch((cause: unknown) => {
    throw new HeadstartError("model", `Cannot read ${path}: ${messageOf(cause)}`, { facts: { path }, cause });
  });
  const folder = dirname(own.path);
  const remembered = cache === null ? null : await readSkeleton(cache, own);
  if (remembered !== null) return opened(remembered.skeleton, remembered);
  const bytes = await readFile(real).catch((cause: unknown) => {
    throw new HeadstartError("model", `Cannot read ${path}: ${messageOf(cause)}`, {
      facts: { path },
      hint: "A graph of more than 2 GB keeps its weights in files beside it (onnx.save with save_as_external_data).",
      cause,
    });
  });
  const placed = placeWeights(readModel(bytes, path), { path: real, folder, bytes });
  // Once more: small weights of other files are only known now, shapes among them.
  checkModel(placed.model, path);
  const stamps = [own];
  const digests: [location: string, digest: string][] = [];
  for (const { location, path: weights } of placed.files) {
    stamps.push(await stampOf(join(folder, location)));
    digests.push([location, await sha256OfFile(weights)]);
  }
  const graph = sha256(bytes);
  const digest =
    digests.length === 0
      ? graph
      : sha256(canonicalJson({ graph, files: digests.sort(([a], [b]) => (a < b ? -1 : 1)) }));
  const facts = { digest, folder: placed.folder, stamps };
  // Decoded again, so that nothing holds on to the bytes of the file.
  const skeleton = encodeModel(placed.model);
  const result = opened(skeleton, facts);
  await result.check();
  if (cache !== null && result.size >= CACHED_BYTES) await writeSkeleton(cache, { ...facts, skeleton });
  return result;
}

function opened(
  skeleton: Uint8Array,
  facts: { readonly digest: string; readonly folder: string; readonly stamps: readonly FileStamp[] },
): GraphFile {
  const { digest, folder, stamps } = facts;
  return {
    model: decodeModel(skeleton),
    folder,
    digest,
    size: stamps.reduce((sum, { bytes }) => sum + Number(bytes), 0),
    async check() {
      if (await areUnchanged(stamps)) return;
      const files = stamps.map(({ path }) => path);
      throw new HeadstartError("model", `${files.join(", ")} changed since it was read`, {
        facts: { files },
        hint: "Let the download or export finish, then run again.",
      });
    },
  };
}
