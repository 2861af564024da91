import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { HeadstartError } from "../core/errors.js";
import { beginsLikeHead } from "./begins-like-head.js";
import { firstBytes } from "./first-bytes.js";
import type { InspectResult } from "./types.js";

const TO_GIVE = "Give an .arrow file of headstart embed, or an .onnx file of headstart train.";

/**
 * Tells what an embeddings file or a head holds; what reads the one is not loaded for the other.
 * @param path - of a file; or `-` for embeddings on stdin.
 * @throws {HeadstartError} `io` if it cannot be read, `format` if it is neither.
 */
export async function inspect(
  path: string,
  stdin = process.stdin as NodeJS.ReadableStream,
): Promise<InspectResult> {
  if (path === "-") {
    const { inspectPiped } = await import("./inspect-embeddings.js");
    return inspectPiped(stdin);
  }
  const magic = (await firstBytes(path, 6, TO_GIVE)).toString("latin1");
  const { size: bytes } = await stat(path);
  const named = extname(path).toLowerCase();
  const isArrow = magic === "ARROW1" || named === ".arrow" || named === ".arrows";
  if (!isArrow && !beginsLikeHead(magic) && named !== ".onnx") {
    throw new HeadstartError("format", `${path} is neither an embeddings file nor a head`, {
      facts: { path },
      hint: TO_GIVE,
    });
  }
  if (!isArrow) {
    const { inspectHead } = await import("./inspect-head.js");
    return inspectHead(path, bytes);
  }
  const { inspectEmbeddings } = await import("./inspect-embeddings.js");
  return inspectEmbeddings(path, bytes);
}
