import type { ModelFunction } from "./decode-function.js";
import { operatorName } from "./describe-node.js";
import { graphsIn } from "./graphs-in.js";
import type { Model, Node } from "./model.js";
import { listNames, type Refuse } from "./refusal.js";
import { NEWEST, RUNTIME_DOMAINS } from "./runtime-limits.js";

/** Refuses a model that is newer than the runtime, or that uses operators which it does not have. */
export function checkVersions(model: Model, functions: readonly ModelFunction[], refuse: Refuse): void {
  const { irVersion, opsets } = model;
  if (irVersion < 1 || irVersion > NEWEST.irVersion) {
    throw refuse(
      `IR version ${irVersion}; ONNX Runtime here reads up to ${NEWEST.irVersion}`,
      "Export it again with an older onnx package, or set model.ir_version = 10 and save it.",
      { irVersion, newest: NEWEST.irVersion },
    );
  }
  for (const [domain, newest] of Object.entries(NEWEST.opsets)) {
    const version = Object.hasOwn(opsets, domain) ? opsets[domain]! : null;
    if (version === null || (version >= 1 && version <= newest)) continue;
    throw refuse(
      `operator set ${version} of ${domain || "ai.onnx"}; ONNX Runtime here has 1 to ${newest}`,
      "Export it again with a lower opset, such as 17: optimum-cli export onnx --opset 17 …",
      { domain: domain || "ai.onnx", version, newest },
    );
  }
  const own = new Set(functions.map(({ domain, name }) => operatorName(domain, name)));
  const foreign = new Set<string>();
  const visit = (nodes: readonly Node[]): void => {
    for (const { domain, opType, attributes } of nodes) {
      const operator = operatorName(domain, opType);
      if (!RUNTIME_DOMAINS.has(domain) && !own.has(operator)) foreign.add(operator);
      for (const graph of graphsIn(attributes)) visit(graph.nodes);
    }
  };
  visit(model.graph.nodes);
  for (const { nodes } of functions) visit(nodes);
  if (foreign.size === 0) return;
  throw refuse(
    `operators that ONNX Runtime does not have: ${listNames([...foreign])}`,
    "Export it with ONNX's own operators only; libraries of custom operators are never loaded.",
    { operators: [...foreign].slice(0, 50) },
  );
}
