import { lstatSync } from "node:fs";
import { sep } from "node:path";
import { HeadstartError } from "../core/errors.js";

/** The files that a pattern stands for. */
export interface PatternFiles {
  /** The pattern's fixed beginning: the folder that all files lie below. */
  readonly folder: string;
  /** Relative to that folder, with forward slashes, in code-unit order. */
  readonly names: readonly string[];
}

/** Whether an input is a pattern: it has a wildcard, and no file is called just that. */
export function isPattern(input: string): boolean {
  return /[*?[\]{}]/.test(input) && lstatSync(input, { throwIfNoEntry: false }) === undefined;
}

/**
 * Finds the files of a pattern such as `data/*.csv`, `*` within a folder and `**` through all below; links are not followed, hidden files not found.
 * @throws {HeadstartError} `data` where there is none.
 */
export async function filesOfPattern(input: string): Promise<PatternFiles> {
  const pattern = sep === "\\" ? input.replaceAll("\\", "/") : input;
  const parts = pattern.split("/");
  const wild = parts.findIndex((part) => /[*?[\]{}]/.test(part));
  const folder = parts.slice(0, wild).join("/") || (pattern.startsWith("/") ? "/" : ".");
  const { glob } = await import("tinyglobby");
  const found = await glob(parts.slice(wild).join("/"), {
    cwd: folder,
    followSymbolicLinks: false,
    onlyFiles: true,
    expandDirectories: false,
  });
  const names = found.filter((name) => isOwnFile(folder, name)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (names.length > 0) return { folder, names };
  throw new HeadstartError("data", `No files match ${input}`, {
    facts: { input, folder },
    hint: `Looked for in ${folder === "." ? process.cwd() : folder}; * stays within a folder, ** goes through all below; links are not followed.`,
  });
}

function isOwnFile(folder: string, name: string): boolean {
  if (name.startsWith("../")) return false;
  return lstatSync(`${folder}/${name}`, { throwIfNoEntry: false })?.isFile() ?? false;
}
