import type { Encoder } from "../../backbones/backbone.js";
import { type EncoderShape, encodingBy } from "../../backbones/encoder.js";
import { HeadstartError } from "../../core/errors.js";
import type { HeadPredictions } from "../../heads/load-head.js";
import type { Feed, RunOutput, Session } from "../../onnx/session.js";

/** Encodes a batch; of a fused graph, what comes out are answers. */
export type EncodeBatch = (
  encoder: Pick<Encoder, "encodeTexts" | "encodeImages" | "encodeAudio">,
) => Promise<Float32Array>;

/** Asks a fused graph. */
export type AskClassifier = (encode: EncodeBatch) => Promise<HeadPredictions>;

/**
 * Feeds a fused graph as its backbone is fed.
 * @param shape - the backbone's.
 * @param classes - in the order of the score columns.
 */
export function classifierSession(
  session: Session,
  shape: EncoderShape,
  classes: readonly string[],
): AskClassifier {
  const count = classes.length;
  const hasProbabilities = session.outputs.includes("probabilities");
  // A row of a batch comes back as one row of numbers, in whatever order batches are run: label, scores, probabilities.
  const width = 1 + count * (hasProbabilities ? 2 : 1);
  const codeOf = new Map(classes.map((name, code) => [name, code]));
  const run = async (feeds: Record<string, Feed>, rows: number): Promise<Float32Array> => {
    const out = await session.run(feeds);
    const labels = labelsOf(out.label, rows);
    const scores = numbersOf(out.scores, rows, count);
    const probabilities = hasProbabilities ? numbersOf(out.probabilities, rows, count) : null;
    const packed = new Float32Array(rows * width);
    for (let i = 0; i < rows; i++) {
      packed[i * width] = codeOf.get(labels[i]!) ?? -1;
      packed.set(scores.subarray(i * count, (i + 1) * count), i * width + 1);
      if (probabilities !== null) {
        packed.set(probabilities.subarray(i * count, (i + 1) * count), i * width + 1 + count);
      }
    }
    return packed;
  };
  const encoder = encodingBy({ inputs: session.inputs, run }, { ...shape, dim: width });
  return async (encode) => {
    const packed = await encode(encoder);
    const rows = packed.length / width;
    const part = (from: number): Float32Array => {
      const data = new Float32Array(rows * count);
      for (let i = 0; i < rows; i++) {
        data.set(packed.subarray(i * width + from, i * width + from + count), i * count);
      }
      return data;
    };
    const table = (data: Float32Array) => ({ data, rows, cols: count });
    return {
      labels: Array.from({ length: rows }, (_, i) => classes[packed[i * width]!] ?? ""),
      scores: table(part(1)),
      probabilities: hasProbabilities ? table(part(1 + count)) : null,
    };
  };
}

function labelsOf(output: RunOutput | undefined, rows: number): readonly string[] {
  if (Array.isArray(output?.data) && output.data.length === rows) return output.data;
  throw unfit("label", `${rows} strings`, output);
}

function numbersOf(output: RunOutput | undefined, rows: number, count: number): Float32Array {
  if (output?.data instanceof Float32Array && output.data.length === rows * count) return output.data;
  throw unfit("scores and probabilities", `float32 [${rows}, ${count}]`, output);
}

function unfit(what: string, wanted: string, output: RunOutput | undefined): HeadstartError {
  return new HeadstartError(
    "model",
    `The fused graph gave [${output?.dims.join(", ") ?? ""}] for ${what}, expected ${wanted}`,
    { facts: { dims: output?.dims ?? null }, hint: "Make the file again with headstart export." },
  );
}
