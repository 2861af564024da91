import { ShapeError } from "../../core/errors.js";

/** Several labels a row: row i has label k where `members[i * labels.length + k]` is 1. */
export interface LabelSets {
  /** Sorted by code unit. */
  readonly labels: readonly string[];
  readonly rows: number;
  /** `[rows, labels]`, 1 or 0. */
  readonly members: Uint8Array;
}

/**
 * Turns the labels of rows into a table; a row may have none.
 * @param labels - the columns; default: the labels that occur. One that a row has beside them is left out.
 */
export function encodeLabelSets(
  sets: readonly (readonly string[])[],
  labels: readonly string[] = [...new Set(sets.flat())].sort(),
): LabelSets {
  const codeOf = new Map(labels.map((label, code) => [label, code]));
  const members = new Uint8Array(sets.length * labels.length);
  sets.forEach((set, row) => {
    for (const label of set) {
      const code = codeOf.get(label);
      if (code !== undefined) members[row * labels.length + code] = 1;
    }
  });
  return Object.freeze({ labels: Object.freeze([...labels]), rows: sets.length, members });
}

/** Rows that have each label. */
export function countLabels({ labels, rows, members }: LabelSets): Int32Array {
  const counts = new Int32Array(labels.length);
  for (let k = 0; k < rows * labels.length; k++) counts[k % labels.length]! += members[k]!;
  return counts;
}

/** The rows at `indices`, with the same labels. */
export function selectSets({ labels, members }: LabelSets, indices: readonly number[]): LabelSets {
  const width = labels.length;
  const selected = new Uint8Array(indices.length * width);
  indices.forEach((row, i) => {
    selected.set(members.subarray(row * width, (row + 1) * width), i * width);
  });
  return Object.freeze({ labels, rows: indices.length, members: selected });
}

/** Which rows have one label, 1 or 0. */
export function columnOf({ labels, rows, members }: LabelSets, code: number): Uint8Array {
  return Uint8Array.from({ length: rows }, (_, row) => members[row * labels.length + code]!);
}

/** @throws {ShapeError} unless there is one set a row of X. */
export function checkSets(rows: number, sets: LabelSets): void {
  if (sets.rows !== rows) throw new ShapeError("sets", [rows], [sets.rows]);
}
