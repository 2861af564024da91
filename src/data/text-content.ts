import type { Content } from "./row.js";

/** A text as content, or why it cannot be embedded: there is nothing in it, or more than `maxLength` UTF-16 units. */
export function textContent(text: string, maxLength: number): Content | { readonly reason: string } {
  if (text.trim() === "") return { reason: "empty text" };
  if (text.length > maxLength)
    return { reason: `text of ${text.length} characters; at most ${maxLength} are read` };
  return { kind: "text", text };
}
