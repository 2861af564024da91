import { HeadstartError } from "../core/errors.js";
import { mergeEmbeddings } from "../embeddings/merge/merge-embeddings.js";
import { checkTarget } from "./check-target.js";
import type { MergeOptions, MergeResult } from "./types.js";

/**
 * Makes one embeddings file of the shards of a data set, in the order of its input, or of several files of one
 * fingerprint, one after the other.
 * @throws {HeadstartError} `data` and `fingerprint`, naming the file that does not fit, before anything is written.
 * @example await merge({ inputs: ["x.1.arrow", "x.2.arrow"], out: "x.arrow" })
 */
export async function merge(options: MergeOptions): Promise<MergeResult> {
  const begun = performance.now();
  const { inputs, out, onDuplicate, onProgress, signal } = options;
  await checkTarget(out, inputs, ".arrow");
  const twice = inputs.find((input, i) => inputs.indexOf(input) !== i);
  if (twice !== undefined) {
    throw new HeadstartError("usage", `${twice} is given twice`, {
      facts: { path: twice },
      hint: "Give each file once.",
    });
  }
  const summary = await mergeEmbeddings({
    inputs,
    out,
    ...(onDuplicate !== undefined && { onDuplicate }),
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  return { ...summary, seconds: (performance.now() - begun) / 1000 };
}
