import { HeadstartError } from "../../core/errors.js";
import type { SentenceModules } from "../sentence-modules.js";

/**
 * The words that are put before each text.
 * @param wanted - the name of one of the checkpoint's prompts, else the words themselves; default: the checkpoint's
 *   default prompt, else none.
 * @throws {HeadstartError} `model` if the checkpoint's default is none of its prompts; `usage` for a bare word that is
 *   none of them.
 */
export function promptOf(sentence: SentenceModules, wanted?: string): string {
  const { prompts, defaultPrompt } = sentence;
  if (wanted !== undefined) {
    if (Object.hasOwn(prompts, wanted)) return prompts[wanted]!;
    const names = Object.keys(prompts);
    // A bare word beside names is a name that was mistyped: words to read end in a space or a sign.
    const isWords = names.length === 0 || Object.values(prompts).includes(wanted);
    if (isWords || !/^[\p{L}\p{N}_-]+$/u.test(wanted)) return wanted;
    throw new HeadstartError("usage", `The checkpoint has no prompt '${wanted}'`, {
      facts: { prompt: wanted, prompts },
      hint: `Its prompts: ${names.slice(0, 50).join(", ")}. Words of your own end in a space or a sign: '${wanted}: '.`,
    });
  }
  if (defaultPrompt === null) return "";
  if (Object.hasOwn(prompts, defaultPrompt)) return prompts[defaultPrompt]!;
  throw new HeadstartError(
    "model",
    `config_sentence_transformers.json: the default prompt '${defaultPrompt}' is none of its prompts`,
    { facts: { prompts: Object.keys(prompts) }, hint: 'Say which with --prompt, or --prompt "" for none.' },
  );
}
