/** How the heads of an audit did in the folds. */
export interface JudgedBy {
  readonly id: string;
  readonly probabilities: "probabilities" | "softmax";
  readonly folds: number;
  /** Folds whose solver stopped before its tolerance. */
  readonly unconverged: number;
}

/** What those who read an audit should know of the head that judged. */
export function judgeWarnings({ id, probabilities, folds, unconverged }: JudgedBy): string[] {
  const warnings: string[] = [];
  if (probabilities === "softmax") {
    warnings.push(
      `${id} has no probabilities: the softmax of its scores took their place, which ranks rows but is not calibrated`,
    );
  }
  if (unconverged > 0) {
    warnings.push(
      `the solver did not converge in ${unconverged} of ${folds} folds: raise maxIter, or lower C`,
    );
  }
  return warnings;
}
