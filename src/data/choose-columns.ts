import { HeadstartError } from "../core/errors.js";
import { type ColumnStatistics, columnStatistics } from "./column-statistics.js";
import type { Condition } from "./condition.js";
import type { DatasetOptions } from "./dataset-options.js";
import type { KeptColumn } from "./kept-columns.js";
import { MEDIA_NAMES, type MediaKind } from "./media-kind.js";
import type { Dataset } from "./row.js";
import type { Table } from "./table.js";

/** The columns of a table that are to be read, and what was guessed about them. */
export interface ChosenColumns {
  readonly modality: "text" | "image" | "audio";
  readonly columns: Dataset["columns"] & { readonly content: string };
  readonly kept: readonly KeptColumn[];
  readonly guesses: readonly string[];
}

const TEXT_NAMES = "text sentence review body message content comment title question tweet document".split(
  " ",
);
const MEDIA_COLUMNS = {
  image: "image image_path path file filename file_name filepath picture photo img".split(" "),
  audio: "audio audio_path path file filename file_name filepath sound wav recording clip".split(" "),
} as const;
/** Names that columns of labels, ids and splits go by; the first of each wins over its synonyms. */
export const ROLE_NAMES = {
  label: "label class category target sentiment y".split(" "),
  id: "id uuid key".split(" "),
  split: "split fold subset set".split(" "),
} as const;

/**
 * Takes the columns that the user named, and guesses the others where there is one sensible choice: by name (the
 * first name of each list wins over its synonyms), the text also by its values.
 * @throws {HeadstartError} `data` for a named column that is missing or there twice, and where several or no
 * columns could be meant.
 */
export function chooseColumns(
  table: Table,
  options: DatasetOptions,
  name: string,
  where: readonly Condition[],
): ChosenColumns {
  const { columns } = table;
  const guesses: string[] = [];
  const listed = listColumns(columns);
  const namedContent = options.text || options.image || options.audio || null;
  const taken = new Set([namedContent, options.label, options.id, options.split].filter((column) => column));
  const { text, image, audio } = options;
  const named = Object.entries({ text, image, audio, ...roleOptions(options) });
  for (const [flag, column] of named) if (column) requireColumn(columns, column, name, listed, `--${flag}`);
  for (const { column } of where) requireColumn(columns, column, name, listed, "--where");
  const kept = (options.keep ?? []).map((column): KeptColumn => {
    requireColumn(columns, column, name, listed, "--keep");
    const type = table.types.get(column);
    if (type === null) throw nestedColumn(name, column, listed);
    return { name: column, type: type ?? "utf8" };
  });

  const role = (flag: keyof typeof ROLE_NAMES): string | null => {
    const given = options[flag];
    if (given !== undefined) return given || null;
    const found = byName(columns, ROLE_NAMES[flag], taken);
    if (found.length > 1 && flag === "label" && options.labels === "optional") {
      for (const column of found) taken.add(column);
      return null;
    }
    if (found.length > 1) {
      throw new HeadstartError("data", `${name}: ${quoted(found)} could all be the ${flag} column`, {
        facts: { file: name, columns },
        hint: `Name one with --${flag}, or none with --${flag} "". ${listed}`,
      });
    }
    const column = found[0];
    if (column === undefined) return null;
    requireColumn(columns, column, name, listed);
    guesses.push(`${flag} column: "${column}" (by its name)`);
    taken.add(column);
    return column;
  };
  const label = role("label");
  const id = role("id");
  const split = role("split");
  if (namedContent !== null) {
    const modality = options.image ? "image" : options.audio ? "audio" : "text";
    return { modality, columns: { content: namedContent, label, id, split }, kept, guesses };
  }

  const free = columns.filter((column) => !taken.has(column));
  const statistics = free.map((column) => columnStatistics(column, table.sample));
  const content = guessContent(statistics, options.modality);
  if ("candidates" in content) {
    const flag = options.modality ?? "text";
    throw new HeadstartError(
      "data",
      content.candidates.length > 1
        ? `${name}: ${quoted(content.candidates)} could all be the ${flag} column`
        : `${name}: no column looks like ${flag === "text" ? "text" : `${MEDIA_NAMES[flag].plural} or paths of them`}`,
      { facts: { file: name, columns }, hint: `Name it with --${flag}. ${listed}` },
    );
  }
  requireColumn(columns, content.column, name, listed);
  guesses.unshift(`${content.modality} column: "${content.column}" (${content.why})`);
  return {
    modality: content.modality,
    columns: { content: content.column, label, id, split },
    kept,
    guesses,
  };
}

