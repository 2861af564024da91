import type { Model } from "../../onnx/model.js";
import type { Feed } from "../../onnx/session.js";

/** Sizes of a small run. */
export interface ProbeSize {
  readonly batch: number;
  /** Of one row: tokens; samples or the sizes of a spectrogram; of an image 3, height and width. */
  readonly row: readonly number[];
}

/** Small inputs for a graph of one kind of content; sizes that it fixes are kept. */
export function probeFeeds(model: Model, { batch, row }: ProbeSize): Record<string, Feed> {
  const feeds: Record<string, Feed> = {};
  const free = [batch, ...row];
  for (const { name, dtype, shape } of model.graph.inputs) {
    const dims = (shape ?? free).map((dim, axis) => {
      if (typeof dim === "number") return dim;
      return free[axis] ?? row.at(-1)!;
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

/** The same with more tokens or samples, where a row has any number of them. */
export function longer({ batch, row }: ProbeSize): ProbeSize {
  return { batch, row: row.length > 1 ? row : [Math.ceil(row[0]! * 1.4)] };
}
