import { HeadstartError } from "../../core/errors.js";
import { audioPreprocessor } from "../audio/audio-preprocessor.js";
import type { Backbone } from "../backbone.js";
import { imagePreprocessor } from "../image/image-preprocessor.js";
import { loadText } from "../text/text-preprocessor.js";
import type { Recipe } from "./recipe.js";

/**
 * Makes a backbone's preprocessor again, on another thread.
 * @throws {HeadstartError} `model` if the tokenizer's files are not those that the backbone was resolved with.
 */
export async function preprocessorOf(recipe: Recipe): Promise<Backbone["preprocessor"]> {
  if (recipe.kind === "image") return imagePreprocessor(recipe.config, recipe.options);
  if (recipe.kind === "audio") return audioPreprocessor(recipe.settings, recipe.options);
  const { preprocessor, description } = await loadText(recipe.files, recipe.options);
  if (description.tokenizer === recipe.tokenizer) return preprocessor;
  const { folder } = recipe.files;
  throw new HeadstartError("model", `The tokenizer of ${folder} was changed while it was in use`, {
    facts: { folder },
    hint: "Run the same command again.",
  });
}
