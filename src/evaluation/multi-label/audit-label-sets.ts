import { columnOf, type LabelSets } from "../../heads/multi-label/label-sets.js";
import { BINARY_CLASSES } from "../../heads/multi-label/multi-label-head.js";
import { type Matrix, zeros } from "../../linalg/matrix.js";
import { auditLabels, type LabelAudit } from "../label-audit.js";

/** A row that probably has a label wrongly, or wrongly lacks it. */
export interface LabelSetSuspect {
  readonly row: number;
  /** The label's place among the labels. */
  readonly code: number;
  /** Whether the row has it. */
  readonly given: boolean;
  /** Probability of what is given: of the label where the row has it, else of its absence. */
  readonly selfConfidence: number;
  /** That less its counterpart, in [-1, 1]; -1 is the surest error. */
  readonly margin: number;
}

/** What confident learning finds in label sets. */
export interface LabelSetAudit {
  /** By label, classes being its absence and its presence; null for one that was left out. */
  readonly perLabel: readonly (LabelAudit | null)[];
  /** Of all labels, the smallest margin first. */
  readonly suspects: readonly LabelSetSuspect[];
}

/**
 * Confident learning label by label: each is a question of two classes, whether a row has it.
 * @param probabilities - `[n, labels]`, of each label by itself, by models that did not see the row.
 * @param leastRows - labels that fewer rows have, or that fewer rows lack, are left out: their probabilities are of models
 *   that hardly saw one, and would call each such row an error.
 */
export function auditLabelSets(probabilities: Matrix, sets: LabelSets, leastRows: number): LabelSetAudit {
  const { rows, cols } = probabilities;
  const suspects: LabelSetSuspect[] = [];
  const perLabel = sets.labels.map((_, code) => {
    const column = columnOf(sets, code);
    const having = column.reduce((sum, one) => sum + one, 0);
    if (having < leastRows || rows - having < leastRows) return null;
    const pairs = zeros(rows, 2);
    for (let i = 0; i < rows; i++) {
      const p = probabilities.data[i * cols + code]!;
      pairs.data[2 * i] = 1 - p;
      pairs.data[2 * i + 1] = p;
    }
    const found = auditLabels(pairs, { codes: Int32Array.from(column), classes: BINARY_CLASSES });
    for (const { row, label, selfConfidence, margin } of found.suspects) {
      suspects.push({ row, code, given: label === 1, selfConfidence, margin });
    }
    return found;
  });
  suspects.sort((a, b) => a.margin - b.margin || a.row - b.row || a.code - b.code);
  return { perLabel, suspects };
}
