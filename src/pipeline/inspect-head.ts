import { inspectClassifier } from "./export/inspect-classifier.js";
import { openHead } from "./load-head.js";
import type { InspectResult } from "./types.js";

/** A head, or a classifier that it was fused into, of `bytes` bytes. @throws {HeadstartError} `format` if it is neither. */
export async function inspectHead(path: string, bytes: number): Promise<InspectResult> {
  const classifier = await inspectClassifier(path);
  if (classifier !== null) return classifier;
  const head = await openHead(path);
  await head.release();
  const { backbone, ...stored } = head.meta;
  return {
    kind: "head",
    path,
    bytes,
    head: stored,
    backbone: backbone && { ...backbone },
    fingerprint: head.fingerprint,
  };
}
