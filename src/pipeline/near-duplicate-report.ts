import type { Embeddings } from "../embeddings/file/read-embeddings.js";
import { type NearDuplicates, nearDuplicates } from "../evaluation/near-duplicates.js";
import { type Matrix, selectRows } from "../linalg/matrix.js";
import type { NearDuplicateReport } from "./types.js";

/** Near-duplicates with their rows named by id. @param idOf - the ids of rows `a` and `b`. */
export function nearDuplicateReport(
  found: NearDuplicates,
  idOf: { readonly a: (row: number) => string; readonly b: (row: number) => string },
): NearDuplicateReport {
  const { threshold, checked, rows, example } = found;
  return {
    threshold,
    checked,
    rows,
    example: example && { id: idOf.a(example.a), otherId: idOf.b(example.b), cosine: example.cosine },
  };
}

/**
 * Near-duplicates between tested rows and the other rows of a file, as far as it tells which trained the head.
 * @param tested - row numbers in the file.
 * @param trained - row numbers in the file; none of them: null is returned.
 */
export async function testedNearTrained(
  { X, ids }: Embeddings,
  tested: readonly number[],
  trained: readonly number[],
  signal: AbortSignal | undefined,
): Promise<NearDuplicateReport | null> {
  if (tested.length === 0 || trained.length === 0) return null;
  const rows = (chosen: readonly number[]): Matrix => selectRows(X, chosen);
  const found = await nearDuplicates(rows(tested), rows(trained), { ...(signal && { signal }) });
  return nearDuplicateReport(found, { a: (row) => ids[tested[row]!]!, b: (row) => ids[trained[row]!]! });
}

/** Row numbers of a split; empty where the file has none of that name. */
export function rowsOfSplit({ splits }: Embeddings, split: string): number[] {
  const code = splits?.values.indexOf(split) ?? -1;
  const rows: number[] = [];
  if (code >= 0) {
    splits!.codes.forEach((one, row) => {
      if (one === code) rows.push(row);
    });
  }
  return rows;
}

/** `7 of 300 rows of split 'test' are near-duplicates of ..., such as 'a' and 'b'`; null where there is none. */
export function nearDuplicateWarning(
  report: NearDuplicateReport | null,
  what: { readonly rows: string; readonly of: string; readonly effect: string },
): string | null {
  if (report === null || report.example === null) return null;
  const { rows, checked, threshold, example } = report;
  const crowded =
    2 * rows > checked ? "; so many may only mean that all vectors of this backbone lie close together" : "";
  const count = (n: number): string => n.toLocaleString("en-US");
  return `${count(rows)} of ${count(checked)} ${what.rows} ${rows === 1 ? "is a near-duplicate" : "are near-duplicates"} of ${what.of} (cosine above ${threshold}), such as '${example.id}' and '${example.otherId}': ${what.effect}${crowded}`;
}

/** Rows that are likely to have trained a head that is measured on `split`. */
export function rowsThatTrained(embeddings: Embeddings, split: string): number[] {
  if (split === "train") return [];
  const names = embeddings.splits?.values ?? [];
  const trained = names.includes("train") ? ["train"] : names.filter((name) => name !== split);
  return trained.flatMap((name) => rowsOfSplit(embeddings, name));
}