type Guess =
  | { readonly modality: "text" | MediaKind; readonly column: string; readonly why: string }
  | { readonly candidates: readonly string[] };

function guessContent(statistics: readonly ColumnStatistics[], modality: DatasetOptions["modality"]): Guess {
  if (modality === "image" || modality === "audio") return guessMedia(statistics, modality);
  const text = guessText(statistics);
  if ("column" in text || modality === "text" || text.candidates.length > 0) return text;
  const image = guessMedia(statistics, "image");
  const sound = guessMedia(statistics, "audio");
  if ("column" in image && "column" in sound) return { candidates: [image.column, sound.column] };
  return "column" in image ? image : "column" in sound ? sound : text;
}

function guessText(statistics: readonly ColumnStatistics[]): Guess {
  const words = statistics.filter(
    (column) => column.filled && !column.numeric && column.media === null && !column.bytes,
  );
  const named = byName(
    statistics.filter((column) => column.media === null && !column.bytes).map(nameOf),
    TEXT_NAMES,
    new Set(),
  );
  if (named.length === 1) return { modality: "text", column: named[0]!, why: "by its name" };
  if (named.length > 1) return { candidates: named };
  const free = words.filter((column) => column.freeText).sort((a, b) => b.meanLength - a.meanLength);
  const [longest, next] = free;
  if (longest !== undefined && next === undefined) {
    return { modality: "text", column: longest.column, why: "the only column with free text" };
  }
  if (longest !== undefined && longest.meanLength >= 4 * next!.meanLength) {
    return { modality: "text", column: longest.column, why: "by far the longest text" };
  }
  if (free.length === 0 && words.length === 1) {
    return { modality: "text", column: words[0]!.column, why: "the only column of words" };
  }
  return { candidates: (free.length > 0 ? free : words).map(nameOf) };
}

function guessMedia(statistics: readonly ColumnStatistics[], kind: MediaKind): Guess {
  const found = statistics.filter((column) => column.media === kind);
  const named = byName(found.map(nameOf), MEDIA_COLUMNS[kind], new Set());
  const [column] = found.length === 1 ? found.map(nameOf) : named;
  if (column === undefined || (found.length > 1 && named.length > 1))
    return { candidates: found.map(nameOf) };
  const { plural } = MEDIA_NAMES[kind];
  const { bytes } = found.find((one) => one.column === column)!;
  return { modality: kind, column, why: `its values are ${bytes ? plural : `paths of ${plural}`}` };
}

/** Columns that carry one of `names`, whatever the case; only the first name's where it is there. */
export function byName(
  columns: readonly string[],
  names: readonly string[],
  taken: ReadonlySet<unknown>,
): string[] {
  const free = [...new Set(columns)].filter((column) => !taken.has(column));
  const first = free.filter((column) => column.toLowerCase() === names[0]);
  return first.length === 1 ? first : free.filter((column) => names.includes(column.toLowerCase()));
}

/** @param flag - of the command line, where the user named the column. */
function requireColumn(
  columns: readonly string[],
  column: string,
  name: string,
  listed: string,
  flag?: string,
): void {
  const times = columns.filter((other) => other === column).length;
  if (times === 1) return;
  throw new HeadstartError(
    "data",
    times === 0 ? `${name} has no column '${column}'` : `${name} has ${times} columns named '${column}'`,
    {
      facts: { file: name, column, columns, ...(flag && { flag }) },
      hint: times === 0 ? listed : `Rename one of them. ${listed}`,
    },
  );
}

function nestedColumn(name: string, column: string, listed: string): HeadstartError {
  return new HeadstartError("data", `${name}: column '${column}' holds lists or objects`, {
    facts: { file: name, column, flag: "--keep" },
    hint: `Columns that are kept hold text, numbers, booleans or dates. ${listed}`,
  });
}

const roleOptions = ({ label, id, split }: DatasetOptions) => ({ label, id, split });
const nameOf = (statistics: ColumnStatistics): string => statistics.column;
const quoted = (columns: readonly string[]): string => columns.map((column) => `"${column}"`).join(" and ");

/** The columns, as hints list them: a hundred at most. */
function listColumns(columns: readonly string[]): string {
  const more = columns.length > 100 ? `, and ${columns.length - 100} more` : "";
  return `Columns: ${columns.slice(0, 100).join(", ")}${more}`;
}
