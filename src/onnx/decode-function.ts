import { fieldsNumbered } from "./decode-hidden.js";
import { readNode } from "./decode-model.js";
import type { Model, Node } from "./model.js";
import { fields } from "./protobuf-fields.js";
import { WIRE } from "./protobuf-reader.js";

/** An operator that a model defines by itself. */
export interface ModelFunction {
  readonly name: string;
  /** `""` is `ai.onnx`. */
  readonly domain: string;
  readonly nodes: readonly Node[];
}

/**
 * The functions of a model (`FunctionProto`), which `decodeModel` keeps as bytes.
 * @throws {HeadstartError} `format` if they are damaged.
 */
export function decodeFunctions(model: Model): ModelFunction[] {
  return fieldsNumbered(model.unknown, 25).map((reader) => {
    const nodes: Node[] = [];
    let name = "";
    let domain = "";
    fields(reader, null, (field, wire) => {
      if (wire !== WIRE.bytes) return false;
      if (field === 1) name = reader.string();
      else if (field === 7) nodes.push(readNode(reader.message(), 0));
      else if (field === 10) domain = reader.string();
      else return false;
      return true;
    });
    return { name, domain: domain === "ai.onnx" ? "" : domain, nodes };
  });
}
