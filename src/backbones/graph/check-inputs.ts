import { HeadstartError } from "../../core/errors.js";
import { externalTensor } from "../../onnx/external-data.js";
import type { Model, ValueInfo } from "../../onnx/model.js";

/** What a session of a text encoder is fed; `position_ids` and the like are not understood. */
const TEXT_INPUTS = ["input_ids", "attention_mask", "token_type_ids"];

/**
 * Refuses a text encoder that cannot be fed batches of any size and length.
 * @throws {HeadstartError} `model` naming the input and what is wrong with it.
 */
export function checkTextInputs(model: Model): void {
  refuseExternalData(model);
  for (const input of model.graph.inputs) {
    if (!TEXT_INPUTS.includes(input.name)) {
      throw new HeadstartError(
        "model",
        `The text encoder wants the input '${input.name}', which is not understood`,
        {
          facts: { inputs: model.graph.inputs.map(({ name }) => name) },
          hint: `Export it with the inputs ${TEXT_INPUTS.join(", ")} only (task: feature-extraction).`,
        },
      );
    }
    if (input.dtype !== "int64") throw unfit(input, "int64", "Export it with int64 token ids.");
    if (input.shape?.some((size) => typeof size === "number")) {
      throw unfit(input, "[batch, tokens] of any size", "Export it with dynamic axes for both.");
    }
  }
}

/**
 * Refuses an image encoder that cannot be fed batches of what its preprocessor makes.
 * @param size - pixels of an image that was prepared.
 * @throws {HeadstartError} `model` naming the input and what is wrong with it.
 */
export function checkImageInput(
  model: Model,
  size: { readonly width: number; readonly height: number },
): void {
  refuseExternalData(model);
  const { inputs } = model.graph;
  const [input] = inputs;
  if (input === undefined || inputs.length > 1) {
    const names = inputs.map(({ name }) => name).join(", ");
    throw new HeadstartError("model", `An image encoder takes one input, this graph has: ${names || "none"}`);
  }
  if (input.dtype !== "float32") throw unfit(input, "float32", "Export it in fp32.");
  if (input.shape === null) return;
  const [batch, channels, height, width] = input.shape;
  const is = (actual: number | string | undefined, wanted: number) =>
    typeof actual === "string" || actual === wanted;
  if (input.shape.length !== 4 || !is(channels, 3) || (typeof channels === "string" && width === 3)) {
    throw unfit(input, "[batch, 3, height, width]", "Export it with the channels before height and width.");
  }
  if (typeof batch === "number") {
    throw unfit(input, "any number of images in a batch", "Export it with a dynamic axis for the batch.");
  }
  if (!is(height, size.height) || !is(width, size.width)) {
    throw unfit(
      input,
      `${size.height} x ${size.width} pixels, as preprocessor_config.json makes them`,
      "Correct size or crop_size in preprocessor_config.json, or export the model with dynamic axes.",
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

/** A session is opened from memory, and would take the other file from the working directory, unchecked. */
function refuseExternalData(model: Model): void {
  const tensor = externalTensor(model);
  if (tensor === null) return;
  throw new HeadstartError("model", `The graph's tensor '${tensor}' lies in another file than the graph`, {
    facts: { tensor },
    hint: "Save the model as one file: onnx.save(onnx.load('model.onnx'), 'whole.onnx')",
  });
}
