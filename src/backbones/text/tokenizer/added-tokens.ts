import { escapeRegExp, RUST_WORD } from "./characters.js";
import { NotUnderstood } from "./not-understood.js";
import type { Normalizer } from "./steps.js";

/** A stretch of text, or the id of an added token that stood there. */
export type Section = { readonly text: string; readonly first: boolean } | number;

/** An entry of `added_tokens`. */
interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
}

/**
 * Cuts a text at the added tokens (`[SEP]`, `<s>`), those that are looked for before normalisation first.
 * @returns a function that also normalises what lies between them.
 */
export function addedTokens(json: unknown, normalizer: Normalizer | null): (text: string) => Section[] {
  const list = (json ?? []) as readonly AddedToken[];
  if (
    !Array.isArray(list) ||
    list.some(({ content, id }) => typeof content !== "string" || typeof id !== "number")
  )
    throw new NotUnderstood("added_tokens");
  const raw = finder(list.filter(({ normalized }) => normalized !== true));
  const normal = finder(
    list
      .filter(({ normalized }) => normalized === true)
      .map((token) => ({ ...token, content: normalizer?.(token.content) ?? token.content })),
  );
  return (text) => {
    const out: Section[] = [];
    for (const section of raw === null ? [whole(text)] : raw(text, true)) {
      if (typeof section === "number") out.push(section);
      else {
        const plain = normalizer?.(section.text) ?? section.text;
        if (plain === "") continue;
        if (normal === null) out.push({ text: plain, first: section.first });
        else for (const part of normal(plain, section.first)) out.push(part);
      }
    }
    return out;
  };
}

const whole = (text: string): Section => ({ text, first: true });
const WORD_BEFORE = new RegExp(`[${RUST_WORD}]$`, "u");
const WORD_AFTER = new RegExp(`^[${RUST_WORD}]`, "u");
const SPACE = /\p{White_Space}/u;

/** Null where there is nothing to find. */
function finder(tokens: readonly AddedToken[]): ((text: string, first: boolean) => Section[]) | null {
  const known = new Map(
    tokens.filter(({ content }) => content !== "").map((token) => [token.content, token]),
  );
  if (known.size === 0) return null;
  // The longest first: of several that begin at one place it is the one that counts.
  const contents = [...known.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(contents.map(escapeRegExp).join("|"), "gu");
  const rare = new RegExp(
    `[${[...new Set(contents.map((content) => escapeRegExp([...content][0]!)))].join("")}]`,
    "u",
  );
  return (text, first) => {
    if (!rare.test(text)) return text === "" ? [] : [{ text, first }];
    const out: Section[] = [];
    let done = 0;
    const upTo = (end: number): void => {
      if (end > done) out.push({ text: text.slice(done, end), first: first && done === 0 });
    };
    for (const match of text.matchAll(pattern)) {
      const token = known.get(match[0])!;
      let start = match.index;
      let stop = start + match[0].length;
      if (token.single_word) {
        const [left, right] = [text.slice(Math.max(0, start - 2), start), text.slice(stop, stop + 2)];
        if (WORD_BEFORE.test(left) || WORD_AFTER.test(right)) continue;
      }
      if (token.lstrip) while (start > done && SPACE.test(text[start - 1]!)) start--;
      if (token.rstrip) while (stop < text.length && SPACE.test(text[stop]!)) stop++;
      upTo(Math.max(start, done));
      out.push(token.id);
      done = stop;
    }
    upTo(text.length);
    return out;
  };
}
