import { type GraphIndex, weightOf } from "./graph-index.js";
import type { Node } from "./model.js";

const NORMS = ["LayerNormalization", "SimplifiedLayerNormalization", "RMSNormalization"];
/** The operators that exporters for older operator sets write a layer normalisation in. */
const PARTS = ["ReduceMean", "Sub", "Pow", "Mul", "Add", "Sqrt", "Div", "Cast", "Reciprocal"];

/**
 * The normalisation that directly follows a tensor of states, the last step of networks that normalise before each
 * block: its output; null where something else follows.
 */
export function normAfter(index: GraphIndex, states: string): string | null {
  const readers = index.readers.get(states) ?? [];
  const whole = readers.find(({ opType }) => NORMS.includes(opType));
  if (whole !== undefined) return whole.outputs[0]!;
  // Of half precision the norm is computed in float32: such graphs keep the Cast in fp32 too.
  if (!readers.some(({ opType }) => ["ReduceMean", "Pow", "Cast"].includes(opType))) return null;
  return decomposed(index, states);
}

/** Follows the parts from the states on, to the product with a weight, and the addition of one where there is one. */
function decomposed(index: GraphIndex, states: string): string | null {
  const reached = new Set<string>([states]);
  const pending = [states];
  let scaled: Node | null = null;
  while (pending.length > 0) {
    for (const node of index.readers.get(pending.pop()!) ?? []) {
      if (!PARTS.includes(node.opType) || reached.has(node.outputs[0]!)) continue;
      if (node.opType === "Mul" && node.inputs.some((input) => weightOf(index, input)?.dims.length === 1)) {
        scaled = node;
        continue;
      }
      reached.add(node.outputs[0]!);
      pending.push(node.outputs[0]!);
    }
  }
  if (scaled === null) return null;
  const [next, ...others] = index.readers.get(scaled.outputs[0]!) ?? [];
  const shifted =
    next?.opType === "Add" && next.inputs.some((input) => weightOf(index, input)?.dims.length === 1);
  return shifted && others.length === 0 ? next.outputs[0]! : scaled.outputs[0]!;
}
