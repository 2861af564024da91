import type { Matrix } from "../../linalg/matrix.js";
import { cutGraph } from "../../onnx/cut-graph.js";
import { encodeModel } from "../../onnx/encode-model.js";
import type { Model } from "../../onnx/model.js";
import { openSession } from "../../onnx/session.js";
import { type ProbabilityRange, type RangeOfScores, ROUNDING } from "./range-of-scores.js";

/**
 * The same for a head of several labels: each label's probability is a map of its own pair of decision values, whose half
 * difference is its score before the threshold is taken off.
 * @param head - its graph. @param thresholds - one a label.
 * @returns null where probabilities are made of more than those pairs.
 */
export async function labelProbabilityRange(
  head: Model,
  thresholds: readonly number[],
): Promise<{ readonly of: RangeOfScores; release(): Promise<void> } | null> {
  const part = calibrationPart(head, thresholds);
  if (part === null) return null;
  const session = await openSession(encodeModel(part.model), { spin: false });
  const fed = new Set(part.model.graph.inputs.map(({ name }) => name));
  return {
    async of({ data, rows, cols }: Matrix, fused: Matrix): Promise<ProbabilityRange> {
      const low = new Float32Array(rows * cols).fill(1);
      const high = new Float32Array(rows * cols);
      for (const sign of [1, -1]) {
        const feeds = part.pairs.flatMap((name, k) => {
          const pairs = new Float32Array(2 * rows);
          for (let i = 0; i < rows; i++) {
            const [score, other] = [data[i * cols + k]!, fused.data[i * cols + k]!];
            const size = Math.max(1, Math.abs(score) + Math.abs(thresholds[k]!));
            const moved = score + thresholds[k]! + sign * (2 * Math.abs(score - other) + ROUNDING * size);
            pairs[2 * i] = -moved;
            pairs[2 * i + 1] = moved;
          }
          return fed.has(name) ? [[name, { dtype: "float32", data: pairs, dims: [rows, 2] }] as const] : [];
        });
        const out = (await session.run(Object.fromEntries(feeds))).probabilities!.data as Float32Array;
        out.forEach((p, at) => {
          low[at] = Math.min(low[at]!, p);
          high[at] = Math.max(high[at]!, p);
        });
      }
      return { low, high };
    },
    release: () => session.release(),
  };
}

/** The nodes from each label's pair of decision values to its probability, and the pairs' names in the order of labels. */
function calibrationPart(
  head: Model,
  thresholds: readonly number[],
): { readonly model: Model; readonly pairs: readonly string[] } | null {
  const { nodes, inputs } = head.graph;
  const makerOf = (name: string | undefined) => nodes.find((node) => node.outputs.includes(name ?? ""));
  const moved = makerOf(makerOf("scores")?.inputs[0]);
  const joined = thresholds.some((value) => value !== 0) ? makerOf(moved?.inputs[0]) : moved;
  const pairs = (joined?.inputs ?? []).map((score) => makerOf(score)?.inputs[0] ?? "");
  const makers = pairs.map(makerOf);
  if (pairs.length !== thresholds.length || makers.includes(undefined)) return null;
  const model = cutGraph(
    {
      ...head,
      graph: {
        ...head.graph,
        nodes: nodes.filter((node) => !makers.includes(node)),
        inputs: [...inputs, ...pairs.map((name) => ({ name, dtype: "float32" as const, shape: null }))],
      },
    },
    ["probabilities"],
  );
  return model.graph.inputs.every(({ name }) => pairs.includes(name)) ? { model, pairs } : null;
}
