import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

/** The SHA-256 of a file, and whether its content is the blob that the Hub names so. */
export interface BlobDigest {
  readonly size: number;
  readonly sha256: string;
  readonly matches: boolean;
}

/**
 * Reads a file once and compares it with the Hub's name for its content: the SHA-256 of a large file (64 digits), git's
 * SHA-1 of a small one (40 digits).
 */
export async function blobDigest(path: string, blob: string): Promise<BlobDigest> {
  const { size } = await stat(path);
  const sha256 = createHash("sha256");
  const git = blob.length === 40 ? createHash("sha1").update(`blob ${size}\0`) : null;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    sha256.update(chunk as Uint8Array);
    git?.update(chunk as Uint8Array);
  }
  const digest = sha256.digest("hex");
  return { size, sha256: digest, matches: (git?.digest("hex") ?? digest) === blob };
}
