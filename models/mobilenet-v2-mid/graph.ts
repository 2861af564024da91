import { HeadstartError } from "../../src/core/errors.js";
import { type GraphBuilder, graphBuilder, type TensorName } from "../../src/onnx/graph-builder.js";
import type { Model } from "../../src/onnx/model.js";
import type { Weights } from "../tfjs/read-weights.js";
import type { GraphBundle, TopologyNode } from "./read-bundle.js";

/**
 * Translates a TensorFlow.js graph, up to one layer, into ONNX, and averages that layer over the picture.
 * The original reads colours from 0 to 1, channels last; this one reads 0 to 255, channels first.
 * @param layer - the end of the name of the node to stop at: `expanded_conv_13/expand/Relu6`.
 * @returns `pixel_values` `[batch, 3, height, width]` to `embedding` `[batch, channels]`, opset 13.
 */
export function pooledLayerGraph({ nodes, weights }: GraphBundle, layer: string): Model {
  const g = graphBuilder({ name: "mobilenet-v2-mid", opset: 13 });
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const last = nodes.find((node) => node.name.endsWith(`/${layer}`));
  if (last === undefined) throw new HeadstartError("format", `The graph has no layer '${layer}'`);
  const limits = [g.float32([0], [], "relu6_low"), g.float32([6], [], "relu6_high")] as const;
  const made = new Map<string, TensorName>();
  let channels = 3;

  const translate = (name: string): TensorName => {
    const done = made.get(name);
    if (done !== undefined) return done;
    const node = byName.get(name);
    if (node === undefined) throw new HeadstartError("format", `The graph has no node '${name}'`);
    const tensor = emit(node);
    made.set(name, tensor);
    return tensor;
  };

  const emit = (node: TopologyNode): TensorName => {
    const name = shortName(node.name);
    const input = (at: number): string => node.input![at]!;
    switch (node.op) {
      case "Placeholder": {
        const pixels = g.input("pixel_values", "float32", ["batch", 3, "height", "width"]);
        return g.op("Mul", [pixels, g.float32([1 / 255], [], "byte_scale")], {}, { name: "unit_colors" });
      }
      case "Const":
        return g.float32(weights.float32(node.name), weights.shape(node.name), name);
      case "Mul":
      case "Sub":
      case "AddV2":
        return g.op(node.op === "AddV2" ? "Add" : node.op, node.input!.map(translate), {}, { name });
      case "_FusedConv2D":
      case "FusedDepthwiseConv2dNative": {
        const source = translate(input(0));
        const kernel = convolutionKernel(
          weights,
          input(1),
          node.op === "_FusedConv2D" ? "dense" : "depthwise",
        );
        channels = kernel.dims[0]!;
        const convolved = g.op(
          "Conv",
          [
            source,
            g.float32(kernel.values, kernel.dims, shortName(input(1))),
            g.float32(weights.float32(input(2), [channels]), [channels], shortName(input(2))),
          ],
          {
            auto_pad: { string: padding(node) },
            kernel_shape: { ints: kernel.dims.slice(2) },
            strides: { ints: spatial(node, "strides") },
            dilations: { ints: spatial(node, "dilations") },
            group: { int: node.op === "_FusedConv2D" ? 1 : channels },
          },
          { name: fusedOps(node) === "BiasAdd" ? name : `${name}/linear` },
        );
        return activation(g, node, convolved, limits, name);
      }
      default:
        throw new HeadstartError("format", `Node '${node.name}' is a ${node.op}, which is not translated`);
    }
  };

  const features = translate(last.name);
  const pooled = g.op("GlobalAveragePool", [features], {}, { name: "pooled" });
  g.output(g.op("Flatten", [pooled], { axis: { int: 1 } }, { name: "embedding" }), "embedding", "float32", [
    "batch",
    channels,
  ]);
  return g.build();
}

/** Names without the wrappers that the original's export put around the network. */
function shortName(name: string): string {
  return name.replace(/^.*\/predict\//, "");
}

/** `[height, width, in, out]` to `[out, in, height, width]`; depthwise `[height, width, in, 1]` to `[in, 1, …]`. */
function convolutionKernel(
  weights: Weights,
  name: string,
  kind: "dense" | "depthwise",
): { values: Float32Array; dims: readonly number[] } {
  const source = weights.float32(name);
  const [height, width, second, third] = weights.shape(name) as [number, number, number, number];
  if (kind === "depthwise" && third !== 1)
    throw new HeadstartError("format", `'${name}' multiplies channels`);
  const [inside, outside] = kind === "dense" ? [second, third] : [1, second];
  const area = height * width;
  const values = new Float32Array(source.length);
  for (let at = 0; at < area; at++) {
    for (let i = 0; i < inside; i++) {
      for (let o = 0; o < outside; o++) {
        values[(o * inside + i) * area + at] = source[(at * inside + i) * outside + o]!;
      }
    }
  }
  return { values, dims: [outside, inside, height, width] };
}

function activation(
  g: GraphBuilder,
  node: TopologyNode,
  tensor: TensorName,
  limits: readonly [low: TensorName, high: TensorName],
  name: string,
): TensorName {
  const fused = fusedOps(node);
  if (fused === "BiasAdd") return tensor;
  if (fused !== "BiasAdd,Relu6") throw new HeadstartError("format", `Node '${node.name}' fuses ${fused}`);
  return g.op("Clip", [tensor, ...limits], {}, { name });
}

const text = (base64: string | undefined): string => Buffer.from(base64 ?? "", "base64").toString("latin1");

function fusedOps(node: TopologyNode): string {
  return (node.attr?.fused_ops?.list?.s ?? []).map(text).join();
}

/** TensorFlow's SAME puts the odd pixel at the end, which ONNX calls SAME_UPPER. */
function padding(node: TopologyNode): string {
  const name = text(node.attr?.padding?.s);
  if (name === "SAME") return "SAME_UPPER";
  if (name === "VALID") return "VALID";
  throw new HeadstartError("format", `Node '${node.name}' pads by '${name}'`);
}

/** Height and width of a list over `[batch, height, width, channels]`. */
function spatial(node: TopologyNode, key: "strides" | "dilations"): number[] {
  if (text(node.attr?.data_format?.s) !== "NHWC")
    throw new HeadstartError("format", `Node '${node.name}' is not NHWC`);
  return (node.attr?.[key]?.list?.i ?? []).slice(1, 3).map(Number);
}
