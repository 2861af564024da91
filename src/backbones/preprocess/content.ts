import { readFile, stat } from "node:fs/promises";
import { HeadstartError } from "../../core/errors.js";
import { contentHash } from "../../core/hash.js";
import type { AudioPreprocessor, ImagePreprocessor } from "../backbone.js";
import { UNCOUNTED_PIXELS } from "./pixel-budget.js";

/** An image or a sound: the file's path, or its bytes. */
export type Medium = { readonly path: string } | { readonly bytes: Uint8Array };

/** What the network is fed for a content. */
export interface PreparedContent {
  /** Of the content: the `content_hash` of an embeddings file. */
  readonly hash: Uint8Array;
  /** Null where its hash told that it is not wanted. */
  readonly input: Float32Array | null;
  /** Whether the sound was longer than the network hears; where it is not wanted, as far as its beginning tells. */
  readonly truncated: boolean;
}

/** Questions that come up while a content is prepared. */
export interface Gate {
  /** Whether the input is wanted, now that the content's hash is known. */
  wanted(hash: Uint8Array): boolean | Promise<boolean>;
  /** Resolves once so many pixels may be held. */
  admit(pixels: number): Promise<void>;
}

/**
 * Reads, hashes and prepares one image or sound.
 * @throws {HeadstartError} `data` as the preprocessor does, and for sounds of over 512 MiB.
 * @throws {Error} the system's, with its code, where a file cannot be read.
 */
export async function prepareContent(
  preprocessor: ImagePreprocessor | AudioPreprocessor,
  medium: Medium,
  gate: Gate,
): Promise<PreparedContent> {
  const bytes = "bytes" in medium ? medium.bytes : await read(medium.path, preprocessor.kind);
  const hash = contentHash(bytes);
  if (!(await gate.wanted(hash))) {
    return { hash, input: null, truncated: preprocessor.kind === "audio" && preprocessor.isCut(bytes) };
  }
  if (preprocessor.kind === "audio") return { hash, ...(await preprocessor.prepare(bytes)) };
  const admit = async (pixels: number): Promise<void> => {
    if (pixels >= UNCOUNTED_PIXELS) await gate.admit(pixels);
  };
  return { hash, input: await preprocessor.prepare(bytes, admit), truncated: false };
}

/** Sounds of more bytes are refused before they are read. */
const MAX_SOUND_BYTES = 512 * 2 ** 20;

async function read(path: string, kind: "image" | "audio"): Promise<Uint8Array> {
  if (kind === "image") return readFile(path);
  const { size } = await stat(path);
  if (size <= MAX_SOUND_BYTES) return readFile(path);
  throw new HeadstartError("data", `The file has ${Math.ceil(size / 2 ** 20)} MiB, over the limit of 512`, {
    facts: { path, size },
    hint: "Split the sound into pieces.",
  });
}
