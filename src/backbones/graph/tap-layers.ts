import { HeadstartError } from "../../core/errors.js";
import { cutGraph } from "../../onnx/cut-graph.js";
import { graphBuilder, type TensorName } from "../../onnx/graph-builder.js";
import type { DataType, Model } from "../../onnx/model.js";
import type { GraphFile } from "../../onnx/open-graph-file.js";
import { probeShapes } from "../../onnx/probe-shapes.js";
import type { Layer, Modality, Pooling } from "../backbone.js";
import type { Family } from "../families.js";
import { asFloat32 } from "./as-float32.js";
import { hasChannelsLast } from "./channels-last.js";
import { findLayer } from "./find-layer.js";
import { poolPixels } from "./pool-pixels.js";
import { longer, type ProbeSize, probeFeeds } from "./probe-feeds.js";
import { supplyTextInputs } from "./supply-text-inputs.js";
import type { FeatureGraph } from "./text-feature.js";

/** What stands between the names of several layers in what is recorded. */
export const LAYERS_JOINED_BY = " + ";

/** A graph to look for the feature in, and what is recorded of it in place of what its outputs are called. */
export interface SourceGraph {
  readonly model: Model;
  readonly recorded: Partial<Pick<FeatureGraph, "layer" | "pooling">>;
}

export interface TapWanted {
  readonly layer: Layer;
  readonly modality: Modality;
  readonly family: Family | null;
  /** What the graph is tried on. */
  readonly size: ProbeSize;
  readonly pooling?: Pooling | undefined;
}

/**
 * Cuts a graph at layers of the user's choice. States of tokens or frames (`[n, length, dim]`) and vectors become its
 * one output, several side by side along the last axis; feature maps of images are pooled each, as their sizes differ.
 * @throws {HeadstartError} `usage` as `findLayer` does, or for layers that are no states or do not go together.
 */
export async function tapLayers(model: Model, file: GraphFile, wanted: TapWanted): Promise<SourceGraph> {
  const layers = Array.isArray(wanted.layer)
    ? (wanted.layer as readonly (number | string)[])
    : [wanted.layer];
  if (layers.length === 0) throw new HeadstartError("usage", "No layer is named");
  const names = layers.map((layer) => findLayer(model, layer as number | string));
  const { modality, size, family } = wanted;
  const fed = modality === "text" ? supplyTextInputs(model, 0) : model;
  const feeds = [size, longer(size)].map((one) => probeFeeds(fed, one));
  const [found, again] = await probeShapes(fed, names, feeds, file.folder);
  const [, height = 1, width = 1] = size.row;
  const taps = names.map((name): Tap => {
    const { dims, dtype } = found!.get(name)!;
    const channelsLast = modality === "image" && hasChannelsLast(dims, { width, height });
    const axis = dims.length === 4 && !channelsLast ? 1 : dims.length - 1;
    const varies = again!.get(name)!.dims.at(-1) !== dims.at(-1);
    return { name, dims, dtype, channelsLast, dim: varies ? null : dims[axis]! };
  });
  for (const tap of taps) checkTap(tap, wanted);
  const unique = [...new Set(names)];
  const graph = graphBuilder({ name: model.graph.name, base: cutGraph(model, unique) });
  const opset = model.opsets[""] ?? 0;
  const layer = names.join(LAYERS_JOINED_BY);
  const dim = taps.reduce((sum, tap) => sum + tap.dim!, 0);
  const wide = taps.map((tap) => asFloat32(graph, tap.name, tap.dtype));
  if (modality !== "image") {
    const ranks = new Set(taps.map(({ dims }) => dims.length));
    if (ranks.size > 1) throw unlike(taps);
    const together = joined(graph, wide, taps[0]!.dims.length - 1);
    const shape = taps[0]!.dims.length === 3 ? ["batch", "length", dim] : ["batch", dim];
    graph.output(together, "headstart_layers", "float32", shape);
    return { model: graph.build(), recorded: { layer } };
  }
  const pooled = wide.map((values, i) => {
    const { dims, channelsLast } = taps[i]!;
    const pool = { rank: dims.length as 2 | 3 | 4, channelsLast, opset };
    return poolPixels(graph, values, {
      ...pool,
      wanted: wanted.pooling ?? null,
      habit: family?.image ?? MEAN,
    });
  });
  const embedding = joined(
    graph,
    pooled.map((one) => one.vector),
    1,
  );
  graph.output(embedding, "headstart_layers", "float32", ["batch", dim]);
  return { model: graph.build(), recorded: { layer, pooling: onePooling(pooled.map((one) => one.pooling)) } };
}

/** What is recorded of several: it must give the same vectors again where it is asked for. */
function onePooling(poolings: readonly Pooling[]): Pooling {
  const used = [...new Set(poolings)].filter((pooling) => pooling !== "none");
  if (used.length < 2) return used[0] ?? "none";
  throw new HeadstartError("usage", `These layers are pooled in different ways: ${used.join(", ")}`, {
    facts: { poolings },
    hint: "Say one that fits all of them: --pooling mean or max.",
  });
}

interface Tap {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dtype: DataType;
  readonly channelsLast: boolean;
  /** Numbers of a vector; null where they depend on the length of the content. */
  readonly dim: number | null;
}

/** Of layers of an unknown family. */
const MEAN = { pooling: "mean" } as const;

function joined(
  graph: ReturnType<typeof graphBuilder>,
  parts: readonly TensorName[],
  axis: number,
): TensorName {
  return parts.length === 1 ? parts[0]! : graph.op("Concat", parts, { axis: { int: axis } });
}

const OF = { text: "a text", image: "an image", audio: "a sound" } as const;

function checkTap({ name, dims, dtype, dim }: Tap, { modality, size }: TapWanted): void {
  const ranks = modality === "image" ? [2, 3, 4] : [2, 3];
  const isFloat = dtype === "float32" || dtype === "float16";
  if (isFloat && ranks.includes(dims.length) && dims[0] === size.batch && dim !== null) return;
  throw new HeadstartError(
    "usage",
    `The layer '${name}' gives ${dtype} [${dims.join(", ")}] for ${size.batch} rows, which is no state of ${OF[modality]}`,
    { facts: { layer: name, dims, dtype }, hint: "headstart backbones show <id> lists what can be taken." },
  );
}

function unlike(taps: readonly Tap[]): HeadstartError {
  const listed = taps.map(({ name, dims }) => `${name} [${dims.join(", ")}]`).join("; ");
  return new HeadstartError("usage", `These layers do not go together: ${listed}`, {
    hint: "Take states of tokens only, or vectors only.",
  });
}
