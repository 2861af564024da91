import { HeadstartError } from "../../core/errors.js";
import type { SentenceModules } from "../sentence-modules.js";

/**
 * The words that are put before each text.
 * @param wanted - the name of one of the checkpoint's prompts, else the words themselves; default: the checkpoint's
 *   default prompt, else none.
 * @throws {HeadstartError} `model` if the checkpoint's default is none of its prompts.
 */
export function promptOf(sentence: SentenceModules, wanted?: string): string {
  const { prompts, defaultPrompt } = sentence;
  if (wanted !== undefined) return Object.hasOwn(prompts, wanted) ? prompts[wanted]! : wanted;
  if (defaultPrompt === null) return "";
  if (Object.hasOwn(prompts, defaultPrompt)) return prompts[defaultPrompt]!;
  throw new HeadstartError(
    "model",
    `config_sentence_transformers.json: the default prompt '${defaultPrompt}' is none of its prompts`,
    { facts: { prompts: Object.keys(prompts) }, hint: 'Say which with --prompt, or --prompt "" for none.' },
  );
}
