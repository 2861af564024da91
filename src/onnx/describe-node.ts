import type { Node } from "./model.js";

/** A node as errors name it. */
export function describeNode(node: Node): string {
  return `node '${node.name || node.outputs[0] || "?"}' (${operatorName(node.domain, node.opType)})`;
}

/** `domain.operator`, as errors name it. */
export function operatorName(domain: string, name: string): string {
  return domain === "" ? name : `${domain}.${name}`;
}
