import type { Backbone, BackboneSpec, Encoder } from "../../backbones/backbone.js";
import type { BackboneOptions } from "../../backbones/backbone-options.js";
import { resolveBackbone } from "../../backbones/resolve-backbone.js";
import type { Device } from "../../onnx/session.js";
import type { ComputeOptions } from "../types.js";
import { PROBE_TEXTS, probeImages, probeSounds } from "./backbones-probes.js";

export type CheckOptions = Pick<
  BackboneOptions,
  "revision" | "precision" | "modality" | "onProgress" | "signal"
> &
  ComputeOptions;

export interface CheckResult {
  readonly id: string;
  readonly state: "ok" | "failed";
  /** What is wrong, or should be known, in sentences. */
  readonly problems: readonly string[];
  readonly modality: BackboneSpec["modality"];
  readonly precision: BackboneSpec["precision"];
  readonly dim: number;
  readonly device: Device;
  readonly threads: number;
  /** Whether the same input twice gives the same bits. */
  readonly repeatable: boolean;
  /** Largest difference between a vector made alone and one made in a batch, relative to its length. */
  readonly batchDifference: number;
  readonly milliseconds: { readonly resolve: number; readonly open: number; readonly embed: number };
}

/** Beyond it, a batch changes what a vector says. Quantised graphs choose their scales by the whole batch. */
const TOLERANCE = { fp32: 1e-4, fp16: 1e-2, int8: 0.2 } as const;
const REPETITIONS = 5;

/**
 * Runs a backbone on probes of its own: whether it opens, gives finite and distinct vectors, the same ones twice, and the
 * same alone as in a batch.
 * @throws {HeadstartError} `model` if it is not found or not understood; `provider` if the device does not run it.
 */
export async function checkBackbone(id: string, options: CheckOptions = {}): Promise<CheckResult> {
  const begun = performance.now();
  const { device, threads, ...which } = options;
  const backbone = await resolveBackbone(id, which);
  const resolved = performance.now();
  const encoder = await backbone.open({
    ...(device !== undefined && { device }),
    ...(threads !== undefined && { threads }),
  });
  const opened = performance.now();
  try {
    const encode = await probesOf(backbone, encoder);
    const together = await encode.all();
    const alone = await encode.each();
    const again = await encode.each();
    const { dim, modality, precision } = backbone.spec;
    const repeatable = alone.every((vector, i) => sameBits(vector, again[i]!));
    const batchDifference = Math.max(
      ...alone.map((vector, i) => difference(vector, together.subarray(i * dim, (i + 1) * dim))),
    );
    const problems = [
      ...vectorProblems(alone),
      ...(repeatable ? [] : ["The same input gives another vector the second time."]),
      ...(batchDifference <= TOLERANCE[precision]
        ? []
        : [`A vector changes by ${(100 * batchDifference).toFixed(2)} % with its neighbours in the batch.`]),
    ];
    return {
      id: backbone.spec.id,
      state: problems.length === 0 ? "ok" : "failed",
      problems,
      modality,
      precision,
      dim,
      device: encoder.device,
      threads: encoder.threads,
      repeatable,
      batchDifference,
      milliseconds: {
        resolve: resolved - begun,
        open: opened - resolved,
        embed: await medianMilliseconds(encode.first),
      },
    };
  } finally {
    await encoder.release();
  }
}

/** The probes of a backbone's kind of content, prepared once. */
interface Probes {
  all(): Promise<Float32Array>;
  each(): Promise<Float32Array[]>;
  first(): Promise<Float32Array>;
}

async function probesOf({ preprocessor }: Backbone, encoder: Encoder): Promise<Probes> {
  if (preprocessor.kind === "text") {
    return probes(
      PROBE_TEXTS.map((text) => preprocessor.encode(text).ids),
      (batch) => encoder.encodeTexts(batch),
    );
  }
  if (preprocessor.kind === "image") {
    return probes(await Promise.all(probeImages().map((image) => preprocessor.prepare(image))), (batch) =>
      encoder.encodeImages(batch),
    );
  }
  const prepared = await Promise.all(probeSounds().map((sound) => preprocessor.prepare(sound)));
  return probes(
    prepared.map(({ input }) => input),
    (batch) => encoder.encodeAudio(batch),
  );
}

function probes<T>(inputs: readonly T[], encode: (batch: readonly T[]) => Promise<Float32Array>): Probes {
  return {
    all: () => encode(inputs),
    each: async () => {
      const vectors: Float32Array[] = [];
      for (const input of inputs) vectors.push(await encode([input]));
      return vectors;
    },
    first: () => encode([inputs[0]!]),
  };
}

function vectorProblems(vectors: readonly Float32Array[]): string[] {
  const problems: string[] = [];
  if (vectors.some((vector) => vector.some((value) => !Number.isFinite(value)))) {
    problems.push("Vectors hold values that are no finite numbers.");
  }
  if (vectors.some((vector) => vector.every((value) => value === 0))) problems.push("A vector is all zeros.");
  const distinct = vectors.slice(1).every((vector) => difference(vector, vectors[0]!) > 1e-6);
  if (!distinct) problems.push("Different inputs give the same vector.");
  return problems;
}

/** The distance of two vectors, relative to the first one's length. */
function difference(a: Float32Array, b: Float32Array): number {
  let apart = 0;
  let length = 0;
  a.forEach((value, i) => {
    apart += (value - b[i]!) ** 2;
    length += value ** 2;
  });
  return length === 0 ? Math.sqrt(apart) : Math.sqrt(apart / length);
}

function sameBits(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

async function medianMilliseconds(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < REPETITIONS; i++) {
    const begun = performance.now();
    await run();
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b)[Math.floor(REPETITIONS / 2)]!;
}
