/** Text → token ids, special tokens included, cut to a limit. */
export interface Tokenizer {
  /** Whether several threads may each have one; false where Transformers.js, and with it ONNX Runtime, is loaded. */
  readonly threadable: boolean;
  /** @param side - where tokens are taken away from too long a text; its special tokens stay. */
  encode(
    text: string,
    maxTokens: number,
    side: "left" | "right",
  ): { readonly ids: Int32Array; readonly truncated: boolean };
  /** How many tokens of each text that begins with `text` are those of it, special tokens before it included. */
  lead(text: string, maxTokens: number): number;
  /** The id of a token by its name; null where there is none. */
  idOf(token: string): number | null;
}
