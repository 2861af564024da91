import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { HeadstartError } from "../../src/core/errors.js";
import { readWeights, type WeightEntry, type Weights } from "../tfjs/read-weights.js";

/** A node of a TensorFlow.js graph model. */
export interface TopologyNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, TopologyAttribute>>;
}

/** Strings are base64, whole numbers are decimal text, as protobuf's JSON form has them. */
export interface TopologyAttribute {
  readonly s?: string;
  readonly list?: { readonly i?: readonly string[]; readonly s?: readonly string[] };
}

/** A TensorFlow.js graph model with its weights. */
export interface GraphBundle {
  readonly nodes: readonly TopologyNode[];
  readonly weights: Weights;
}

interface ModelJson {
  readonly format: string;
  readonly modelTopology: { readonly node: readonly TopologyNode[] };
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly WeightEntry[];
  }[];
}

/**
 * Reads a TensorFlow.js graph model that is packed into JavaScript files: `model.min.js` and shards of base64.
 * @param folder - holds those files.
 * @throws {HeadstartError} `format` if one of them exports something else.
 */
export async function readBundle(folder: string): Promise<GraphBundle> {
  const model = (await exported(join(folder, "model.min.js"))) as ModelJson;
  if (model.format !== "graph-model")
    throw new HeadstartError("format", `${folder} holds no TensorFlow.js graph model`);
  const group = model.weightsManifest[0]!;
  const shards = await Promise.all(group.paths.map((path) => shard(join(folder, `${path}.min.js`))));
  return { nodes: model.modelTopology.node, weights: readWeights(group.weights, Buffer.concat(shards)) };
}

async function shard(path: string): Promise<Uint8Array> {
  const base64 = await exported(path);
  if (typeof base64 !== "string") throw new HeadstartError("format", `${path} exports no base64 text`);
  return Buffer.from(base64, "base64");
}

/** What a CommonJS file exports, run in an empty context that has neither `require` nor `process`. */
async function exported(path: string): Promise<unknown> {
  const module: { exports: unknown } = { exports: {} };
  runInNewContext(
    await readFile(path, "utf8"),
    { module, exports: module.exports },
    { filename: path, timeout: 10_000 },
  );
  return module.exports;
}
