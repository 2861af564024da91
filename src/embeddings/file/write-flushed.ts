import { type FileHandle, open } from "node:fs/promises";

/** Writes a file anew and flushes it to the disk before it is closed. */
export async function writeFlushed(
  path: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const handle = await open(path, "w");
  try {
    await write(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
