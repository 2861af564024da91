import { existsSync } from "node:fs";
import { join } from "node:path";
import { HeadstartError } from "../core/errors.js";
import { readJson } from "./read-json.js";
import { readSafetensors, type SafeTensor } from "./safetensors.js";

/** Activations of torch.nn that a Dense module may have, by their class names. */
export const ACTIVATIONS = ["Identity", "Tanh", "ReLU", "GELU", "Sigmoid", "SiLU"] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** A linear layer after the pooling: `activation(x · weightᵀ + bias)`, plus `x` itself where it is residual. */
export interface Dense {
  /** `[outputs, inputs]`. */
  readonly weight: SafeTensor;
  readonly bias: SafeTensor | null;
  readonly activation: Activation;
  /** `identity`: the input is added; a tensor `[outputs, inputs]`: the input times it. */
  readonly residual: SafeTensor | "identity" | null;
  /** SHA-256 of the weights' file. */
  readonly digest: string;
}

/**
 * Reads a Dense module of sentence-transformers: config.json and model.safetensors.
 * @throws {HeadstartError} `model` naming what is missing; `pytorch_model.bin`, which is a program of a kind, is not read.
 */
export async function readDense(folder: string): Promise<Dense> {
  const config = (await readJson(join(folder, "config.json"))) ?? {};
  const name = String(config.activation_function ?? "torch.nn.modules.activation.Tanh")
    .split(".")
    .at(-1)!;
  const activation = ACTIVATIONS.find((known) => known === name);
  if (activation === undefined) {
    throw new HeadstartError("model", `${folder}/config.json: the activation '${name}' is not understood`, {
      facts: { folder, activation: name },
      hint: `Understood are ${ACTIVATIONS.join(", ")}.`,
    });
  }
  const path = join(folder, "model.safetensors");
  if (!existsSync(path)) {
    const pickled = existsSync(join(folder, "pytorch_model.bin"));
    throw new HeadstartError(
      "model",
      pickled
        ? `${folder} has its weights in pytorch_model.bin only, which is not read`
        : `${folder} has no model.safetensors`,
      {
        facts: { folder },
        hint: "Save it as safetensors, in Python: SentenceTransformer('<folder>').save_pretrained('<other folder>')",
      },
    );
  }
  const { tensors, digest } = await readSafetensors(path);
  const weight = tensors.get("linear.weight");
  const bias = tensors.get("linear.bias") ?? null;
  const wide = weight?.dims.length === 2 && (bias === null || bias.data.length === weight.dims[0]);
  if (weight === undefined || !wide) {
    throw new HeadstartError("model", `${path} has no fitting linear.weight and linear.bias`, {
      facts: { path, tensors: [...tensors.keys()] },
    });
  }
  const residual = config.use_residual === true ? (tensors.get("residual.weight") ?? "identity") : null;
  return { weight, bias, activation, residual, digest };
}
