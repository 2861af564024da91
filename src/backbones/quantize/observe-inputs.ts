import { throwIfInterrupted } from "../../core/interrupted.js";
import type { OnProgress } from "../../core/progress.js";
import { encodeModel } from "../../onnx/encode-model.js";
import { indexGraph } from "../../onnx/graph-index.js";
import { innerOutputs } from "../../onnx/inner-outputs.js";
import { openSession } from "../../onnx/session.js";
import type { BackboneGraph } from "../backbone.js";
import { encodingBy } from "../encoder.js";
import type { SeenInput } from "./choose-migration.js";

/** Tokens of each text that are kept as a sample. */
const TOKENS_KEPT = 2;

export interface ObserveOptions {
  readonly threads?: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/**
 * Runs the fp32 graph on texts, one at a time, and looks at tensors inside it.
 * @param names - of tensors `[…, channels]`; those that the graph does not make are left out.
 * @param texts - token ids.
 * @throws {HeadstartError} `model` if the graph does not run; `interrupted` once the signal is aborted.
 */
export async function observeInputs(
  { model, folder, shape }: BackboneGraph,
  names: readonly string[],
  texts: readonly Int32Array[],
  { threads, onProgress, signal }: ObserveOptions = {},
): Promise<Map<string, SeenInput>> {
  const { maker } = indexGraph(model);
  const wanted = [...new Set(names)].filter((name) => maker.has(name));
  const seen = new Map<string, { peaks: Float32Array; rows: Float32Array[] }>();
  if (wanted.length === 0) return new Map();
  const session = await openSession(encodeModel(innerOutputs(model, wanted)), {
    weights: folder,
    ...(threads !== undefined && { threads }),
  });
  try {
    const look = encodingBy(
      {
        inputs: session.inputs,
        run: async (feeds, rows) => {
          const taken = Object.entries(feeds).filter(([name]) => session.inputs.includes(name));
          const outputs = await session.run(Object.fromEntries(taken));
          for (const name of wanted) {
            const { data, dims } = outputs[name]!;
            if (data instanceof Float32Array && data.length > 0) notice(name, data, dims.at(-1)!);
          }
          return new Float32Array(rows * shape.dim);
        },
      },
      shape,
    );
    for (const [done, ids] of texts.entries()) {
      throwIfInterrupted(signal);
      await look.encodeTexts([ids]);
      onProgress?.({ stage: "build", done: done + 1, total: texts.length, unit: "texts" });
    }
  } finally {
    await session.release();
  }
  return new Map(
    [...seen].map(([name, { peaks, rows }]) => [name, { peaks, sample: stacked(rows, peaks.length) }]),
  );

  function notice(name: string, data: Float32Array, channels: number): void {
    const known = seen.get(name) ?? { peaks: new Float32Array(channels), rows: [] };
    seen.set(name, known);
    const tokens = data.length / channels;
    for (let i = 0, at = 0; i < tokens; i++) {
      for (let j = 0; j < channels; j++, at++)
        known.peaks[j] = Math.max(known.peaks[j]!, Math.abs(data[at]!));
    }
    for (let i = 0; i < Math.min(TOKENS_KEPT, tokens); i++) {
      const token = Math.floor((i * tokens) / TOKENS_KEPT);
      known.rows.push(data.slice(token * channels, (token + 1) * channels));
    }
  }
}

function stacked(rows: readonly Float32Array[], cols: number): SeenInput["sample"] {
  const data = new Float32Array(rows.length * cols);
  rows.forEach((row, i) => {
    data.set(row, i * cols);
  });
  return { data, rows: rows.length, cols };
}
