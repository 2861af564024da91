import { probeShapes } from "../onnx/probe-shapes.js";
import type { Modality } from "./backbone.js";
import type { BackboneOptions } from "./backbone-options.js";
import { listTaps, type TapPlace } from "./graph/list-taps.js";
import { longer, probeFeeds } from "./graph/probe-feeds.js";
import { sideGraph } from "./graph/source-graph.js";
import { supplyTextInputs } from "./graph/supply-text-inputs.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { probeSize } from "./probe-size.js";

/** What `--layer` can take, and what it is like. */
export interface Tap extends TapPlace {
  /** `batch`, `tokens` and the like where a size varies; pixels are those that the preprocessor makes. */
  readonly shape: readonly (number | string)[];
}

const LENGTH: Readonly<Record<Modality, string>> = { text: "tokens", image: "?", audio: "length" };

/**
 * What can be tapped of a backbone, in the order of the network: found by names, its shapes by running the graph on
 * small inputs.
 * @throws {HeadstartError} `model` as `resolveBackbone` does, or if the graph does not run on them.
 */
export async function tappable(id: string, options: BackboneOptions = {}): Promise<Tap[]> {
  const { checkpoint, file } = await openCheckpoint(id, options);
  const { modality } = checkpoint;
  const side = sideGraph(file.model, modality);
  const model = modality === "text" ? supplyTextInputs(side, 0) : side;
  const places = listTaps(model);
  if (places.length === 0) return [];
  const sizes = [await probeSize(checkpoint, 1), longer(await probeSize(checkpoint, 2))];
  const feeds = sizes.map((size) => probeFeeds(model, size));
  const names = places.map(({ tensor }) => tensor);
  const [first, second] = await probeShapes(model, names, feeds, file.folder);
  return places.map((place) => {
    const [a, b] = [first!.get(place.tensor)!.dims, second!.get(place.tensor)!.dims];
    const shape = a.map((size, axis) => {
      if (size === b[axis]) return size;
      return axis === 0 && size === 1 && b[axis] === 2 ? "batch" : LENGTH[modality];
    });
    return { ...place, shape };
  });
}
