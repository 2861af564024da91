import { open } from "node:fs/promises";
import { basename } from "node:path";
import { HeadstartError } from "../core/errors.js";
import { STAND_IN_BYTES, STAND_INS, standInOf } from "../core/stand-in.js";
import type { InputFormat } from "./input-formats.js";

/** Formats in which a page may be meant. */
const MAY_BE_PAGES: readonly InputFormat[] = ["csv", "tsv", "text"];

/**
 * Refuses what stands in a file's place: what Git leaves there where Git LFS is not installed, a few lines of text which a
 * table's reader would take for rows, and pages that were saved instead of a table that is no plain text. A path that
 * cannot be opened is left to its reader.
 * @throws {HeadstartError} `data` naming the file.
 */
export async function refuseStandIn(path: string, format: InputFormat, name = basename(path)): Promise<void> {
  const file = await open(path).catch(() => null);
  if (file === null) return;
  let found: ReturnType<typeof standInOf>;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(STAND_IN_BYTES), 0, STAND_IN_BYTES, 0);
    found = standInOf(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
  if (found === null || (found === "page" && MAY_BE_PAGES.includes(format))) return;
  const { what, remedy } = STAND_INS[found];
  throw new HeadstartError("data", `${name} is ${what}`, { facts: { file: path }, hint: remedy });
}
