import type { SentError } from "../../core/sent-error.js";
import type { Medium, PreparedContent } from "./content.js";
import type { Recipe } from "./recipe.js";
import type { PackedTokens } from "./tokenised.js";

/** What a thread that prepares contents is started with. */
export interface ThreadData {
  readonly recipe: Recipe;
}

/** To such a thread: tasks, and answers to what it asks about them. */
export type ToThread =
  | { readonly kind: "prepare"; readonly task: number; readonly medium: Medium }
  | { readonly kind: "tokenise"; readonly task: number; readonly texts: readonly string[] }
  | { readonly kind: "answer"; readonly task: number; readonly wanted: boolean };

/** From it. Those of a task end with `prepared`, `tokenised` or `failed`. */
export type FromThread =
  | { readonly kind: "ready" }
  | { readonly kind: "unusable"; readonly error: SentError }
  | { readonly kind: "wanted"; readonly task: number; readonly hash: Uint8Array }
  | { readonly kind: "admit"; readonly task: number; readonly pixels: number }
  | { readonly kind: "prepared"; readonly task: number; readonly content: PreparedContent }
  | { readonly kind: "tokenised"; readonly task: number; readonly packed: PackedTokens }
  | { readonly kind: "failed"; readonly task: number; readonly error: SentError };
