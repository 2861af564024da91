import type { Model } from "../../onnx/model.js";

/**
 * How many tokens a text encoder has vectors for: the rows of the table that its token ids are looked up in. Casts of the
 * ids are seen through; null where the ids go elsewhere.
 */
export function embeddingRows({ graph }: Model, ids = "input_ids"): number | null {
  const names = new Set([ids]);
  const tables = new Map(graph.initializers.map(({ name, dims }) => [name, dims]));
  let rows: number | null = null;
  for (const { opType, inputs, outputs } of graph.nodes) {
    const [first = "", second = ""] = inputs;
    if ((opType === "Cast" || opType === "Identity") && names.has(first)) names.add(outputs[0] ?? "");
    const table = opType === "Gather" && names.has(second) ? tables.get(first) : undefined;
    // A quantised table is looked up before or after it is widened: rows are rows.
    if (opType === "DequantizeLinear" && tables.has(first)) tables.set(outputs[0] ?? "", tables.get(first)!);
    if (table?.length === 2) rows = Math.min(rows ?? Number.POSITIVE_INFINITY, table[0]!);
  }
  return rows;
}
