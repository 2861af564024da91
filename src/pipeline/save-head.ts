import { writeFileAtomic } from "../core/atomic-file.js";
import type { FittedHead } from "../heads/head.js";
import { type HeadMeta, headToOnnx, verifyHead } from "../heads/head-onnx.js";
import { type Matrix, selectRows } from "../linalg/matrix.js";
import type { RunControl } from "./types.js";

/** Rows on which a saved head is compared with the one in memory before the file is kept. */
const VERIFIED_ROWS = 256;

/**
 * Writes a head as ONNX, once the file has been found to answer as the head in memory does.
 * @param X - rows to compare on; some are taken, evenly spread.
 * @throws {HeadstartError} `model` if they disagree; `io` if the file cannot be written.
 */
export async function saveHead(
  path: string,
  head: FittedHead,
  X: Matrix,
  meta: HeadMeta,
  blocking: NonNullable<RunControl["blocking"]> = (work) => work(),
): Promise<void> {
  await saveVerified(
    path,
    X,
    () => headToOnnx(head, meta),
    (bytes, rows) => verifyHead(head, bytes, rows),
    blocking,
  );
}

/** Writes a file once it was found right on some rows of X, evenly spread. */
export async function saveVerified(
  path: string,
  X: Matrix,
  toBytes: () => Uint8Array,
  verify: (bytes: Uint8Array, rows: Matrix) => Promise<void>,
  blocking: NonNullable<RunControl["blocking"]>,
): Promise<void> {
  const bytes = await blocking(async () => toBytes());
  const step = Math.max(1, X.rows / VERIFIED_ROWS);
  const rows = Array.from({ length: Math.min(X.rows, VERIFIED_ROWS) }, (_, i) => Math.floor(i * step));
  await verify(bytes, selectRows(X, rows));
  await writeFileAtomic(path, bytes);
}
