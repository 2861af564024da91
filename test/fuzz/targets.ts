import { join } from "node:path";
import { readWav } from "../../src/backbones/audio/read-wav.js";
import { isWav, wavLayout } from "../../src/backbones/audio/wav-layout.js";
import { checkModel } from "../../src/onnx/check-model.js";
import { externalTensor } from "../../src/onnx/external-data.js";
import { cutGraph, decodeModel, encodeModel, type Model } from "../../src/onnx/index.js";
import { seedModels } from "./seed-models.js";
import { seedSounds } from "./seed-sounds.js";

/** Something that reads bytes. It may throw a `HeadstartError`; anything else is a finding. */
export interface Target {
  readonly name: string;
  /** How many batches it gets in each round. */
  readonly share: number;
  readonly seeds: readonly Uint8Array[];
  /** Returns what was made of the bytes, so that its size in memory can be weighed. */
  run(bytes: Uint8Array): unknown;
}

/** Every reader of binary files that is fuzzed. */
export function targets(root: string): Target[] {
  const models = [join(root, "models"), join(root, "../shared/models")];
  const seeds = seedModels(models);
  return [
    { name: "model", share: 2, seeds, run: readWriteRead },
    { name: "checked-model", share: 4, seeds, run: readCheckCut },
    { name: "wav", share: 1, seeds: seedSounds(), run: readSound },
  ];
}

/** Decodes, writes, decodes again: what is written the second time must equal the first. */
export function readWriteRead(bytes: Uint8Array): Model {
  const model = decodeModel(bytes);
  const written = encodeModel(model);
  const again = encodeModel(decodeModel(written));
  if (Buffer.compare(written, again) !== 0) throw new Error("written twice, the model differs");
  return model;
}

/** Decodes, checks, cuts at a tensor in the middle, writes: what comes out must be read and pass the checks again. */
export function readCheckCut(bytes: Uint8Array): Model {
  const decoded = decodeModel(bytes);
  externalTensor(decoded);
  const model = checkModel(decoded, "fuzzed");
  const names = model.graph.nodes.flatMap((node) => node.outputs).filter((name) => name !== "");
  const middle = names[Math.floor(names.length / 2)];
  if (middle === undefined) return model;
  const cut = decodeModel(encodeModel(cutGraph(model, [middle])));
  try {
    checkModel(cut, "cut");
  } catch (error) {
    throw new Error("a sound model is no longer one when it is cut", { cause: error });
  }
  return model;
}

/** Reads the samples of a WAV file. */
export function readSound(bytes: Uint8Array): unknown {
  if (!isWav(bytes)) return null;
  const layout = wavLayout(bytes, "fuzzed");
  if (layout.encoding === "other") return layout;
  const { samples } = readWav(bytes, layout, { seconds: 30, beyond: "cut" }, "fuzzed");
  if (samples.length > layout.frames) throw new Error("more samples than frames");
  return samples;
}
