import type { Model } from "../../onnx/model.js";
import type { Feed } from "../../onnx/session.js";
import type { Modality } from "../backbone.js";

/** Sizes of a small run. */
export interface ProbeSize {
  readonly batch: number;
  /** Tokens, or samples or frames of a sound. */
  readonly length: number;
  /** Pixels, where the graph takes any. */
  readonly side: number;
}

/** Small inputs for a graph of one kind of content; sizes that it fixes are kept. */
export function probeFeeds(model: Model, modality: Modality, size: ProbeSize): Record<string, Feed> {
  const feeds: Record<string, Feed> = {};
  for (const { name, dtype, shape } of model.graph.inputs) {
    const free = modality === "image" ? [size.batch, 3, size.side, size.side] : [size.batch, size.length];
    const dims = (shape ?? free).map((dim, axis) => {
      if (typeof dim === "number") return dim;
      return free[axis] ?? size.length;
    });
    const count = dims.reduce((product, dim) => product * dim, 1);
    if (dtype === "int64") {
      const value = name === "token_type_ids" || name === "position_ids" ? 0 : 1;
      feeds[name] = { dtype, data: new Int32Array(count).fill(value), dims };
    } else if (dtype === "float32") {
      feeds[name] = { dtype, data: Float32Array.from({ length: count }, (_, i) => Math.sin(i)), dims };
    }
  }
  return feeds;
}
