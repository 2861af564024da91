import { HeadstartError } from "../core/errors.js";
import { convertOpset } from "./convert-opset.js";
import type { Model, ValueInfo } from "./model.js";
import { renameGraph, tensorNames } from "./rename-graph.js";

/** How one graph goes on where another ends. */
export interface Joint {
  /** The output of the first graph that is read. */
  readonly output: string;
  /** The input of the second graph that reads it; its only one. */
  readonly input: string;
  /** What the names inside the second graph are preceded by. */
  readonly prefix: string;
}

/**
 * Two graphs as one: the inputs of the first, the outputs of the second, which keep their names; tensors of the first
 * that have such a name are called otherwise. The second is written for the first one's version of `ai.onnx`; of other
 * domains the newer version counts. Metadata is that of neither.
 * @param tail - made by this project's graph builder.
 * @throws {HeadstartError} `model` if the graphs do not fit each other, or as `convertOpset` does.
 */
export function mergeGraphs(base: Model, tail: Model, { output, input, prefix }: Joint): Model {
  const joined = checkJoint(base, tail, output, input);
  const opset = base.opsets[""];
  const from = tail.opsets[""];
  if (opset === undefined || from === undefined) {
    throw new HeadstartError("model", "A graph does not say which operator set of ai.onnx it uses");
  }
  const kept = new Set(tail.graph.outputs.map(({ name }) => name));
  const clash = base.graph.inputs.find(({ name }) => kept.has(name));
  if (clash !== undefined) {
    throw new HeadstartError("model", `The backbone's input '${clash.name}' is called like an output`, {
      facts: { input: clash.name, outputs: [...kept] },
      hint: "Export the backbone with other names for its inputs.",
    });
  }
  const taken = new Set([...tensorNames(base.graph), ...kept]);
  const claim = (wanted: string): string => {
    let name = wanted;
    for (let i = 1; taken.has(name); i++) name = `${wanted}_${i}`;
    taken.add(name);
    return name;
  };
  const otherwise = new Map([...kept].map((name) => [name, claim(`backbone_${name}`)]));
  const first = renameGraph(base.graph, (name) => otherwise.get(name) ?? name);
  const names = new Map([[input, otherwise.get(output) ?? output]]);
  const renamed = (name: string): string => {
    if (kept.has(name)) return name;
    const known = names.get(name);
    if (known !== undefined) return known;
    const own = claim(`${prefix}${name}`);
    names.set(name, own);
    return own;
  };
  const second = renameGraph(convertOpset(tail.graph, from, opset), renamed, (name) => `${prefix}${name}`);
  const batch = joined.shape?.[0];
  const free = tail.graph.inputs[0]?.shape?.[0];
  const sized = (info: ValueInfo): ValueInfo => ({
    ...info,
    shape: info.shape?.map((dim) => (dim === free && typeof batch === "string" ? batch : dim)) ?? null,
  });
  const known = new Set(first.valueInfos.map(({ name }) => name));
  return {
    irVersion: Math.max(base.irVersion, tail.irVersion),
    producerName: tail.producerName,
    opsets: mergeOpsets(base.opsets, tail.opsets),
    metadata: {},
    unknown: [...base.unknown, ...tail.unknown],
    graph: {
      name: `${base.graph.name}_${tail.graph.name}`,
      nodes: [...first.nodes, ...second.nodes],
      initializers: [...first.initializers, ...second.initializers],
      inputs: first.inputs,
      outputs: second.outputs.map(sized),
      valueInfos: [
        ...first.valueInfos,
        ...first.outputs.filter(({ name }) => !known.has(name)),
        ...second.valueInfos.map(sized),
      ],
      unknown: first.unknown,
    },
  };
}

/** The output that is read; its type and width must be those that the tail's input has. */
function checkJoint(base: Model, tail: Model, output: string, input: string): ValueInfo {
  const given = base.graph.outputs.find(({ name }) => name === output);
  const read = tail.graph.inputs.find(({ name }) => name === input);
  const others = tail.graph.inputs.filter(({ name }) => name !== input);
  if (given === undefined || read === undefined || others.length > 0 || tail.graph.unknown.length > 0) {
    throw new HeadstartError("model", `The graphs do not join from '${output}' to '${input}'`, {
      facts: {
        outputs: base.graph.outputs.map(({ name }) => name),
        inputs: tail.graph.inputs.map(({ name }) => name),
      },
    });
  }
  const [width, wanted] = [given.shape?.[1], read.shape?.[1]];
  const differ = typeof width === "number" && typeof wanted === "number" && width !== wanted;
  if (given.dtype === read.dtype && !differ) return given;
  throw new HeadstartError(
    "model",
    `'${output}' is ${given.dtype} [n, ${width ?? "?"}], '${input}' takes ${read.dtype} [n, ${wanted ?? "?"}]`,
    { facts: { output, input, width, wanted } },
  );
}

function mergeOpsets(base: Model["opsets"], tail: Model["opsets"]): Record<string, number> {
  const merged: Record<string, number> = { ...base };
  for (const [domain, version] of Object.entries(tail)) {
    if (domain !== "") merged[domain] = Math.max(version, merged[domain] ?? 0);
  }
  return merged;
}
