import { HeadstartError } from "../../core/errors.js";
import type { Model, ValueInfo } from "../../onnx/model.js";

/**
 * Refuses an image encoder that cannot be fed batches of what its preprocessor makes.
 * @param size - pixels of an image that was prepared.
 * @throws {HeadstartError} `model` naming the input and what is wrong with it.
 */
export function checkImageInput(
  model: Model,
  size: { readonly width: number; readonly height: number },
): void {
  const { inputs } = model.graph;
  const [input] = inputs;
  if (input === undefined || inputs.length > 1) {
    const names = inputs.map(({ name }) => name).join(", ");
    throw new HeadstartError("model", `An image encoder takes one input, this graph has: ${names || "none"}`);
  }
  if (input.dtype !== "float32") throw unfitInput(input, "float32", "Export it in fp32.");
  if (input.shape === null) return;
  const [batch, channels, height, width] = input.shape;
  const is = (actual: number | string | undefined, wanted: number) =>
    typeof actual === "string" || actual === wanted;
  if (input.shape.length !== 4 || !is(channels, 3) || (typeof channels === "string" && width === 3)) {
    throw unfitInput(
      input,
      "[batch, 3, height, width]",
      "Export it with the channels before height and width.",
    );
  }
  if (typeof batch === "number") {
    throw unfitInput(
      input,
      "any number of images in a batch",
      "Export it with a dynamic axis for the batch.",
    );
  }
  if (!is(height, size.height) || !is(width, size.width)) {
    throw unfitInput(
      input,
      `${size.height} x ${size.width} pixels, as preprocessor_config.json makes them`,
      "Correct size or crop_size in preprocessor_config.json, or export the model with dynamic axes.",
    );
  }
}

/** The error for an input that cannot be fed what there is to feed. */
export function unfitInput(input: ValueInfo, wanted: string, hint: string): HeadstartError {
  const actual = `${input.dtype} [${input.shape?.join(", ") ?? "?"}]`;
  return new HeadstartError("model", `The graph's input '${input.name}' is ${actual}; needed is ${wanted}`, {
    facts: { input: input.name, dtype: input.dtype, shape: input.shape },
    hint,
  });
}
