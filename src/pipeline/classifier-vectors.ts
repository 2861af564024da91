import type { Backbone, Encoder, Modality } from "../backbones/backbone.js";
import { HeadstartError } from "../core/errors.js";
import { textContent } from "../data/text-content.js";
import { audioBatching, type Batching, imageBatching, textBatching } from "../embeddings/engine/batching.js";
import type { ClassifierInput } from "./types.js";

/** Most tokens, images and samples of a batch: those of `embed`. */
const BATCH = { tokens: 2048, images: 16, samples: 480_000 };
/** Characters that a text may have. */
const LONGEST_TEXT = 10_000_000;

/**
 * The vectors of inputs, `[n, dim]`: given ones as they are, others by the backbone, in batches of like length.
 * @throws {HeadstartError} `data` or `usage` naming the input.
 */
export async function vectorsOf(
  inputs: readonly ClassifierInput[],
  dim: number,
  open: { readonly backbone: Backbone; readonly encoder: Encoder } | null,
): Promise<Float32Array> {
  const raw = inputs.flatMap((input, i) => (input instanceof Float32Array ? [] : [i]));
  const vectors = new Float32Array(inputs.length * dim);
  inputs.forEach((input, i) => {
    if (!(input instanceof Float32Array)) return;
    if (input.length !== dim) {
      throw new HeadstartError(
        "data",
        `Input ${i} has ${input.length} numbers, the head takes vectors of ${dim}`,
        {
          facts: { input: i, length: input.length, dim },
        },
      );
    }
    vectors.set(input, i * dim);
  });
  if (raw.length === 0) return vectors;
  if (open === null) {
    throw new HeadstartError("usage", `Input ${raw[0]} is no vector, and no backbone is open`, {
      facts: { input: raw[0] },
      hint: "Open the classifier without backbone: null, or give Float32Array vectors.",
    });
  }
  const { preprocessor } = open.backbone;
  const encoded =
    preprocessor.kind === "text"
      ? await run(
          raw.map((i) => preprocessor.encode(textOf(inputs[i]!, i)).ids),
          textBatching(open.encoder, BATCH.tokens),
          dim,
        )
      : await run(
          await Promise.all(raw.map((i) => prepared(preprocessor, inputs[i]!, i))),
          preprocessor.kind === "image"
            ? imageBatching(open.encoder, BATCH.images)
            : audioBatching(open.encoder, BATCH.samples),
          dim,
        );
  raw.forEach((i, at) => {
    const vector = encoded.subarray(at * dim, (at + 1) * dim);
    // Times zero, what is no finite number is not a number, and so is a sum that holds it.
    if (vector.reduce((sum, value) => sum + value * 0, 0) !== 0) {
      throw new HeadstartError("data", `Input ${i} gave a vector that holds no finite numbers`, {
        facts: { input: i },
        hint: "With a backbone of half precision, take its fp32 weights: it may overflow.",
      });
    }
    vectors.set(vector, i * dim);
  });
  return vectors;
}

async function run<Input>(
  ready: readonly Input[],
  batching: Pick<Batching<Input>, "plan" | "encode">,
  dim: number,
): Promise<Float32Array> {
  if (ready.length === 1) return batching.encode(ready);
  const vectors = new Float32Array(ready.length * dim);
  for (const batch of batching.plan(ready)) {
    const encoded = await batching.encode(batch.map((i) => ready[i]!));
    batch.forEach((i, at) => {
      vectors.set(encoded.subarray(at * dim, (at + 1) * dim), i * dim);
    });
  }
  return vectors;
}

function textOf(input: ClassifierInput, i: number): string {
  if (typeof input !== "string") throw wrongKind(i, "text");
  const content = textContent(input, LONGEST_TEXT);
  if ("reason" in content)
    throw new HeadstartError("data", `Input ${i}: ${content.reason}`, { facts: { input: i } });
  return input;
}

async function prepared(
  preprocessor: Exclude<Backbone["preprocessor"], { kind: "text" }>,
  input: ClassifierInput,
  i: number,
): Promise<Float32Array> {
  if (input instanceof Float32Array) throw wrongKind(i, preprocessor.kind);
  try {
    if (preprocessor.kind === "image") return await preprocessor.prepare(input);
    return (await preprocessor.prepare(input)).input;
  } catch (cause) {
    if (!(cause instanceof HeadstartError)) throw cause;
    throw new HeadstartError(cause.code, `Input ${i}: ${cause.message}`, {
      facts: { ...cause.facts, input: i },
      ...(cause.hint !== undefined && { hint: cause.hint }),
      cause,
    });
  }
}

function wrongKind(i: number, kind: Modality): HeadstartError {
  const wanted = { text: "text", image: "images", audio: "sounds" }[kind];
  return new HeadstartError("usage", `Input ${i} is of another kind: the head's backbone reads ${wanted}`, {
    facts: { input: i },
    hint:
      kind === "text"
        ? "Give a string, or a Float32Array with a vector."
        : "Give a path, or the file's bytes.",
  });
}
