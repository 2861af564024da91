import { InvalidArgumentError } from "commander";
import { componentAmount } from "./parse-value.js";

/**
 * Collects `--grid name=value,value` into one object. Values are read as JSON (numbers, `true`, `null`, arrays,
 * objects, quoted strings); what is no JSON is a string. Commas inside brackets and quotes part nothing.
 */
export function collectGrid(
  text: string,
  before: Readonly<Record<string, readonly unknown[]>> = {},
): Record<string, readonly unknown[]> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Write it as name=value,value, such as C=0.1,1,10.");
  const name = text.slice(0, at).trim();
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`'${name}' is given twice.`);
  return { ...before, [name]: splitValues(text.slice(at + 1)).map((part) => gridValue(part, name)) };
}

/** Collects names that are separated by commas, from a flag that may be repeated; a parser for commander. */
export function collectChoices<Choice extends string>(
  choices: readonly Choice[],
): (text: string, before?: readonly Choice[]) => readonly Choice[] {
  return (text, before = []) => {
    const names = text.split(",").map((part) => {
      const choice = choices.find((one) => one === part.trim());
      if (choice === undefined) throw new InvalidArgumentError(`Allowed choices are ${choices.join(", ")}.`);
      return choice;
    });
    return [...before, ...names];
  };
}

/** `--pca none,64,0.95`: projections to try; a parser for commander. */
export function projectionAmounts(text: string): readonly (number | null)[] {
  return text.split(",").map((part) => (part.trim() === "none" ? null : componentAmount(part.trim())));
}

function splitValues(text: string): string[] {
  const parts = text.match(/(?:"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\{[^}]*\}|[^,])+/g) ?? [];
  if (parts.length === 0 || /^\s*,|,\s*,|,\s*$/.test(text)) {
    throw new InvalidArgumentError("Give values separated by commas, such as C=0.1,1,10.");
  }
  return parts.map((part) => part.trim());
}

function gridValue(text: string, name: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    if (/^[{["]/.test(text)) throw new InvalidArgumentError(`A value of '${name}' is no valid JSON.`);
    return text;
  }
}
