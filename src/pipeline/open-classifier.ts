import type { Backbone, Encoder } from "../backbones/backbone.js";
import { HeadstartError } from "../core/errors.js";
import type { LoadedHead } from "../heads/head-onnx.js";
import { matrix, rowOf } from "../linalg/matrix.js";
import { checkAbstain } from "./abstain.js";
import { vectorsOf } from "./classifier-vectors.js";
import { defined } from "./defined.js";
import { headAnswers } from "./head-answers.js";
import { headsBackbone } from "./heads-backbone.js";
import { openHead } from "./load-head.js";
import type { ClassifierAnswer, ClassifierInput, OpenClassifier, OpenClassifierOptions } from "./types.js";

/**
 * Opens a head and its backbone once, for many predictions: a server, a script.
 * @param path - the head's file.
 * @throws {HeadstartError} `io`, `format` for what is no head; `model` if the backbone is not found; `fingerprint` if it
 *   is another one; `provider`; `usage` for abstaining without probabilities.
 * @example
 * const classifier = await openClassifier("reviews.onnx");
 * const { prediction } = await classifier.predict("Warm, funny, and far too short.");
 * await classifier.close();
 */
export async function openClassifier(
  path: string,
  options: OpenClassifierOptions = {},
): Promise<OpenClassifier> {
  const { backbone: given, abstainBelow, onProgress, signal, device, threads } = options;
  const head = await openHead(path, defined({ threads }));
  try {
    checkAbstain(abstainBelow, path, head);
    if (given === null) return classifierOf(head, null, abstainBelow);
    const backbone = await headsBackbone(path, head, given, defined({ onProgress, signal }));
    const encoder = await backbone.open(defined({ device, threads }));
    return classifierOf(head, { backbone, encoder }, abstainBelow);
  } catch (error) {
    await head.release();
    throw error;
  }
}

function classifierOf(
  head: LoadedHead,
  open: { readonly backbone: Backbone; readonly encoder: Encoder } | null,
  abstainBelow = 0,
): OpenClassifier {
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | null = null;

  const answer = async (inputs: readonly ClassifierInput[]): Promise<ClassifierAnswer[]> => {
    if (inputs.length === 0) return [];
    const vectors = await vectorsOf(inputs, head.dim, open);
    const outputs = await head.run(matrix(vectors, inputs.length, head.dim));
    const { scores, probabilities } = outputs;
    return headAnswers(head, outputs, abstainBelow).map((one, i) => ({
      ...one,
      scores: rowOf(scores, i),
      probabilities: probabilities && rowOf(probabilities, i),
    }));
  };
  function predict(input: ClassifierInput): Promise<ClassifierAnswer>;
  function predict(inputs: readonly ClassifierInput[]): Promise<ClassifierAnswer[]>;
  async function predict(
    input: ClassifierInput | readonly ClassifierInput[],
  ): Promise<ClassifierAnswer | ClassifierAnswer[]> {
    if (closing !== null) {
      throw new HeadstartError("usage", "The classifier is closed", {
        hint: "Open it again: openClassifier.",
      });
    }
    const several = Array.isArray(input);
    const running = answer(several ? input : [input as ClassifierInput]);
    underWay.add(running);
    try {
      const answers = await running;
      return several ? answers : answers[0]!;
    } finally {
      underWay.delete(running);
    }
  }

  return Object.freeze({
    labels: head.classes,
    modality: open?.backbone.spec.modality ?? null,
    dim: head.dim,
    predict,
    close() {
      closing ??= Promise.allSettled([...underWay]).then(async () => {
        await open?.encoder.release();
        await head.release();
      });
      return closing;
    },
  });
}
