import { InvalidArgumentError } from "commander";

/** A whole number of at least `least`; a parser for commander. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(Number.isSafeInteger(value) && value >= least)) {
      throw new InvalidArgumentError(`Give a whole number of at least ${least}.`);
    }
    return value;
  };
}

/**
 * Collects `--set name=value` into one object. Values are read as JSON (numbers, `true`, `false`, `null`, objects,
 * arrays, quoted strings); what is no JSON is a string.
 */
export function collectSetting(
  text: string,
  before: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Write it as name=value, such as C=1.");
  const name = text.slice(0, at).trim();
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`'${name}' is set twice.`);
  return { ...before, [name]: settingValue(text.slice(at + 1).trim(), name) };
}

function settingValue(text: string, name: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    if (/^[{["]/.test(text)) throw new InvalidArgumentError(`The value of '${name}' is no valid JSON.`);
    return text;
  }
}
