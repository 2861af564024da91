import { HeadstartError } from "../../core/errors.js";
import { byName, ROLE_NAMES } from "../../data/choose-columns.js";
import { isReservedColumn, type KeptColumn } from "../../data/kept-columns.js";
import type { VectorTable } from "./vector-table.js";

/** Which columns of a table are what; one that is not given is found by its name, one given as `""` is not used. */
export interface ImportColumns {
  /** Column with the vectors; default: the only one there is, or the one called `embedding`. */
  readonly embedding?: string;
  readonly id?: string;
  readonly label?: string;
  readonly split?: string;
  /** Further columns that go along. */
  readonly keep?: readonly string[];
}

/** The columns that are read. */
export interface ChosenImport {
  readonly embedding: string;
  readonly id: string | null;
  readonly label: string | null;
  readonly split: string | null;
  /** Columns that only our own files have. */
  readonly source: string | null;
  readonly contentHash: string | null;
  readonly kept: readonly KeptColumn[];
  readonly notes: readonly string[];
}

/**
 * Finds the columns of a table of vectors.
 * @throws {HeadstartError} `data` if one that is named is not there, or several or none could be meant.
 */
export function chooseImport(table: VectorTable, options: ImportColumns): ChosenImport {
  const notes: string[] = [];
  const role = (name: "id" | "label" | "split"): string | null => {
    const wanted = options[name];
    if (wanted === "") return null;
    if (wanted !== undefined) return required(table, table.cells, wanted, `--${name}`);
    const found = byName(table.cells, ROLE_NAMES[name], new Set());
    if (found.length > 1) {
      throw new HeadstartError(
        "data",
        `${table.name} has several columns that could be the ${name}: ${found.join(", ")}`,
        { facts: { file: table.name, columns: found }, hint: `Name one: --${name} ${found[0]}` },
      );
    }
    const [column = null] = found;
    if (column !== null) notes.push(`${name} column: "${column}" (by its name)`);
    return column;
  };
  const own = (name: string): string | null => (table.cells.includes(name) ? name : null);
  return {
    embedding: vectorColumn(table, options.embedding, notes),
    id: role("id"),
    label: role("label"),
    split: role("split"),
    source: own("source"),
    contentHash: own("content_hash"),
    kept: (options.keep ?? []).map((column) => {
      const name = required(table, table.cells, column, "--keep");
      if (!isReservedColumn(name)) return { name, type: table.keptType(name) };
      throw new HeadstartError(
        "usage",
        `--keep ${name}: every file of embeddings has a column of that name`,
        {
          facts: { file: table.name, column: name, flag: "--keep" },
          hint: "Leave it out; --id, --label and --split say what those columns are filled with.",
        },
      );
    }),
    notes,
  };
}

function vectorColumn(table: VectorTable, wanted: string | undefined, notes: string[]): string {
  const { vectors, name } = table;
  if (wanted !== undefined && wanted !== "") return required(table, vectors, wanted, "--embedding");
  const [only] = vectors;
  const named = byName(vectors, ["embedding", "embeddings", "vector", "vectors"], new Set());
  const chosen = vectors.length === 1 ? only : named.length === 1 ? named[0] : undefined;
  if (chosen !== undefined) {
    if (chosen !== "vectors" && chosen !== "embedding") {
      notes.push(`embedding column: "${chosen}" (the only one of vectors)`);
    }
    return chosen;
  }
  if (vectors.length > 1) {
    throw new HeadstartError("data", `${name} has several columns of vectors: ${vectors.join(", ")}`, {
      facts: { file: name, columns: vectors },
      hint: `Name one: --embedding ${only}`,
    });
  }
  throw new HeadstartError("data", `${name} has no column of vectors`, {
    facts: { file: name, columns: table.cells },
    hint: `Columns: ${listed(table.cells)}. If it holds texts or pictures, they are embedded first: headstart embed ${name} -o out.arrow`,
  });
}

function required(table: VectorTable, columns: readonly string[], wanted: string, flag: string): string {
  const times = columns.filter((column) => column === wanted).length;
  if (times === 1) return wanted;
  const all = [...table.vectors, ...table.cells];
  const kind = flag === "--embedding" ? "lists of numbers" : "single values";
  const problem =
    times > 1
      ? `has ${times} columns named '${wanted}'`
      : all.includes(wanted)
        ? `has a column '${wanted}', but not one of ${kind}`
        : `has no column '${wanted}'`;
  throw new HeadstartError("data", `${table.name} ${problem}`, {
    facts: { file: table.name, column: wanted, columns: all, flag },
    hint: `Columns of ${kind}: ${columns.length > 0 ? listed(columns) : "none"}`,
  });
}

const listed = (columns: readonly string[]): string =>
  `${columns.slice(0, 50).join(", ")}${columns.length > 50 ? `, and ${columns.length - 50} more` : ""}`;
