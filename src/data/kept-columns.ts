/** How the values of a kept column are stored. */
export type KeptType = "utf8" | "int64" | "float64" | "bool";

/** A column of the input that goes into the embeddings file as it is. */
export interface KeptColumn {
  readonly name: string;
  readonly type: KeptType;
}

/** A value of a kept column: text, a bigint of int64, a number of float64 or a boolean; null where there is none. */
export type KeptCell = string | bigint | number | boolean | null;

/** Columns that every embeddings file has. */
export const CONTRACT_COLUMNS = ["id", "embedding", "label", "split", "source", "content_hash"] as const;

/** What the names of our own further columns begin with. */
export const OWN_PREFIX = "headstart.";

/** Whether a kept column may not have this name. */
export function isReservedColumn(name: string): boolean {
  return (CONTRACT_COLUMNS as readonly string[]).includes(name) || name.startsWith(OWN_PREFIX);
}
