import type { Embeddings } from "../../embeddings/file/read-embeddings.js";
import { comparePredictions } from "../../evaluation/compare-predictions.js";
import { compareLabelSets } from "../../evaluation/multi-label/compare-label-sets.js";
import type { LoadedHead } from "../../heads/load-head.js";
import { encodeLabelSets } from "../../heads/multi-label/label-sets.js";
import type { CompareOptions, MultiLabelComparison } from "../types.js";
import { labelledSets } from "./labelled-sets.js";
import { widened } from "./widened.js";

/** What a comparison of heads finds, of whole sets and of labels. */
export interface ComparedSets {
  readonly whole: Awaited<ReturnType<typeof comparePredictions>>;
  /** Null where heads give one label. */
  readonly multiLabel: MultiLabelComparison | null;
  readonly rows: number;
  readonly split: string | null;
  /** Labels that rows have. */
  readonly labels: readonly string[];
  /** Seconds to read the rows, and to have both heads answer. */
  readonly load: number;
  readonly predict: number;
}

/**
 * Compares two heads of several labels: by whole sets, and label by label. A label that a head does not know is one that it
 * never gives.
 * @param lap - seconds since it was last called.
 * @throws as `labelledSets`.
 */
export async function compareMultiLabel(
  { embeddings: path, split: wanted, seed = 0, signal }: CompareOptions,
  [a, b]: readonly [LoadedHead, LoadedHead],
  embeddings: Embeddings,
  lap: () => number,
): Promise<ComparedSets> {
  const { X, sets, split, emptyRows, unlabelledRows } = labelledSets(embeddings, path, wanted, "test");
  const load = lap();
  const known = [...new Set([...a.classes, ...b.classes, ...sets.flat()])].sort();
  const truth = encodeLabelSets(sets, known);
  const given = async (head: LoadedHead): Promise<Uint8Array> =>
    widened(head.classes, known, (await head.run(X)).decided!);
  const [byA, byB] = [await given(a), await given(b)];
  const predict = lap();
  const control = { seed, ...(signal && { signal }) };
  const whole = await comparePredictions(
    rightSets(truth.members, byA, X.rows),
    rightSets(truth.members, byB, X.rows),
    control,
  );
  const compared = await compareLabelSets(truth, byA, byB, control);
  return {
    whole,
    multiLabel: { ...compared, emptyRows, unlabelledRows },
    rows: X.rows,
    split,
    labels: [...new Set(sets.flat())],
    load,
    predict,
  };
}

/** 1 where every label of a row is as it should be. */
function rightSets(truth: Uint8Array, given: Uint8Array, rows: number): Uint8Array {
  const width = truth.length / rows;
  const right = new Uint8Array(rows).fill(1);
  truth.forEach((one, k) => {
    if (one !== given[k]) right[Math.floor(k / width)] = 0;
  });
  return right;
}
