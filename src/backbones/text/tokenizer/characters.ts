/** Everything that Rust's `char::is_whitespace` and Oniguruma's `\s` mean; JavaScript's own `\s` differs by two. */
export const SPACE = "\\p{White_Space}";

/** Oniguruma's `\w`, for use inside a class. */
export const WORD = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}";

/** `\w` of the regular expressions of Rust, for use inside a class. */
export const RUST_WORD = `${WORD}\\p{Join_Control}`;

/** ASCII's punctuation and Unicode's. */
export const PUNCTUATION = "!-/:-@\\[-`{-~\\p{P}";

/** Lower case, each character for itself: a final sigma is as any other. */
export function lowerCase(text: string): string {
  return (text.includes("Σ") ? text.replaceAll("Σ", "σ") : text).toLowerCase();
}

/** The text with U+FFFD for each surrogate that has no partner: what UTF-8 would make of it. */
export function wellFormed(text: string): string {
  return LONE.test(text) ? text.replace(ALL_LONE, "\ufffd") : text;
}

const LONE = /\p{Cs}/u;
const ALL_LONE = /\p{Cs}/gu;

/** The text as an expression that finds it, inside a class too. */
export const escapeRegExp = (text: string): string =>
  text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replaceAll("-", "\\x2d");
