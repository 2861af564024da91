import { HeadstartError, messageOf } from "../../core/errors.js";
import { refuseTelemetry } from "../../core/refuse-telemetry.js";
import type { TokenEncoder } from "./tokenizer/token-encoder.js";

/**
 * A `tokenizer.json` of a rare kind, run by Transformers.js.
 * @throws {HeadstartError} `model` if it does not understand it either.
 */
export async function libraryEncoder(
  tokenizerJson: object,
  settings: object,
): Promise<TokenEncoder & { idOf(token: string): number | undefined }> {
  refuseTelemetry(); // Transformers.js loads ONNX Runtime too.
  const { PreTrainedTokenizer } = await import("@xenova/transformers");
  try {
    const tokenizer = new PreTrainedTokenizer(tokenizerJson, settings);
    const encode = (text: string, special: boolean): number[] =>
      tokenizer.encode(text, { add_special_tokens: special });
    const bare = encode("a", false);
    const dressed = encode("a", true);
    const start = Math.max(0, indexOfRun(dressed, bare));
    const frame = { before: dressed.slice(0, start), after: dressed.slice(start + bare.length) };
    return {
      frame,
      encode: (text) => encode(text, false),
      idOf: (token) => tokenizer.convert_tokens_to_ids(token) as unknown as number | undefined,
    };
  } catch (cause) {
    throw new HeadstartError("model", `tokenizer.json is not understood: ${messageOf(cause)}`, {
      hint: "Save it with a fast tokenizer of `transformers` (save_pretrained).",
      cause,
    });
  }
}

function indexOfRun(all: readonly number[], run: readonly number[]): number {
  for (let i = 0; i + run.length <= all.length; i++) if (run.every((id, j) => all[i + j] === id)) return i;
  return 0;
}
