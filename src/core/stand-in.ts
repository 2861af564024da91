/** Text that is found under a file's name where the file itself should be. */
export const STAND_INS = {
  pointer: {
    start: /^version https:\/\/git-lfs\.github\.com/,
    what: "a Git LFS pointer, not the file that it points to",
    remedy: "Run git lfs pull in its repository, or download the file itself.",
  },
  page: {
    start: /^(?:\xef\xbb\xbf)?\s*(?:<!doctype html|<html)/i,
    what: "an HTML page (a login, an error or a viewer)",
    remedy: "The address gave a page, not the file: use the link that downloads the file itself.",
  },
} as const;

/** Bytes that are enough to know one. */
export const STAND_IN_BYTES = 256;

/** What stands in a file's place, by its first bytes: what Git leaves without Git LFS, or a page; else null. */
export function standInOf(start: Uint8Array): keyof typeof STAND_INS | null {
  const { buffer, byteOffset, length } = start;
  const text = Buffer.from(buffer, byteOffset, Math.min(length, STAND_IN_BYTES)).toString("latin1");
  return STAND_INS.pointer.start.test(text) ? "pointer" : STAND_INS.page.start.test(text) ? "page" : null;
}
