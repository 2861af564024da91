import { HeadstartError } from "../core/errors.js";
import type { Embeddings } from "../embeddings/file/read-embeddings.js";
import { type Matrix, selectRows } from "../linalg/matrix.js";

/** The rows of an embeddings file that have a label and belong to a split. */
export interface LabelledRows {
  readonly X: Matrix<Float32Array>;
  /** One label a row. */
  readonly labels: readonly string[];
  /** Their row numbers in the file. */
  readonly indices: readonly number[];
  /** The split that was taken; null where all rows were. */
  readonly split: string | null;
}

/**
 * Chooses labelled rows.
 * @param wanted - a split's name; undefined takes `fallback` where the file has such a split, else all rows.
 * @param kind - with `several`, a label is the text of a JSON array.
 * @throws {HeadstartError} `data` if the file has labels of the other kind, none at all, not that split, or no labelled row in it.
 */
export function labelledRows(
  embeddings: Embeddings,
  path: string,
  wanted: string | undefined,
  fallback: string,
  kind: "one" | "several" = "one",
): LabelledRows {
  const { labels, splits, meta } = embeddings;
  if ((meta.labels === "multi") !== (kind === "several")) {
    throw new HeadstartError(
      "data",
      kind === "one"
        ? `${path} has several labels a row`
        : `${path} has one label a row, the head gives several`,
      {
        facts: { path },
        hint:
          kind === "one"
            ? "The head was trained on one label a row: train one on this file, or embed again without --multi-label."
            : "Embed again with --multi-label.",
      },
    );
  }
  if (labels === null) {
    throw new HeadstartError("data", `${path} has no labels`, {
      facts: { path },
      hint: "Embed again with --label COLUMN, or from a folder with one folder a class.",
    });
  }
  const split = wanted ?? (splits?.values.includes(fallback) ? fallback : null);
  const code = split === null ? -1 : (splits?.values.indexOf(split) ?? -1);
  if (split !== null && code < 0) {
    throw new HeadstartError("data", `${path} has no split '${split}'`, {
      facts: { path, splits: splits?.values ?? [], flag: "--split" },
      hint:
        splits === null
          ? "The file has no splits: leave --split out."
          : `Splits: ${splits.values.join(", ")}`,
    });
  }
  const indices: number[] = [];
  labels.codes.forEach((label, row) => {
    if (label >= 0 && (code < 0 || splits!.codes[row] === code)) indices.push(row);
  });
  if (indices.length === 0) {
    throw new HeadstartError(
      "data",
      `${path} has no labelled row${split === null ? "" : ` in split '${split}'`}`,
      {
        facts: { path, split },
      },
    );
  }
  const whole = indices.length === embeddings.X.rows;
  return {
    X: whole ? embeddings.X : selectRows(embeddings.X, indices),
    indices,
    labels: indices.map((row) => labels.values[labels.codes[row]!]!),
    split,
  };
}
