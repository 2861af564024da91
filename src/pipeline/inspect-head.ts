import { inspectClassifier } from "./export/inspect-classifier.js";
import { checkedSample, openHead } from "./load-head.js";
import type { InspectResult } from "./types.js";

/**
 * A head, tried on the sample that is stored in it, or a classifier that it was fused into, of `bytes` bytes.
 * @throws {HeadstartError} `format` if it is neither; `model` if the head does not answer as it did when it was trained.
 */
export async function inspectHead(path: string, bytes: number): Promise<InspectResult> {
  const classifier = await inspectClassifier(path);
  if (classifier !== null) return classifier;
  const head = await openHead(path);
  const sample = await checkedSample(path, head).finally(() => head.release());
  const { backbone, ...stored } = head.meta;
  return {
    kind: "head",
    path,
    bytes,
    head: stored,
    backbone: backbone && { ...backbone },
    fingerprint: head.fingerprint,
    sample,
  };
}
