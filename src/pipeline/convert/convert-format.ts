import { extname } from "node:path";
import { HeadstartError } from "../../core/errors.js";

/** What embeddings can be written as. */
export type ConvertFormat = "arrow" | "stream" | "parquet" | "npy";

const BY_EXTENSION: ReadonlyMap<string, ConvertFormat> = new Map([
  [".arrow", "arrow"],
  [".arrows", "stream"],
  [".parquet", "parquet"],
  [".pq", "parquet"],
  [".npy", "npy"],
]);

/**
 * The format that an output's name asks for; `-` is an Arrow stream.
 * @throws {HeadstartError} `usage` for another extension.
 */
export function convertFormat(out: string): ConvertFormat {
  const format = out === "-" ? "stream" : BY_EXTENSION.get(extname(out).toLowerCase());
  if (format !== undefined) return format;
  throw new HeadstartError("usage", `Cannot tell what ${out} should be`, {
    facts: { path: out },
    hint: `Name it ${[...BY_EXTENSION.keys()].join(", ")}, or - for an Arrow stream on stdout.`,
  });
}
