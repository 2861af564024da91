import { open } from "node:fs/promises";
import { HeadstartError, messageOf } from "../core/errors.js";
import { systemCode } from "../core/system-code.js";

/**
 * The first bytes of a file, fewer where it is shorter.
 * @param hint - what to give instead of a file that cannot be read.
 * @throws {HeadstartError} `io` if it cannot be read, saying why.
 */
export async function firstBytes(path: string, count: number, hint: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    const code = systemCode(cause);
    const why =
      code === "ENOENT" ? "it does not exist" : code === "EISDIR" ? "it is a folder" : messageOf(cause);
    throw new HeadstartError("io", `Cannot read ${path}: ${why}`, { facts: { path }, hint, cause });
  }
}
