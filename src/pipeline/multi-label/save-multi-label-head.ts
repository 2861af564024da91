import type { FittedMultiLabelHead } from "../../heads/multi-label/multi-label-head.js";
import {
  type MultiLabelMeta,
  multiLabelToOnnx,
  verifyMultiLabelHead,
} from "../../heads/multi-label/multi-label-onnx.js";
import type { Matrix } from "../../linalg/matrix.js";
import { saveVerified } from "../save-head.js";
import type { RunControl } from "../types.js";

/**
 * Writes a head of several labels as ONNX, once the file has been found to answer as the head in memory does.
 * @param X - rows to compare on; some are taken, evenly spread.
 * @throws as `saveHead`.
 */
export function saveMultiLabelHead(
  path: string,
  head: FittedMultiLabelHead,
  X: Matrix,
  meta: MultiLabelMeta,
  blocking: NonNullable<RunControl["blocking"]>,
): Promise<void> {
  return saveVerified(
    path,
    X,
    () => multiLabelToOnnx(head, meta),
    (bytes, rows) => verifyMultiLabelHead(head, bytes, rows),
    blocking,
  );
}
