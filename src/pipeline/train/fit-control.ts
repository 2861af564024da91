import type { FitControl } from "../../heads/classifier.js";
import type { TrainOptions } from "../types.js";

/**
 * What a command passes on to the heads that it fits: threads and the signal; progress of the last fit alone, as that of
 * a fit in a fold would take turns with the count of folds.
 */
export function fitControl(
  { threads, signal, onProgress }: Pick<TrainOptions, "threads" | "signal" | "onProgress">,
  fit: "fold" | "last",
): FitControl {
  return {
    ...(threads !== undefined && { threads }),
    ...(signal && { signal }),
    ...(fit === "last" && onProgress && { onProgress }),
  };
}
