import { HeadstartError } from "../../core/errors.js";
import type { NumberMeaning } from "./processor-defaults.js";
import type { ResizeRule } from "./resize-rule.js";

/** Reads a preprocessor_config.json key by key, and knows at the end which keys nobody understood. */
export interface ConfigReader {
  /** Whether the key is there with a value; null counts as absent. */
  has(key: string): boolean;
  text(key: string): string | null;
  /** A configuration inside this one; null where there is none. */
  part(key: string): unknown;
  number(key: string): number | null;
  /** A list of numbers. */
  numbers(key: string): readonly number[] | null;
  /** A number or a text. */
  numberOrText(key: string): number | string | null;
  flag(key: string, byDefault: boolean): boolean;
  /** One number a colour, or one for all of them. */
  triple(key: string): [number, number, number] | null;
  /**
   * `{height, width}`, `{shortest_edge}`, `{longest_edge}`, both, `{max_height, max_width}`, `[height, width]`, or a
   * number that means what `numberMeans` says.
   */
  size(key: string, numberMeans: NumberMeaning | null): ResizeRule | null;
  /** Marks a key as understood although its value has no effect. */
  skip(key: string): void;
  /** An error that names the key. */
  refuse(key: string, reason: string, hint?: string): HeadstartError;
  /** @throws {HeadstartError} `model` for a key that was never read, unless it is null or false. */
  finish(): void;
}

/**
 * @param file - what errors call the configuration.
 * @throws {HeadstartError} `model` if `config` is no JSON object.
 */
export function configReader(config: unknown, file = "preprocessor_config.json"): ConfigReader {
  if (config === null || typeof config !== "object" || Array.isArray(config)) {
    throw new HeadstartError("model", `${file} must hold a JSON object`);
  }
  const entries = config as Readonly<Record<string, unknown>>;
  const known = new Set<string>();
  const refuse = (key: string, reason: string, hint?: string): HeadstartError =>
    new HeadstartError("model", `${file}: '${key}' ${reason}`, {
      facts: { key, value: entries[key] },
      ...(hint === undefined ? {} : { hint }),
    });
  const value = (key: string): unknown => {
    known.add(key);
    return Object.hasOwn(entries, key) ? (entries[key] ?? null) : null;
  };
  const pixels = (key: string, edge: unknown): number => {
    if (typeof edge === "number" && Number.isInteger(edge) && edge > 0 && edge <= 16_384) return edge;
    throw refuse(key, `must give whole pixels from 1 to 16384, got ${JSON.stringify(edge)}`);
  };
  return {
    has: (key) => value(key) !== null,
    text(key) {
      const found = value(key);
      if (found === null || typeof found === "string") return found;
      throw refuse(key, "must be a text");
    },
    part(key) {
      const found = value(key);
      return typeof found === "object" ? found : null;
    },
    number(key) {
      const found = value(key);
      if (found === null || (typeof found === "number" && Number.isFinite(found))) return found;
      throw refuse(key, "must be a number");
    },
    numbers(key) {
      const found = value(key);
      if (found === null) return null;
      if (Array.isArray(found) && found.every((entry) => Number.isFinite(entry))) return found as number[];
      throw refuse(key, "must be a list of numbers");
    },
    numberOrText(key) {
      const found = value(key);
      if (found === null || typeof found === "number" || typeof found === "string") return found;
      throw refuse(key, "must be a number or a name");
    },
    flag(key, byDefault) {
      const found = value(key);
      if (found === null || typeof found === "boolean") return found ?? byDefault;
      throw refuse(key, "must be true or false");
    },
    triple(key) {
      const found = value(key);
      if (found === null) return null;
      const each: unknown = typeof found === "number" ? [found, found, found] : found;
      if (Array.isArray(each) && each.length === 3 && each.every((entry) => Number.isFinite(entry))) {
        return each as [number, number, number];
      }
      throw refuse(key, "must be three numbers: red, green, blue");
    },
    size(key, numberMeans) {
      const found = value(key);
      if (found === null) return null;
      if (Array.isArray(found) && found.length === 2) {
        return { width: pixels(key, found[1]), height: pixels(key, found[0]) };
      }
      if (typeof found !== "object") {
        const edge = pixels(key, found);
        if (numberMeans === null) {
          throw refuse(
            key,
            "is a number, and the processor does not tell which edge",
            "Give height and width.",
          );
        }
        return numberMeans === "square" ? { width: edge, height: edge } : { shortestEdge: edge };
      }
      const given = Object.fromEntries(Object.entries(found).filter(([, edge]) => edge !== null));
      const edge = (name: string): number => pixels(key, given[name]);
      const names = Object.keys(given).sort().join(", ");
      switch (names) {
        case "height, width":
          return { width: edge("width"), height: edge("height") };
        case "shortest_edge":
          return { shortestEdge: edge("shortest_edge") };
        case "longest_edge":
          return { longestEdge: edge("longest_edge") };
        case "longest_edge, shortest_edge":
          return { shortestEdge: edge("shortest_edge"), longestEdge: edge("longest_edge") };
        case "max_height, max_width":
          return { fitInside: { width: edge("max_width"), height: edge("max_height") } };
        default:
          throw refuse(
            key,
            `must give height and width, shortest_edge, longest_edge, or max_height and max_width; got ${names || "nothing"}`,
          );
      }
    },
    skip: (key) => void known.add(key),
    refuse,
    finish() {
      for (const [key, found] of Object.entries(entries)) {
        if (known.has(key) || found === null || found === false) continue;
        throw refuse(
          key,
          "is not understood, and might change the pixels",
          "Remove the key if it has no effect.",
        );
      }
    },
  };
}
