import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readWav } from "../../src/backbones/audio/read-wav.js";
import { isWav, wavLayout } from "../../src/backbones/audio/wav-layout.js";
import { parseSafetensors } from "../../src/backbones/safetensors.js";
import { checkTokenizer } from "../../src/backbones/text/check-tokenizer.js";
import { charsmap } from "../../src/backbones/text/tokenizer/charsmap.js";
import { NotUnderstood } from "../../src/backbones/text/tokenizer/not-understood.js";
import { HeadstartError } from "../../src/core/errors.js";
import { checkModel } from "../../src/onnx/check-model.js";
import { externalTensor } from "../../src/onnx/external-data.js";
import { cutGraph, decodeModel, encodeModel, type Model } from "../../src/onnx/index.js";
import { seedModels } from "./seed-models.js";
import { seedSafetensors } from "./seed-safetensors.js";
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
    { name: "charsmap", share: 1, seeds: seedCharsmaps(root), run: normalize },
    { name: "safetensors", share: 1, seeds: seedSafetensors(), run: readTensors },
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

/** Reads all tensors of a safetensors file: together no more numbers than the file has room for. */
export function readTensors(bytes: Uint8Array): unknown {
  const tensors = parseSafetensors(bytes, "fuzzed");
  let numbers = 0;
  for (const { data } of tensors.values()) numbers += data.length;
  if (2 * numbers > bytes.length) throw new Error("more numbers than the file holds");
  return tensors;
}

const SAMPLE = "A\u00e9 \ufb01\ufdfa\r\n\u1100\u1161\u0301 👩\u200d👧 \ud800x";

/** Normalises a text by a compiled map of sentencepiece, as a tokenizer has it. */
export function normalize(bytes: Uint8Array): unknown {
  const map = Buffer.from(bytes).toString("base64");
  try {
    checkTokenizer({ normalizer: { type: "Precompiled", precompiled_charsmap: map } }, "fuzzed");
    const text = charsmap(map)(SAMPLE);
    if (text.length > 256 * SAMPLE.length) throw new Error("a text that grew beyond measure");
    return text;
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    throw new HeadstartError("model", "the map is not understood", { cause: error });
  }
}

/** The maps of the small tokenizers among the fixtures. */
function seedCharsmaps(root: string): Uint8Array[] {
  return ["albert", "xlm-roberta", "camembert", "siglip"]
    .map((family) => join(root, "test/golden/families-text/fixtures", family, "tokenizer.json"))
    .filter((path) => existsSync(path))
    .flatMap((path) => [...readFileSync(path, "utf8").matchAll(/"precompiled_charsmap":\s*"([^"]*)"/g)])
    .map((match) => new Uint8Array(Buffer.from(match[1]!, "base64")));
}
