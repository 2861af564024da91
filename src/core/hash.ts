import { createHash, hash } from "node:crypto";
import { createReadStream } from "node:fs";

/** SHA-256 as 64 hex digits. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** SHA-256 of a file's bytes as 64 hex digits, streamed. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 22 }))
    hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}

/** The first 16 bytes of SHA-256: the `content_hash` column of an embeddings file. */
export function contentHash(content: string | Uint8Array): Uint8Array {
  // As a string of bytes, a digest costs a quarter of one that is a buffer.
  return Buffer.from(hash("sha256", content, "binary").slice(0, 16), "binary");
}

/** JSON with sorted keys, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}
