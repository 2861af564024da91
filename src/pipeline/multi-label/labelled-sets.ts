import { HeadstartError } from "../../core/errors.js";
import type { Embeddings } from "../../embeddings/file/read-embeddings.js";
import { encodeLabelSets, type LabelSets } from "../../heads/multi-label/label-sets.js";
import { type LabelledRows, labelledRows } from "../labelled-rows.js";

/** The rows of an embeddings file whose labels are known and that belong to a split. */
export interface LabelledSets extends Omit<LabelledRows, "labels"> {
  /** One set a row, sorted; empty where a row has no label. */
  readonly sets: readonly (readonly string[])[];
  /** Rows with an empty set. */
  readonly emptyRows: number;
  /** Rows of the split whose labels are missing. */
  readonly unlabelledRows: number;
}

/**
 * Chooses rows whose labels are known, of a file with several labels a row.
 * @throws as `labelledRows`; {HeadstartError} `format` for a label that is no JSON array of texts.
 */
export function labelledSets(
  embeddings: Embeddings,
  path: string,
  wanted: string | undefined,
  fallback: string,
): LabelledSets {
  const { labels, ...rows } = labelledRows(embeddings, path, wanted, fallback, "several");
  const known = new Map<string, readonly string[]>();
  const sets = labels.map((text) => {
    const set = known.get(text) ?? parseLabelSet(text, path);
    known.set(text, set);
    return set;
  });
  const code = rows.split === null ? -1 : embeddings.splits!.values.indexOf(rows.split);
  const ofSplit =
    code < 0
      ? embeddings.ids.length
      : embeddings.splits!.codes.reduce((n, one) => n + Number(one === code), 0);
  return {
    ...rows,
    sets,
    emptyRows: sets.reduce((n, set) => n + Number(set.length === 0), 0),
    unlabelledRows: ofSplit - sets.length,
  };
}

/** Rows to learn from. */
export interface SetsToLearn extends Omit<LabelledSets, "sets"> {
  /** One set a row, sorted. */
  readonly named: readonly (readonly string[])[];
  /** The same as a table. */
  readonly sets: LabelSets;
}

/**
 * The rows of a file to train on, default those of split `train`.
 * @throws as `labelledSets`; {HeadstartError} `data` if none of them has a label.
 */
export function setsToLearn(embeddings: Embeddings, path: string, wanted: string | undefined): SetsToLearn {
  const { sets: named, ...rows } = labelledSets(embeddings, path, wanted, "train");
  const sets = encodeLabelSets(named);
  if (sets.labels.length > 0) return { ...rows, named, sets };
  throw new HeadstartError("data", `${path}: none of its ${rows.X.rows} rows to train on has a label`, {
    facts: { path, rows: rows.X.rows },
    hint: "A head needs rows that have a label, and rows that do not.",
  });
}

/**
 * The labels of a row of an embeddings file with several labels a row.
 * @throws {HeadstartError} `format` if the text is no JSON array of texts.
 */
export function parseLabelSet(text: string, path: string): readonly string[] {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Said below.
  }
  if (Array.isArray(value) && value.every((label) => typeof label === "string")) return value;
  throw new HeadstartError("format", `${path} has a label that is no list of labels: ${text.slice(0, 60)}`, {
    facts: { path, label: text },
    hint: 'Labels are JSON arrays of texts, such as ["a","b"]. Write it again with: headstart embed --multi-label',
  });
}
