import { HeadstartError } from "../core/errors.js";

/** Row numbers of both sides of a split, each from the earliest to the latest. */
export interface TimeOrderedSplit {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/**
 * Splits rows by time: each test part lies wholly after all that was trained on, and training grows from split to
 * split. Rows of one moment are kept on one side: those that fall on a boundary go to the test part.
 * @param times - one a row, in any order and unit: finite numbers.
 * @param options - `splits`, default 5; `gap`: rows left out before each test part, default 0.
 * @throws {HeadstartError} `usage` for fewer than one split or a negative gap; `data` for a time that is no number
 *   (naming its row), or for too few rows or moments.
 */
export function timeOrderedSplits(
  times: ArrayLike<number>,
  options: { readonly splits?: number; readonly gap?: number } = {},
): TimeOrderedSplit[] {
  const { splits = 5, gap = 0 } = options;
  if (!Number.isInteger(splits) || splits < 1 || !Number.isInteger(gap) || gap < 0) {
    throw new HeadstartError(
      "usage",
      `Splits must be a whole number above 0, the gap one of at least 0; got ${splits} and ${gap}`,
      { facts: { splits, gap } },
    );
  }
  for (let row = 0; row < times.length; row++) {
    if (!Number.isFinite(times[row])) {
      throw new HeadstartError("data", `Row ${row} has the time ${times[row]}, which is no moment`, {
        facts: { row },
        hint: "Give milliseconds, or any other finite number, for every row.",
      });
    }
  }
  const order = Int32Array.from({ length: times.length }, (_, row) => row);
  order.sort((i, j) => times[i]! - times[j]! || i - j);
  const timeAt = (at: number): number => times[order[at]!]!;
  /** The first position of the moment that `at` belongs to. */
  const momentStart = (at: number): number => {
    let start = at;
    while (start > 0 && start < order.length && timeAt(start - 1) === timeAt(start)) start--;
    return start;
  };
  const size = Math.floor(order.length / (splits + 1));
  return Array.from({ length: splits }, (_, split) => {
    const from = momentStart(order.length - (splits - split) * size);
    const to = split === splits - 1 ? order.length : momentStart(order.length - (splits - split - 1) * size);
    const trained = from - gap;
    if (size === 0 || trained <= 0 || to <= from) {
      throw new HeadstartError(
        "data",
        `${order.length} rows are too few, or too many of one moment, for ${splits} time-ordered splits with a gap of ${gap}`,
        { facts: { rows: order.length, splits, gap }, hint: "Use fewer splits or a smaller gap." },
      );
    }
    return { train: order.slice(0, trained), test: order.slice(from, to) };
  });
}
