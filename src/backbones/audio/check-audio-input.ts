import { HeadstartError } from "../../core/errors.js";
import type { Model, ValueInfo } from "../../onnx/model.js";

/**
 * Refuses a sound encoder that cannot be fed batches of what its preprocessor makes.
 * @param spectrogram - sizes of one prepared sound; null for a waveform of any length.
 * @throws {HeadstartError} `model` naming the input and what is wrong with it.
 */
export function checkAudioInput(model: Model, spectrogram: readonly number[] | null): void {
  const { inputs } = model.graph;
  const mask = inputs.find(({ name }) => name === "attention_mask");
  const sounds = inputs.filter((input) => input !== mask);
  const [input] = sounds;
  if (input === undefined || sounds.length > 1) {
    const names = inputs.map(({ name }) => name).join(", ");
    throw new HeadstartError(
      "model",
      `A sound encoder takes one input, and perhaps attention_mask; this graph has: ${names || "none"}`,
      { hint: "Export the encoder alone (for Whisper: encoder_model.onnx)." },
    );
  }
  if (input.dtype !== "float32") throw unfit(input, "float32", "Export it in fp32.");
  const wanted = ["batch", ...(spectrogram ?? ["samples"])];
  const fits = (size: number | string, i: number) => typeof size === "string" || size === wanted[i];
  if (input.shape !== null && (input.shape.length !== wanted.length || !input.shape.every(fits))) {
    throw unfit(
      input,
      `[${wanted.join(", ")}], as preprocessor_config.json makes it`,
      "Check that preprocessor_config.json belongs to the graph, or export it with dynamic axes.",
    );
  }
  if (mask === undefined) return;
  if (
    spectrogram !== null ||
    mask.dtype !== "int64" ||
    mask.shape?.some((size) => typeof size === "number")
  ) {
    throw unfit(
      mask,
      "int64 [batch, samples], of a network that hears waveforms",
      "Export it without attention_mask.",
    );
  }
}

function unfit(input: ValueInfo, wanted: string, hint: string): HeadstartError {
  const actual = `${input.dtype} [${input.shape?.join(", ") ?? "?"}]`;
  return new HeadstartError("model", `The graph's input '${input.name}' is ${actual}; needed is ${wanted}`, {
    facts: { input: input.name, dtype: input.dtype, shape: input.shape },
    hint,
  });
}
