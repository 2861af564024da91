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

/** A number between 0 and 1, both excluded; a parser for commander. */
export function shareBelowOne(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value > 0 && value < 1))
    throw new InvalidArgumentError("Give a number between 0 and 1, such as 0.1.");
  return value;
}

/** A number above 0, and 1 at most; a parser for commander. */
export function probability(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value > 0 && value <= 1))
    throw new InvalidArgumentError("Give a number above 0, and 1 at most, such as 0.8.");
  return value;
}

/** `precision=0.9` or `recall=0.95`; a parser for commander. */
export function thresholdTarget(text: string): { metric: "precision" | "recall"; value: number } {
  const [, metric, value = ""] = /^(precision|recall)=(.+)$/.exec(text.trim()) ?? [];
  if (metric !== "precision" && metric !== "recall") {
    throw new InvalidArgumentError("Write it as precision=0.9 or recall=0.95.");
  }
  return { metric, value: probability(value) };
}

/** How many components to keep, or the share of the variance to keep; a parser for commander. */
export function componentAmount(text: string): number {
  const value = /^(\d+|\d*\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0 && (value < 1 || Number.isSafeInteger(value)))) {
    throw new InvalidArgumentError(
      "Give a whole number such as 64, or a share of the variance such as 0.95.",
    );
  }
  return value;
}

const UNITS = { "": 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 } as const;

/** `500MB`, `5GB`, `1.5 TB`, decimal units, or bytes; a parser for commander. */
export function byteSize(text: string): number {
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([kmgt]?b?)$/i.exec(text.trim()) ?? [];
  const name = unit.toUpperCase();
  const factor = UNITS[(name.length === 1 && name !== "B" ? `${name}B` : name) as keyof typeof UNITS];
  const value = Math.round(Number(amount === "" ? Number.NaN : amount) * factor);
  if (!(value > 0)) throw new InvalidArgumentError("Write it as 500MB, 5GB or a number of bytes.");
  return value;
}

const SECONDS = { m: 60, h: 3600, d: 86_400, w: 7 * 86_400 } as const;

/** `45m`, `12h`, `30d` or `8w` in seconds; a parser for commander. */
export function timeSpan(text: string): number {
  const [, amount, unit] = /^(\d+)([mhdw])$/.exec(text.trim()) ?? [];
  if (amount === undefined) throw new InvalidArgumentError("Write it as 12h, 30d or 8w.");
  return Number(amount) * SECONDS[unit as keyof typeof SECONDS];
}

/** Collects the values of a flag that may be repeated. */
export function collectText(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** `--layer`: a block's number or a name; several are separated by commas. */
export function parseLayer(text: string): number | string | (number | string)[] {
  const layers = text.split(",").map((part) => {
    const layer = part.trim();
    if (layer === "") throw new InvalidArgumentError("Give block numbers or names, separated by commas.");
    return /^-?\d+$/.test(layer) ? Number(layer) : layer;
  });
  return layers.length === 1 ? layers[0]! : layers;
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

/** `--shard 2/3`; whether there is such a shard is checked where it is used. */
export function shardOf(text: string): { index: number; count: number } {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text.trim()) ?? [];
  if (index === undefined || count === undefined)
    throw new InvalidArgumentError("Write it as i/n: 1/3, 2/3 and 3/3 are all of three shards.");
  return { index: Number(index), count: Number(count) };
}
