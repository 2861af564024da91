import { HeadstartError } from "../core/errors.js";
import type { KeptCell } from "../data/kept-columns.js";
import type { Embeddings } from "../embeddings/file/read-embeddings.js";

/**
 * The values of the kept column that groups rows, one a row of the file; null where there is none, or only spaces.
 * @param path - of the file, for the error.
 * @throws {HeadstartError} `data` if no such column was kept.
 */
export function groupValues(
  { kept, meta }: Pick<Embeddings, "kept" | "meta">,
  column: string,
  path: string,
): KeptCell[] {
  const at = meta.kept.findIndex(({ name }) => name === column);
  const names = meta.kept.map(({ name }) => name);
  if (at === -1) {
    throw new HeadstartError("data", `${path} keeps no column '${column}'`, {
      facts: { path, column, kept: names, flag: "--group" },
      hint: `${names.length > 0 ? `Kept: ${names.join(", ")}. ` : ""}To group by another column, embed again with --keep ${column}.`,
    });
  }
  return kept[at]!.map((value) => (typeof value === "string" && value.trim() === "" ? null : value));
}
