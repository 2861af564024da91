import { HeadstartError, messageOf } from "../../core/errors.js";
import { refuseTelemetry } from "../../core/refuse-telemetry.js";
import { cutMarks } from "./combining-marks.js";

/** Text → token ids, special tokens included, cut to a limit. */
export interface Tokenizer {
  encode(text: string, maxTokens: number): { readonly ids: Int32Array; readonly truncated: boolean };
}

/** More characters than this never reach a tokenizer: no sensible limit of tokens needs them. */
const CHARACTERS_PER_TOKEN = 64;

/**
 * A Hugging Face `tokenizer.json`, run by Transformers.js. Too long a text loses tokens from its end, and keeps
 * its closing special tokens (Transformers.js itself would cut those off). Of a run of combining marks 256 count.
 * @throws {HeadstartError} `model` if the tokenizer is not understood.
 */
export async function hfTokenizer(tokenizerJson: unknown, tokenizerConfig: unknown): Promise<Tokenizer> {
  refuseTelemetry(); // Transformers.js loads ONNX Runtime too.
  const { PreTrainedTokenizer } = await import("@xenova/transformers");
  let encodeAll: (text: string, special: boolean) => number[];
  try {
    const tokenizer = new PreTrainedTokenizer(tokenizerJson as object, tokenizerConfig as object);
    encodeAll = (text, special) => tokenizer.encode(text, { add_special_tokens: special });
    encodeAll("a", true);
  } catch (cause) {
    throw new HeadstartError("model", `tokenizer.json is not understood: ${messageOf(cause)}`, {
      hint: "Save it with a fast tokenizer of `transformers` (save_pretrained).",
      cause,
    });
  }
  const bare = encodeAll("a", false);
  const dressed = encodeAll("a", true);
  const before = Math.max(0, indexOfRun(dressed, bare));
  const after = dressed.length - bare.length - before;
  return {
    encode(text, maxTokens) {
      const longest = maxTokens * CHARACTERS_PER_TOKEN;
      const head = text.length > longest ? text.slice(0, longest) : text;
      const ids = encodeAll(cutMarks(head), true);
      if (ids.length <= maxTokens) return { ids: Int32Array.from(ids), truncated: head.length < text.length };
      const kept = new Int32Array(maxTokens);
      for (let i = 0; i < maxTokens - after; i++) kept[i] = ids[i]!;
      for (let i = 1; i <= after; i++) kept[maxTokens - i] = ids[ids.length - i]!;
      return { ids: kept, truncated: true };
    },
  };
}

function indexOfRun(all: readonly number[], run: readonly number[]): number {
  for (let i = 0; i + run.length <= all.length; i++) if (run.every((id, j) => all[i + j] === id)) return i;
  return 0;
}
