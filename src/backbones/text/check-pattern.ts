import { runInNewContext } from "node:vm";
import { HeadstartError } from "../../core/errors.js";
import { patternOf } from "./tokenizer/oniguruma.js";

/** The longest expression in use has some 400 characters. */
const MAX_LENGTH = 4096;
/** Of all probes of one expression together, on a text of `PROBE` characters; real ones take less than 10 ms. */
const MAX_MS = 500;
const PROBE = 2048;

/**
 * Refuses a regular expression of a tokenizer that could take time without end: too long a one, one with a repeat inside
 * a repeat (`(a+)+`), or one that is slow on texts made to slow it down. JavaScript cannot stop a match once it runs.
 * @param path - the file that has it.
 * @throws {HeadstartError} `model` naming file and expression.
 */
export function checkPattern(source: string, path: string): void {
  if (source.length > MAX_LENGTH) {
    throw refused(source, path, `has ${source.length} characters; the limit is ${MAX_LENGTH}`);
  }
  if (hasNestedRepeat(source))
    throw refused(source, path, "repeats what repeats, which may take time without end");
  const pattern = compiled(source);
  if (pattern === null) return;
  try {
    runInNewContext(
      "for (const text of texts) for (const match of text.matchAll(pattern)) match;",
      {
        texts: probes(source),
        pattern,
      },
      { timeout: MAX_MS },
    );
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw cause;
    throw refused(source, path, `takes more than ${MAX_MS} ms for texts of ${PROBE} characters`, cause);
  }
}

/** As it will be run; null for one that is not understood: whoever builds of it says so. */
function compiled(source: string): RegExp | null {
  try {
    return patternOf({ Regex: source });
  } catch {
    try {
      return new RegExp(source, "gu");
    } catch {
      return null;
    }
  }
}

/** Texts on which expressions that try many ways are slow: each kind of character repeated, and those of the expression. */
function probes(source: string): string[] {
  const letters = [...new Set(source.replace(/\\[pP]\{[^}]*\}/g, "a").match(/[^\\^$.*+?()[\]{}|]/gu) ?? [])];
  const kinds = ["a", "A", "1", " ", "\n", "\r\n", "-", "'", "é", "一", "a1", "a ", " \n", "Aa"];
  const whole = letters.length > 1 ? [letters.slice(0, 64).join("")] : [];
  // The end fits nothing, so that all ways to match what comes before it are tried.
  return [...new Set([...kinds, ...letters.slice(0, 12), ...whole])].map(
    (unit) => `${unit.repeat(Math.ceil(PROBE / unit.length)).slice(0, PROBE)}\0`,
  );
}

/** Whether a group that holds a repeat without a limit is itself repeated without one. */
function hasNestedRepeat(source: string): boolean {
  /** For each open group, whether it holds such a repeat. */
  const groups: boolean[] = [false];
  for (let at = 0; at < source.length; at++) {
    const character = source[at];
    if (character === "\\") at++;
    else if (character === "[") at = endOfClass(source, at);
    else if (character === "(") groups.push(false);
    else if (character === ")") {
      const inner = groups.length > 1 ? groups.pop()! : false;
      const outer = isUnlimited(source, at + 1);
      if (inner && outer) return true;
      groups[groups.length - 1] ||= inner || outer;
    } else if (isUnlimited(source, at) || (isUnlimited(source, at + 1) && character !== "(")) {
      groups[groups.length - 1] = true;
    }
  }
  return false;
}

/** Whether a repeat without a limit stands there: `*`, `+`, `{2,}`, or one up to a large number. */
function isUnlimited(source: string, at: number): boolean {
  const character = source[at];
  if (character === "*" || character === "+") return true;
  const range = character === "{" ? /^\{\d*(,?)(\d*)\}/.exec(source.slice(at, at + 24)) : null;
  return range !== null && range[1] === "," && (range[2] === "" || Number(range[2]) > 16);
}

function endOfClass(source: string, start: number): number {
  let at = start + 1;
  if (source[at] === "^") at++;
  for (; at < source.length && source[at] !== "]"; at++) if (source[at] === "\\") at++;
  return at;
}

function refused(source: string, path: string, what: string, cause?: unknown): HeadstartError {
  const shown = source.length > 100 ? `${source.slice(0, 100)}…` : source;
  return new HeadstartError("model", `${path}: the expression ${JSON.stringify(shown)} ${what}`, {
    facts: { path, expression: shown },
    hint: "Fetch the tokenizer again from whoever published it; no tokenizer in use has one like this.",
    ...(cause === undefined ? {} : { cause }),
  });
}
