import type { GraphIndex } from "./graph-index.js";
import type { Model, Node } from "./model.js";

/** Operators that give shapes or constants, never states. */
const NO_STATES = ["Shape", "Constant", "ConstantOfShape", "Range", "Size", "NonZero"];

/**
 * The tensor that a module passes on: of all that its nodes make and others read, the one made last.
 * @param nodes - the module's.
 * @returns null where nothing leaves it.
 */
export function moduleOutput(model: Model, index: GraphIndex, nodes: ReadonlySet<Node>): string | null {
  const given = new Set(model.graph.outputs.map(({ name }) => name));
  let last: string | null = null;
  let place = -1;
  for (const node of nodes) {
    if (NO_STATES.includes(node.opType)) continue;
    const at = index.place.get(node)!;
    if (at <= place) continue;
    const leaving = node.outputs.find(
      (output) => given.has(output) || index.readers.get(output)?.some((reader) => !nodes.has(reader)),
    );
    if (leaving === undefined) continue;
    last = leaving;
    place = at;
  }
  return last;
}
