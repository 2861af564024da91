import { type GraphIndex, indexGraph } from "./graph-index.js";
import type { Model, Node } from "./model.js";
import { normAfter } from "./norm-after.js";

/** What these give does not depend on the values that they read. */
const NO_VALUES = ["Shape", "Size", "Constant", "ConstantOfShape", "Range"];
const ATTENTION = ["Softmax", "Attention", "MultiHeadAttention", "GroupQueryAttention"];
/** How a decomposed normalisation begins: it is no place where a network branches. */
const NORM_BEGINS = ["ReduceMean", "Sub", "Pow", "Cast"];
/** What may stand between the addition at the end of a block and the next block. */
const AFTER_ADDITION = ["LayerNormalization", "SimplifiedLayerNormalization", "Relu"];

/**
 * The outputs of a network's residual blocks, found by the shape of the graph alone: tensors through which everything
 * must pass, and at which it branches into a block and the way around it. The two halves of a transformer's block,
 * attention and the layers after it, are taken together; what comes before the first block is left out.
 * @returns an empty list where there are none.
 */
export function residualBlocks(model: Model, content: string): string[] {
  const index = indexGraph(model);
  const { narrow, data } = bottlenecks(model, index, content);
  const forks = narrow.filter((name) => {
    const readers = (index.readers.get(name) ?? []).filter(({ opType }) => !NO_VALUES.includes(opType));
    return readers.length > 1 && !readers.every(({ opType }) => NORM_BEGINS.includes(opType));
  });
  if (forks.length === 0) return [];
  const isSum = (node: Node | undefined): boolean =>
    node?.opType === "Add" && node.inputs.every((input) => data.has(input));
  const ends = [...forks];
  const after = placeOf(index, forks.at(-1)!);
  const sum = narrow.findLast((name) => placeOf(index, name) > after && isSum(index.maker.get(name)));
  if (sum !== undefined) {
    const inner = forks.slice(1);
    const bare = inner.length > 0 && inner.every((name) => isSum(index.maker.get(name)));
    ends.push(bare ? sum : followed(index, sum));
  }
  const attends = ends.map((name, i) => i > 0 && hasAttention(model, index, ends[i - 1]!, name));
  const outputs = ends.filter((_, i) => i > 0 && !(attends[i] && i + 1 < ends.length && !attends[i + 1]));
  return outputs;
}

/** Tensors such that all that comes later depends on the content through them alone; and all that depend on it. */
function bottlenecks(
  model: Model,
  index: GraphIndex,
  content: string,
): { readonly narrow: readonly string[]; readonly data: ReadonlySet<string> } {
  const data = new Set([content]);
  const unread = new Map<string, number>();
  const readersOf = (name: string): number =>
    (index.readers.get(name) ?? []).filter(({ opType }) => !NO_VALUES.includes(opType)).length;
  unread.set(content, readersOf(content));
  const narrow: string[] = [];
  for (const node of model.graph.nodes) {
    if (NO_VALUES.includes(node.opType)) continue;
    const read = [...new Set(node.inputs)].filter((input) => data.has(input));
    if (read.length === 0) continue;
    for (const input of read) {
      const left = unread.get(input)! - 1;
      if (left > 0) unread.set(input, left);
      else unread.delete(input);
    }
    for (const output of node.outputs.filter((name) => name !== "")) {
      data.add(output);
      const readers = readersOf(output);
      if (readers > 0) unread.set(output, readers);
    }
    const [made] = node.outputs;
    const alone = unread.size === 0 || (unread.size === 1 && unread.has(made!));
    if (alone && made !== undefined) narrow.push(made);
  }
  return { narrow, data };
}

/** The normalisation or activation that the blocks of such a network end in. */
function followed(index: GraphIndex, sum: string): string {
  const next = index.readers.get(sum)?.find(({ opType }) => AFTER_ADDITION.includes(opType));
  return next?.outputs[0] ?? normAfter(index, sum) ?? sum;
}

function hasAttention(model: Model, index: GraphIndex, from: string, to: string): boolean {
  const nodes = model.graph.nodes.slice(placeOf(index, from) + 1, placeOf(index, to));
  return nodes.some(({ opType }) => ATTENTION.includes(opType));
}

const placeOf = (index: GraphIndex, name: string): number => index.place.get(index.maker.get(name)!)!;
