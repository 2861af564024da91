import type { Node } from "./model.js";
import { ProtobufReader, WIRE } from "./protobuf-reader.js";

/**
 * The module that a node was exported from, as dotted names: `encoder.layer.3.output`. Read from the node's name as
 * TorchScript's exporter writes it, else from the metadata of PyTorch's newer exporter, else from its weights' names.
 * @returns an empty string where none of them says.
 */
export function modulePath(node: Node): string {
  if (node.name.includes("/")) {
    const parts = node.name.split("/").slice(0, -1);
    return tidy(parts.filter((part) => part !== "").join("."));
  }
  const noted = namespaceOf(node);
  if (noted !== null) return tidy(noted);
  const weight = node.inputs.find((input) =>
    /^[A-Za-z_][\w]*(\.\w+)+\.(weight|bias|gamma|beta)$/.test(input),
  );
  return weight === undefined ? "" : tidy(weight.slice(0, weight.lastIndexOf(".")));
}

/** A list of modules names each of them after itself: `layer1.layer1.0` is `layer1.0`. */
function tidy(path: string): string {
  return path.replaceAll(/(?<=^|\.)([A-Za-z_]\w*)\.(?=\1\.\d)/g, "");
}

/** `: Bert/encoder: BertEncoder/encoder.layer.0: BertLayer/linear: aten.linear.default` → `encoder.layer.0`. */
function namespaceOf(node: Node): string | null {
  for (const field of node.unknown) {
    const reader = new ProtobufReader(field);
    if (reader.tag().field !== METADATA) continue;
    const entry = reader.message();
    let key = "";
    let value = "";
    while (!entry.done) {
      const { field: number, wire } = entry.tag();
      if (number === 1 && wire === WIRE.bytes) key = entry.string();
      else if (number === 2 && wire === WIRE.bytes) value = entry.string();
      else entry.skip(wire);
    }
    if (key !== "namespace") continue;
    const modules = value.split("/").map((part) => part.split(":")[0]!.trim());
    return modules.slice(0, -1).at(-1) ?? null;
  }
  return null;
}

/** `metadata_props` of NodeProto. */
const METADATA = 9;
