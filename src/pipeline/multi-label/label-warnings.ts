import type { FittedMultiLabelHead } from "../../heads/multi-label/multi-label-head.js";

/**
 * What should be known of a head of several labels: labels with too few rows to measure or to learn from, labels that
 * every row has, and solvers that did not converge.
 * @param folds - of the cross-validation; 0 without one.
 */
export function labelWarnings(head: FittedMultiLabelHead, folds: number): string[] {
  const { labelRows, rows, convergence, id } = head;
  const warnings: string[] = [];
  if (convergence && !convergence.converged) {
    warnings.push(
      `${id} stopped after ${convergence.iterations} iterations without converging for at least one label: ${head.name === "mlp" ? "raise epochs" : "raise maxIter, or lower C"}`,
    );
  }
  const named = (found: typeof labelRows): string => {
    const shown = found.slice(0, 5).map((one) => `'${one.name}' (${one.rows})`);
    return `${shown.join(", ")}${found.length > shown.length ? `, and ${found.length - shown.length} more labels` : ""}`;
  };
  const few = labelRows.filter((one) => one.rows < folds);
  if (few.length > 0) {
    warnings.push(
      `fewer rows than the ${folds} folds have ${named(few)}: not every fold can measure such labels`,
    );
  }
  const rare = labelRows.filter((one) => one.rows >= folds && one.rows < 10);
  if (rare.length > 0) {
    warnings.push(`fewer than 10 rows have ${named(rare)}: figures of such labels mean little`);
  }
  const always = labelRows.filter((one) => one.rows === rows);
  if (always.length > 0) warnings.push(`every row has ${named(always)}: it is always given`);
  return warnings;
}
