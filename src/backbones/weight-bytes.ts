import type { Model } from "../onnx/model.js";

/** What a session on the graph holds at least: its weights, those in other files too. */
export function weightBytes({ graph }: Model): number {
  let bytes = 0;
  for (const { content } of graph.initializers) {
    if (content.kind === "raw") bytes += content.bytes.byteLength;
    else if (content.kind === "external") bytes += Number(content.entries.length ?? 0);
  }
  return bytes;
}
