import { NotUnderstood } from "./not-understood.js";

/** The vocabulary of WordPiece, BPE and WordLevel: ids by their tokens. */
export function vocabularyOf(vocab: unknown): ReadonlyMap<string, number> {
  if (vocab === null || typeof vocab !== "object" || Array.isArray(vocab)) throw new NotUnderstood("vocab");
  return new Map(Object.entries(vocab as Record<string, number>));
}
