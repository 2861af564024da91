import { HeadstartError } from "../core/errors.js";
import { type Feed, openSession, type SessionOptions } from "../onnx/session.js";
import { encodeSounds, rowsByLength } from "./audio/encode-sounds.js";
import type { Encoder } from "./backbone.js";

/** The sizes that an encoder must know of its backbone. */
export interface EncoderShape {
  readonly dim: number;
  /** Null for text. */
  readonly image: { readonly width: number; readonly height: number } | null;
  /** Of one prepared sound: null for waveforms; undefined where no sounds are heard. */
  readonly spectrogram?: readonly number[] | null | undefined;
  /** Fills a row up to its batch's length; its mask is 0. */
  readonly padId: number;
  /** False where padding could reach a vector: only texts of one length are then run together. */
  readonly readsMask: boolean;
}

/**
 * Opens a session on a feature graph: one output, `[batch, dim]`.
 * @throws {HeadstartError} `provider` or `model` as `openSession` does.
 */
export async function openEncoder(
  graph: Uint8Array | string,
  shape: EncoderShape,
  options: SessionOptions = {},
): Promise<Encoder> {
  const session = await openSession(graph, options);
  const output = session.outputs[0]!;
  let seconds = 0;
  const run = async (feeds: Record<string, Feed>, rows: number): Promise<Float32Array> => {
    const begun = performance.now();
    const { data, dims } = (await session.run(feeds))[output]!;
    seconds += (performance.now() - begun) / 1000;
    if (!(data instanceof Float32Array) || dims.length !== 2 || dims[0] !== rows || dims[1] !== shape.dim) {
      throw new HeadstartError(
        "model",
        `The backbone gave [${dims.join(", ")}], expected float32 [${rows}, ${shape.dim}]`,
      );
    }
    return data;
  };
  return {
    device: session.device,
    threads: session.threads,
    ranSeconds: () => seconds,
    ...encodingBy({ inputs: session.inputs, run }, shape),
    release: () => session.release(),
  };
}

/** What runs a graph on the feeds of some rows. */
export interface EncoderRun {
  /** Of the graph, in its order. */
  readonly inputs: readonly string[];
  /** @returns `[rows, dim]`, row-major. */
  run(feeds: Record<string, Feed>, rows: number): Promise<Float32Array>;
}

/** Prepared rows as feeds of a graph, and its answers in the order of the rows. */
export function encodingBy(
  { inputs, run }: EncoderRun,
  shape: EncoderShape,
): Pick<Encoder, "encodeTexts" | "encodeImages" | "encodeAudio"> {
  const encodeTogether = (batch: readonly Int32Array[]): Promise<Float32Array> => {
    // A row without tokens still takes a place, all of it padding.
    const tokens = batch.reduce((longest, ids) => Math.max(longest, ids.length), 1);
    const dims = [batch.length, tokens];
    const ids = new Int32Array(batch.length * tokens).fill(shape.padId);
    const mask = new Int32Array(batch.length * tokens);
    batch.forEach((row, i) => {
      ids.set(row, i * tokens);
      mask.fill(1, i * tokens, i * tokens + row.length);
    });
    const feeds: Record<string, Feed> = { input_ids: { dtype: "int64", data: ids, dims } };
    if (inputs.includes("attention_mask")) feeds.attention_mask = { dtype: "int64", data: mask, dims };
    if (inputs.includes("token_type_ids")) {
      feeds.token_type_ids = { dtype: "int64", data: new Int32Array(ids.length), dims };
    }
    return run(feeds, batch.length);
  };
  return {
    async encodeTexts(batch) {
      if (shape.readsMask) return encodeTogether(batch);
      const vectors = new Float32Array(batch.length * shape.dim);
      for (const rows of rowsByLength(batch)) {
        const encoded = await encodeTogether(rows.map((row) => batch[row]!));
        rows.forEach((row, i) => {
          vectors.set(encoded.subarray(i * shape.dim, (i + 1) * shape.dim), row * shape.dim);
        });
      }
      return vectors;
    },
    encodeImages(batch) {
      if (shape.image === null) throw new HeadstartError("usage", "This backbone reads text, not images");
      const size = 3 * shape.image.width * shape.image.height;
      const pixels = behindOneAnother(batch, size) ?? new Float32Array(batch.length * size);
      batch.forEach((image, i) => {
        if (image.buffer !== pixels.buffer) pixels.set(image, i * size);
      });
      const dims = [batch.length, 3, shape.image.height, shape.image.width];
      return run({ [inputs[0]!]: { dtype: "float32", data: pixels, dims } }, batch.length);
    },
    encodeAudio(batch) {
      const { spectrogram, readsMask } = shape;
      if (spectrogram === undefined) throw new HeadstartError("usage", "This backbone does not hear sounds");
      return encodeSounds(batch, { spectrogram, readsMask }, { inputs, run });
    },
  };
}

/** Rows of one size that already lie in one buffer, in their order and without gaps, as one view; else null. */
function behindOneAnother(rows: readonly Float32Array[], size: number): Float32Array | null {
  const [first] = rows;
  if (first === undefined) return null;
  const { buffer, byteOffset } = first;
  const fits = (row: Float32Array, i: number) =>
    row.buffer === buffer && row.length === size && row.byteOffset === byteOffset + 4 * i * size;
  return rows.every(fits) ? new Float32Array(buffer, byteOffset, rows.length * size) : null;
}
