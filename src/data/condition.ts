import { HeadstartError } from "../core/errors.js";
import { cellText } from "./cell-text.js";
import type { TableRecord } from "./table.js";

/** How a column is compared with a value. */
export type Comparison = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~";

/** A condition that a row must meet. An empty text counts as null, and null meets no comparison. */
export type Condition =
  | {
      readonly kind: "compare";
      readonly column: string;
      readonly op: Comparison;
      /** A number where it was written as one without quotes: it is compared with numbers only. */
      readonly value: string | number;
    }
  | { readonly kind: "null"; readonly column: string; readonly isNull: boolean };

const COLUMN = /^\s*(?:"((?:[^"]|"")+)"|`([^`]+)`|([^=!<>~"'`]+?))\s*(?=[=!<>~]|\bis\b|$)/i;
const NULLNESS = /^is\s+(not\s+)?null\s*$/i;
const OPERATOR = /^(==|!=|<=|>=|=|<|>|~)\s*/;

/**
 * Parses `column op value`; ops are `= == != < <= > >= ~` (contains), `is null` and `is not null`. A column whose name
 * holds an operator is put in double quotes or backticks, a text that does, or that looks like a number, in quotes.
 * @throws {HeadstartError} `usage`, showing the part that is not understood.
 */
export function parseCondition(text: string): Condition {
  const named = COLUMN.exec(text);
  if (named === null) throw notUnderstood(text, text, "it begins with the name of a column");
  const column = (named[1]?.replaceAll('""', '"') ?? named[2] ?? named[3]!).trim();
  const rest = text.slice(named[0].length);
  const nullness = NULLNESS.exec(rest);
  if (nullness !== null) return { kind: "null", column, isNull: nullness[1] === undefined };
  const operator = OPERATOR.exec(rest);
  if (operator === null) throw notUnderstood(text, rest, "after the column comes an operator");
  const op = operator[1] === "==" ? "=" : (operator[1] as Comparison);
  const value = parseValue(rest.slice(operator[0].length).trim(), text);
  if (value === "" && (op === "=" || op === "!=")) return { kind: "null", column, isNull: op === "=" };
  return { kind: "compare", column, op, value };
}

function parseValue(written: string, whole: string): string | number {
  const quoted = /^(["'])((?:(?!\1).|\1\1)*)\1$/s.exec(written);
  if (quoted !== null) return quoted[2]!.replaceAll(quoted[1]!.repeat(2), quoted[1]!);
  if (written === "") throw notUnderstood(whole, whole, "after the operator comes a value");
  if (/^["']|[=<>~]|^!/.test(written)) {
    throw notUnderstood(whole, written, "a text with quotes or operators in it is put in quotes");
  }
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(written) ? Number(written) : written;
}

function notUnderstood(text: string, part: string, rule: string): HeadstartError {
  return new HeadstartError(
    "usage",
    `Cannot understand the condition '${text}' at ${part === "" ? "its end" : `'${part}'`}: ${rule}`,
    {
      facts: { condition: text, part },
      hint: "Written like: stars >= 4, lang = en, title ~ 'two words', label is not null. Several are given one by one.",
    },
  );
}

/**
 * Whether a record meets a condition.
 * @throws {HeadstartError} `data` where the cell is a list, an object or bytes.
 */
export function meets(condition: Condition, record: TableRecord & { readonly state: "record" }): boolean {
  const value = record.cell(condition.column);
  const text = cellText(value, condition.column);
  if (typeof text !== "string") {
    // Half a character is its row's trouble, told where the row is read.
    if (typeof value === "string") return condition.kind === "null" ? !condition.isNull : false;
    throw new HeadstartError(
      "data",
      `${record.file}: row ${record.line}: ${text.reason}, and cannot be compared`,
      {
        facts: { file: record.file, line: record.line, column: condition.column },
        hint: "Conditions compare texts, numbers and dates.",
      },
    );
  }
  if (condition.kind === "null") return (text === "") === condition.isNull;
  if (text === "") return false;
  const { op, value: wanted } = condition;
  if (op === "~") return text.includes(String(wanted));
  if (typeof wanted === "string") return compared(op, text < wanted ? -1 : text > wanted ? 1 : 0);
  if (typeof value === "bigint") return compared(op, value < wanted ? -1 : value > wanted ? 1 : 0);
  const number = Number(text);
  if (Number.isNaN(number)) return op === "!=";
  return compared(op, number - wanted);
}

function compared(op: Exclude<Comparison, "~">, difference: number): boolean {
  switch (op) {
    case "=":
      return difference === 0;
    case "!=":
      return difference !== 0;
    case "<":
      return difference < 0;
    case "<=":
      return difference <= 0;
    case ">":
      return difference > 0;
    case ">=":
      return difference >= 0;
  }
}
