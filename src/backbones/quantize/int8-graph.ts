import { cutGraph } from "../../onnx/cut-graph.js";
import { float32Values } from "../../onnx/float32-values.js";
import { graphBuilder } from "../../onnx/graph-builder.js";
import type { LinearLayer } from "../../onnx/linear-layers.js";
import type { Model, Node, Tensor } from "../../onnx/model.js";
import { readsOf } from "../../onnx/sort-nodes.js";
import { layerWeight } from "./layer-weight.js";
import { quantizeColumns } from "./quantize-columns.js";
import { quantizeRows } from "./quantize-rows.js";
import { type NameOfPart, type RoundedTokens, tokenRounding } from "./round-tokens.js";

/** What is rounded, and how. */
export interface Int8Plan {
  /** All of the model; those that share an input share its rounding. */
  readonly layers: readonly LinearLayer[];
  /** By input: what its channels are divided by first, and the weights' rows multiplied by. */
  readonly migrations: ReadonlyMap<string, Float32Array>;
  /** Largest whole number of a weight: 63 or 127. */
  readonly limit: number;
}

/** Tables that are smaller stay as they are. */
const TABLE_BYTES = 2 ** 20;

/**
 * Rewrites a graph so that its linear layers multiply whole numbers: tokens as uint8, each on a scale of its own, weights
 * as int8, each column on its own scale. No vector depends on its neighbours in the batch. Large tables of vectors are
 * stored as int8, each row on its own scale.
 * @param model - weights in memory; operator set 11 or newer.
 */
export function int8Graph(model: Model, { layers, migrations, limit }: Int8Plan): Model {
  const lookups = tableLookups(model);
  const replaced = new Set<Node>([...layers.map(({ node }) => node), ...lookups.map(({ node }) => node)]);
  const graph = graphBuilder({ name: model.graph.name, base: model });
  /** What a replaced node made, by the name of what is made instead. */
  const standsFor = new Map<string, string>();
  const origins = new Map<Node, Node>();
  const attribute = (node: Node): void => {
    for (const made of graph.build().graph.nodes.slice(model.graph.nodes.length + origins.size)) {
      origins.set(made, node);
    }
  };
  for (const { node, table } of lookups) {
    const [rows, cols] = table.dims as [number, number];
    const { codes, scales } = quantizeRows({ data: float32Values(table), rows, cols });
    const ids = node.inputs[1]!;
    const name = partsOf(node);
    const found = graph.op(
      "Gather",
      [graph.int8(codes, [rows, cols], `${table.name}_int8`), ids],
      {},
      name("codes"),
    );
    const scale = graph.op(
      "Gather",
      [graph.float32(scales, [rows, 1], `${table.name}_scale`), ids],
      {},
      name("scale"),
    );
    const wide = graph.op("Cast", [found], { to: { int: 1 } }, name("wide"));
    standsFor.set(graph.op("Mul", [wide, scale], {}, name("vectors")), node.outputs[0]!);
    attribute(node);
  }
  const round = tokenRounding(graph, model.opsets[""] ?? 0);
  const inputs = new Map<string, RoundedTokens>();
  for (const layer of layers) {
    const { node, input, bias, weight } = layer;
    const factors = migrations.get(input) ?? null;
    const name = partsOf(node);
    const tokens = inputs.get(input) ?? round.tokens(input, factors, name);
    inputs.set(input, tokens);
    const { codes, scales } = quantizeColumns(layerWeight(layer), limit, factors);
    const product = graph.op(
      "MatMulIntegerToFloat",
      [
        tokens.codes,
        graph.int8(codes, [layer.inputs, layer.outputs], `${weight.name}_int8`),
        round.one,
        graph.float32(scales, [layer.outputs], `${weight.name}_scale`),
        round.middle,
        round.zero,
      ],
      {},
      { domain: "com.microsoft", ...name("product") },
    );
    const scaled = graph.op("Mul", [product, tokens.scale], {}, name("scaled"));
    const sum = bias === null ? scaled : graph.op("Add", [scaled, bias], {}, name("sum"));
    standsFor.set(sum, node.outputs[0]!);
    attribute(node);
  }
  const built = graph.build();
  const { outputs } = model.graph;
  const nodes = built.graph.nodes
    .filter((node) => !replaced.has(node))
    .map((node) => ({
      ...node,
      outputs: node.outputs.map((name) => standsFor.get(name) ?? name),
      // Newer exporters note the module there.
      unknown: origins.get(node)?.unknown ?? node.unknown,
    }));
  const whole = { ...built, graph: { ...built.graph, nodes: inOrderOf(model.graph.nodes, nodes), outputs } };
  return cutGraph(
    whole,
    outputs.map(({ name }) => name),
  );
}

/** Names of what stands for a node: its module, which blocks are told apart by, stays in them. */
function partsOf({ name, opType }: Node): NameOfPart {
  return (part) => ({ name: `${name === "" ? opType.toLowerCase() : name}_int8_${part}` });
}

/**
 * New nodes in the order of those that they replace, each with what only it needs before it: the graph's blocks are told
 * apart by the order of their nodes.
 */
function inOrderOf(order: readonly Node[], nodes: readonly Node[]): Node[] {
  const maker = new Map(nodes.flatMap((node) => node.outputs.map((name): [string, Node] => [name, node])));
  const placed = new Set<Node>();
  const place = (node: Node): void => {
    if (placed.has(node)) return;
    for (const name of readsOf(node)) {
      const needed = maker.get(name);
      if (needed !== undefined) place(needed);
    }
    placed.add(node);
  };
  for (const { outputs } of order) place(maker.get(outputs[0]!)!);
  return [...placed];
}

/** Where rows of a large float32 table are looked up by their numbers. */
function tableLookups({ graph }: Model): { readonly node: Node; readonly table: Tensor }[] {
  const tables = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  return graph.nodes.flatMap((node) => {
    const table = node.opType === "Gather" && node.domain === "" ? tables.get(node.inputs[0]!) : undefined;
    const { axis } = node.attributes;
    if (table?.dtype !== "float32" || table.dims.length !== 2) return [];
    if (axis?.type === "int" && Number(axis.value) !== 0) return [];
    return 4 * table.dims[0]! * table.dims[1]! < TABLE_BYTES ? [] : [{ node, table }];
  });
}
