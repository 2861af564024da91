import type { LoadedHead } from "../../heads/load-head.js";
import { cutGraph } from "../../onnx/cut-graph.js";
import { decodeModel } from "../../onnx/decode-model.js";
import { encodeModel } from "../../onnx/encode-model.js";
import type { Model } from "../../onnx/model.js";
import { openSession } from "../../onnx/session.js";
import { labelProbabilityRange } from "./label-probability-range.js";
import { type RangeOfScores, ROUNDING } from "./range-of-scores.js";

/**
 * Isotonic maps are steep: scores that differ in their last digits may lie on both sides of a step. This runs the part
 * of a head that makes probabilities of scores, on scores moved by as much as those of two runs differ.
 * @param bytes - the head's file.
 * @returns null for a head whose probabilities are not a calibration of its scores.
 */
export async function probabilityRange(
  bytes: Uint8Array,
  { meta, classes }: Pick<LoadedHead, "meta" | "classes">,
): Promise<{ readonly of: RangeOfScores; release(): Promise<void> } | null> {
  if (meta.calibration === undefined) return null;
  if (meta.multiLabel !== undefined)
    return labelProbabilityRange(decodeModel(bytes), meta.multiLabel.thresholds);
  const part = calibrationPart(decodeModel(bytes), meta.threshold !== undefined);
  if (part === null) return null;
  const session = await openSession(encodeModel(part.model), { spin: false });
  const offset = classes.map((name) => (name === meta.threshold?.positive ? meta.threshold.value : 0));
  return {
    async of(apart, fused) {
      const { rows, cols } = apart;
      const low = new Float32Array(rows * cols).fill(1);
      const high = new Float32Array(rows * cols);
      for (let column = 0; column < cols; column++) {
        for (const sign of [1, -1]) {
          const data = Float32Array.from(apart.data, (score, at) => {
            const k = at % cols;
            const step = 2 * Math.abs(score - fused.data[at]!) + ROUNDING * Math.max(1, Math.abs(score));
            return score + offset[k]! + (k === column ? sign : -sign) * step;
          });
          const feed = { dtype: "float32", data, dims: [rows, cols] } as const;
          const out = (await session.run({ [part.scores]: feed })).probabilities!.data as Float32Array;
          out.forEach((p, at) => {
            low[at] = Math.min(low[at]!, p);
            high[at] = Math.max(high[at]!, p);
          });
        }
      }
      return { low, high };
    },
    release: () => session.release(),
  };
}

/** The nodes from scores, before a threshold is taken off, to probabilities; null where those need more. */
function calibrationPart(head: Model, hasThreshold: boolean): { model: Model; scores: string } | null {
  const makerOf = (name: string | undefined) =>
    head.graph.nodes.find((node) => node.outputs.includes(name ?? ""));
  const moved = makerOf("scores")?.inputs[0];
  const scores = hasThreshold ? makerOf(moved)?.inputs[0] : moved;
  const maker = makerOf(scores);
  if (scores === undefined || maker === undefined) return null;
  const model = cutGraph(
    {
      ...head,
      graph: {
        ...head.graph,
        nodes: head.graph.nodes.filter((node) => node !== maker),
        inputs: [...head.graph.inputs, { name: scores, dtype: "float32", shape: null }],
      },
    },
    ["probabilities"],
  );
  return model.graph.inputs.length === 1 && model.graph.inputs[0]!.name === scores ? { model, scores } : null;
}
