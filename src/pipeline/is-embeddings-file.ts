import { open } from "node:fs/promises";
import { extname } from "node:path";
import { HeadstartError, messageOf } from "../core/errors.js";
import { METADATA } from "../embeddings/file/schema.js";

const MAGIC = "ARROW1";
/** How an Arrow stream begins. */
const STREAM_MARK = "\u00ff\u00ff\u00ff\u00ff";
/** A larger footer belongs to no embeddings file: one of 2^31 rows has some 50 MB. */
const MOST_FOOTER = 256 * 2 ** 20;

/**
 * Whether a path is an embeddings file: an Arrow file whose schema carries `headstart.format`. Damaged and missing
 * `.arrow` files count as such, for their reader says best what is wrong with them.
 */
export async function isEmbeddingsFile(path: string): Promise<boolean> {
  if (path === "-") return false;
  const named = [".arrow", ".arrows"].includes(extname(path).toLowerCase());
  const file = await open(path).catch(() => null);
  if (file === null) return named;
  try {
    const { size } = await file.stat();
    const read = async (length: number, at: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
      return buffer.subarray(0, bytesRead);
    };
    const start = (await read(6, 0)).toString("latin1");
    if (start.startsWith(STREAM_MARK)) {
      const schema = size < 8 ? 0 : (await read(4, 4)).readUInt32LE(0);
      return schema <= MOST_FOOTER && (await read(schema, 8)).includes(METADATA.format);
    }
    if (start !== MAGIC) return named;
    const end = await read(10, Math.max(0, size - 10));
    if (end.length < 10 || end.toString("latin1", 4) !== MAGIC) return named;
    const length = end.readInt32LE(0);
    if (length <= 0 || length > Math.min(size - 10, MOST_FOOTER)) return named;
    return (await read(length, size - 10 - length)).includes(METADATA.format);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EISDIR") return false;
    throw new HeadstartError("io", `Cannot read ${path}: ${messageOf(cause)}`, { facts: { path }, cause });
  } finally {
    await file.close();
  }
}
