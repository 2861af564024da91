import { open } from "node:fs/promises";
import { extname } from "node:path";
import { HeadstartError, messageOf } from "../core/errors.js";

/** Whether a path is an Arrow file, by its name or its beginning; anything unreadable is left to its reader. */
export async function isArrowFile(path: string): Promise<boolean> {
  if (path === "-") return false;
  if (extname(path).toLowerCase() === ".arrow") return true;
  const file = await open(path).catch(() => null);
  if (file === null) return false;
  try {
    const { buffer } = await file.read(Buffer.alloc(6), 0, 6, 0);
    return buffer.toString("latin1") === "ARROW1";
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EISDIR") return false;
    throw new HeadstartError("io", `Cannot read ${path}: ${messageOf(cause)}`, { facts: { path }, cause });
  } finally {
    await file.close();
  }
}
