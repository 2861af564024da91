import { HeadstartError } from "../../core/errors.js";
import type { NumberMeaning } from "./processor-defaults.js";
import type { ImageSize } from "./rgb-image.js";

/** Reads a preprocessor_config.json key by key, and knows at the end which keys nobody understood. */
export interface ConfigReader {
  /** Whether the key is there with a value; null counts as absent. */
  has(key: string): boolean;
  text(key: string): string | null;
  number(key: string): number | null;
  flag(key: string, byDefault: boolean): boolean;
  /** One number a colour. */
  triple(key: string): [number, number, number] | null;
  /** `{height, width}`, `{shortest_edge}`, or a number that means what `numberMeans` says. */
  size(key: string, numberMeans: NumberMeaning | null): ImageSize | { shortestEdge: number } | null;
  /** Marks a key as understood although its value has no effect. */
  skip(key: string): void;
  /** An error that names the key. */
  refuse(key: string, reason: string, hint?: string): HeadstartError;
  /** @throws {HeadstartError} `model` for a key that was never read, unless it is null or false. */
  finish(): void;
}

const FILE = "preprocessor_config.json";

/** @throws {HeadstartError} `model` if `config` is no JSON object. */
export function configReader(config: unknown): ConfigReader {
  if (config === null || typeof config !== "object" || Array.isArray(config)) {
    throw new HeadstartError("model", `${FILE} must hold a JSON object`);
  }
  const entries = config as Readonly<Record<string, unknown>>;
  const known = new Set<string>();
  const refuse = (key: string, reason: string, hint?: string): HeadstartError =>
    new HeadstartError("model", `${FILE}: '${key}' ${reason}`, {
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
    number(key) {
      const found = value(key);
      if (found === null || (typeof found === "number" && Number.isFinite(found))) return found;
      throw refuse(key, "must be a number");
    },
    flag(key, byDefault) {
      const found = value(key);
      if (found === null || typeof found === "boolean") return found ?? byDefault;
      throw refuse(key, "must be true or false");
    },
    triple(key) {
      const found = value(key);
      if (found === null) return null;
      if (Array.isArray(found) && found.length === 3 && found.every((entry) => typeof entry === "number")) {
        return found as [number, number, number];
      }
      throw refuse(key, "must be three numbers: red, green, blue");
    },
    size(key, numberMeans) {
      const found = value(key);
      if (found === null) return null;
      if (typeof found !== "object") {
        const edge = pixels(key, found);
        if (numberMeans === null) {
          throw refuse(
            key,
            "is a number, and no processor is named that tells which edge",
            "Give height and width.",
          );
        }
        return numberMeans === "square" ? { width: edge, height: edge } : { shortestEdge: edge };
      }
      const given = Object.entries(found).filter(([, edge]) => edge !== null);
      const edges = Object.fromEntries(given) as {
        height?: unknown;
        width?: unknown;
        shortest_edge?: unknown;
      };
      const names = given.map(([name]) => name).sort();
      if (names.join() === "height,width") {
        return { width: pixels(key, edges.width), height: pixels(key, edges.height) };
      }
      if (names.join() === "shortest_edge") return { shortestEdge: pixels(key, edges.shortest_edge) };
      throw refuse(key, `must give height and width, or shortest_edge; got ${names.join(", ") || "nothing"}`);
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
