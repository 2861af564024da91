import type { RowGroup } from "hyparquet";
import type { Condition } from "./condition.js";

/** Whether a row group can hold a row that meets a condition, as far as its statistics tell: of numbers only. */
export function mayMeet(condition: Condition, group: RowGroup): boolean {
  if (condition.kind !== "compare" || typeof condition.value !== "number") return true;
  const { column, op, value } = condition;
  const chunk = group.columns.find(
    ({ meta_data: meta }) => meta?.path_in_schema.length === 1 && meta.path_in_schema[0] === column,
  );
  const { min_value: min, max_value: max } = chunk?.meta_data?.statistics ?? {};
  if (!isNumber(min) || !isNumber(max)) return true;
  switch (op) {
    case "=":
      return min <= value && max >= value;
    case "<":
      return min < value;
    case "<=":
      return min <= value;
    case ">":
      return max > value;
    case ">=":
      return max >= value;
    default:
      return true;
  }
}

/** NaN says nothing: writers put it there when a column holds one. */
function isNumber(value: unknown): value is number | bigint {
  return typeof value === "bigint" || (typeof value === "number" && !Number.isNaN(value));
}
