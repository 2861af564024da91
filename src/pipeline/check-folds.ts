import { HeadstartError } from "../core/errors.js";

/**
 * Refuses folds that the rarest class has too few rows for, before any work.
 * @param outer - outer folds of a nested cross-validation; 0 for none.
 * @throws {HeadstartError} `data` naming the class, and how many folds it has rows for.
 */
export function checkFolds(
  counts: readonly { readonly name: string; readonly rows: number }[],
  folds: number,
  outer = 0,
): void {
  const { name, rows } = counts.reduce((least, one) => (one.rows < least.rows ? one : least));
  const inside = outer === 0 ? rows : rows - Math.ceil(rows / outer);
  if (rows >= outer && inside >= folds) return;
  const nested = outer === 0 ? "" : ` within ${outer} outer ones`;
  const most = outer === 0 ? rows : Math.floor(rows / 2);
  const fitting = most < 2 ? null : `--cv ${most}${outer === 0 ? "" : " --nested 2"}`;
  throw new HeadstartError(
    "data",
    `Class '${name}' has ${rows} row${rows === 1 ? "" : "s"}: too few for ${folds} folds${nested}`,
    {
      facts: { class: name, rows, folds, nested: outer },
      hint: fitting === null ? "Add rows of it." : `Use ${fitting}, or add rows of it.`,
    },
  );
}
