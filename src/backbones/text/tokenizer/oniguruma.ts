import { escapeRegExp, SPACE, WORD } from "./characters.js";
import { NotUnderstood } from "./not-understood.js";

/**
 * The pattern of a Split or Replace as a JavaScript expression with the flags `gu`.
 * @param pattern - `{ String }` or `{ Regex }`, the latter in Oniguruma's syntax.
 * @throws {NotUnderstood} for what has no equal in JavaScript.
 */
export function patternOf(pattern: unknown): RegExp {
  const { String: literal, Regex: source } = (pattern ?? {}) as { String?: unknown; Regex?: unknown };
  if (typeof literal === "string") return new RegExp(escapeRegExp(literal), "gu");
  if (typeof source !== "string") throw new NotUnderstood("a pattern");
  try {
    return new RegExp(translate(source), "gu");
  } catch (error) {
    if (error instanceof NotUnderstood) throw error;
    throw new NotUnderstood(`the expression ${source}`);
  }
}

/** Punctuation that must be written with a backslash, or may be, under the flag `u`. */
const SYNTAX = "^$\\.*+?()[]{}|/";

function translate(source: string): string {
  let out = "";
  let inClass = 0;
  let foldUntil = -1;
  let depth = 0;
  for (let i = 0; i < source.length; i++) {
    const c = source[i]!;
    if (c === "\\") {
      const next = source[++i] ?? "";
      out += escaped(next, inClass > 0, source, i);
      if ((next === "p" || next === "P") && source[i + 1] === "{") {
        const end = source.indexOf("}", i);
        out += source.slice(i + 1, end + 1);
        i = end;
      } else if ((next === "u" || next === "x") && source[i + 1] === "{") throw new NotUnderstood(source);
    } else if (inClass > 0) {
      if (c === "[" || (c === "&" && source[i + 1] === "&")) throw new NotUnderstood(source);
      if (c === "]") inClass--;
      out += c;
    } else if (c === "[") {
      inClass++;
      out += c;
      if (source[i + 1] === "^") out += source[++i];
      if (source[i + 1] === "]") throw new NotUnderstood(source);
    } else if (source.startsWith("(?i:", i)) {
      if (foldUntil >= 0) throw new NotUnderstood(source);
      foldUntil = depth++;
      out += "(?:";
      i += 3;
    } else if (c === "(") {
      if (source[i + 1] === "?" && !/^\(\?(?:[:=!]|<[=!])/.test(source.slice(i)))
        throw new NotUnderstood(source);
      depth++;
      out += c;
    } else if (c === ")") {
      if (--depth === foldUntil) foldUntil = -1;
      out += c;
    } else if (c === "+" && /[?*+}]/.test(source[i - 1] ?? "") && source[i - 2] !== "\\") {
      // A possessive quantifier: as greedy, where what follows cannot begin with what it took; in tokenizers it is so.
      if (source[i - 1] === "}") out += c;
    } else if (c === "$") out += "(?=\\n|(?![^]))";
    else if (c === "^") out += "(?<=\\n|(?<![^]))";
    else if (foldUntil >= 0 && /[a-zA-Z]/.test(c)) out += foldedLetter(c);
    else out += c;
  }
  return out;
}

/** Letters that other letters than their own capital fold to. */
const FOLDS: Readonly<Record<string, string>> = { s: "ſ", k: "\u212a" };

function foldedLetter(letter: string): string {
  const low = letter.toLowerCase();
  return `[${low}${low.toUpperCase()}${FOLDS[low] ?? ""}]`;
}

function escaped(next: string, inClass: boolean, source: string, at: number): string {
  switch (next) {
    case "s":
      return SPACE;
    case "S":
      return `\\P{White_Space}`;
    case "d":
      return "\\p{Nd}";
    case "D":
      return "\\P{Nd}";
    case "w":
      return inClass ? WORD : `[${WORD}]`;
    case "W":
      if (inClass) throw new NotUnderstood(source);
      return `[^${WORD}]`;
    case "n":
    case "r":
    case "t":
    case "f":
    case "v":
      return `\\${next}`;
    case "p":
    case "P":
      if (source[at + 1] !== "{" || source[at + 2] === "^") throw new NotUnderstood(source);
      return `\\${next}`;
    case "u":
    case "x":
      return `\\${next}`;
    default:
      if (/[A-Za-z0-9]/.test(next) || next === "") throw new NotUnderstood(source);
      return SYNTAX.includes(next) || (inClass && next === "-") ? `\\${next}` : next;
  }
}
