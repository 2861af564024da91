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

/** Reads an expression from its beginning; `atom` is where in `out` that begins which a quantifier would be about. */
function translate(source: string): string {
  let out = "";
  let atom = 0;
  let atomics = 0;
  let inClass = false;
  const groups: { readonly start: number; readonly folds: boolean }[] = [];
  for (let i = 0; i < source.length; i++) {
    const c = source[i]!;
    const folds = groups.some((group) => group.folds);
    if (c === "\\") {
      if (!inClass) atom = out.length;
      const [written, taken] = escaped(source, i + 1, inClass);
      out += written;
      i += taken;
    } else if (inClass) {
      // Sets of sets, and ranges whose cases differ, have no equal.
      if (c === "[" || (c === "&" && source[i + 1] === "&") || (c === "-" && folds))
        throw new NotUnderstood(source);
      if (c === "]") inClass = false;
      out += folds ? bothCases(c) : c;
    } else if (c === "[") {
      inClass = true;
      atom = out.length;
      out += c;
      if (source[i + 1] === "^") out += source[++i];
      if (source[i + 1] === "]") throw new NotUnderstood(source);
    } else if (c === "(") {
      const opening = /^\((?:\?(?:i:|[:=!]|<[=!]))?/.exec(source.slice(i))![0];
      if (opening === "(" && source[i + 1] === "?") throw new NotUnderstood(source);
      groups.push({ start: out.length, folds: opening === "(?i:" });
      out += opening === "(?i:" || opening === "(" ? "(?:" : opening;
      i += opening.length - 1;
    } else if (c === ")") {
      atom = groups.pop()?.start ?? 0;
      out += c;
    } else if (c === "{") {
      // {1,3}+ is no possessive quantifier here, but a group of one to three, repeated.
      const repeated = /^\{(\d+)(,\d*)?\}\+?/.exec(source.slice(i))?.[0];
      if (repeated === undefined || (repeated.endsWith("+") && !/^\{1\D/.test(repeated)))
        throw new NotUnderstood(source);
      out += repeated.endsWith("+") ? "+" : repeated;
      i += repeated.length - 1;
    } else if (c === "?" || c === "*" || c === "+") {
      out += c;
      if (source[i + 1] === "?") out += source[++i];
      else if (source[i + 1] === "+") {
        i++;
        const name = `atomic${atomics++}`;
        out = `${out.slice(0, atom)}(?=(?<${name}>${out.slice(atom)}))\\k<${name}>`;
      }
    } else {
      atom = out.length;
      if (c === "$") out += "(?=\\n|(?![^]))";
      else if (c === "^") out += "(?<=\\n|(?<![^]))";
      else if (folds && /[a-zA-Z]/.test(c)) out += `[${bothCases(c)}]`;
      else out += c;
    }
  }
  return out;
}

/** Letters that other letters than their own capital fold to. */
const FOLDS: Readonly<Record<string, string>> = { s: "ſ", k: "\u212a" };

function bothCases(character: string): string {
  if (!/[a-zA-Z]/.test(character)) return character;
  const low = character.toLowerCase();
  return low + low.toUpperCase() + (FOLDS[low] ?? "");
}

/** What the escape at `at` (behind its backslash) becomes, and how many characters it takes. */
function escaped(source: string, at: number, inClass: boolean): readonly [string, number] {
  const next = source[at] ?? "";
  const property = /^[pP]\{\w+\}/.exec(source.slice(at))?.[0];
  if (property !== undefined) return [`\\${property}`, property.length];
  const known = ESCAPES[next];
  if (known !== undefined) return [known, 1];
  if (next === "w") return [inClass ? WORD : `[${WORD}]`, 1];
  if (next === "W" && !inClass) return [`[^${WORD}]`, 1];
  const code = /^(?:x[\da-fA-F]{2}|u[\da-fA-F]{4})/.exec(source.slice(at))?.[0];
  if (code !== undefined) return [`\\${code}`, code.length];
  if (/[A-Za-z0-9]/.test(next) || next === "") throw new NotUnderstood(source);
  return [SYNTAX.includes(next) || (inClass && next === "-") ? `\\${next}` : next, 1];
}

const ESCAPES: Readonly<Record<string, string>> = {
  s: SPACE,
  S: "\\P{White_Space}",
  d: "\\p{Nd}",
  D: "\\P{Nd}",
  n: "\\n",
  r: "\\r",
  t: "\\t",
  f: "\\f",
  v: "\\v",
};
