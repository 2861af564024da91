import { encodeModel } from "./encode-model.js";
import { innerOutputs } from "./inner-outputs.js";
import type { DataType, Model } from "./model.js";
import { type Feed, openSession } from "./session.js";

/** A tensor as a run made it. */
export interface Probed {
  readonly dims: readonly number[];
  readonly dtype: DataType;
}

/**
 * Runs a graph on small inputs to see what its tensors are like; exporters seldom say.
 * @param names - of tensors in the graph.
 * @param feeds - one run each; inputs that `names` do not need are left out.
 * @param weights - the folder of external weights.
 * @returns for each run, what each tensor was.
 * @throws {HeadstartError} `model` if the graph does not run.
 */
export async function probeShapes(
  model: Model,
  names: readonly string[],
  feeds: readonly Readonly<Record<string, Feed>>[],
  weights: string,
): Promise<ReadonlyMap<string, Probed>[]> {
  const wanted = [...new Set(names)];
  const session = await openSession(encodeModel(innerOutputs(model, wanted)), { weights, optimize: false });
  try {
    const runs: ReadonlyMap<string, Probed>[] = [];
    for (const feed of feeds) {
      const taken = Object.entries(feed).filter(([name]) => session.inputs.includes(name));
      const results = await session.run(Object.fromEntries(taken));
      runs.push(new Map(wanted.map((name) => [name, probed(results[name]!)])));
    }
    return runs;
  } finally {
    await session.release();
  }
}

function probed({ dims, data }: { dims: readonly number[]; data: unknown }): Probed {
  return { dims, dtype: typeOf(data) };
}

/** Half precision comes as 16-bit integers. */
function typeOf(data: unknown): DataType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Uint16Array) return "float16";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof BigInt64Array) return "int64";
  return "undefined";
}
