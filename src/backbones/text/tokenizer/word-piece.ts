import { NotUnderstood, type Part } from "./not-understood.js";
import type { TokenModel } from "./steps.js";
import { vocabularyOf } from "./vocabulary.js";

/** WordPiece: the longest piece that a word begins with, then the longest of the rest; unknown if one is missing. */
export function wordPiece(part: Part): TokenModel {
  const vocab = vocabularyOf(part.vocab);
  const unknown = vocab.get(String(part.unk_token));
  if (unknown === undefined) throw new NotUnderstood("an unk_token that is not in the vocabulary");
  const prefix = String(part.continuing_subword_prefix ?? "##");
  const most = typeof part.max_input_chars_per_word === "number" ? part.max_input_chars_per_word : 100;
  const starts = new Map<string, number>();
  const rests = new Map<string, number>();
  let longest = 0;
  for (const [token, id] of vocab) {
    starts.set(token, id);
    if (token.startsWith(prefix)) rests.set(token.slice(prefix.length), id);
    longest = Math.max(longest, token.length);
  }
  return (word, ids) => {
    const before = ids.length;
    if (charactersOf(word) > most) {
      ids.push(unknown);
      return;
    }
    for (let from = 0; from < word.length; ) {
      const table = from === 0 ? starts : rests;
      let end = Math.min(word.length, from + longest);
      let id: number | undefined;
      for (; end > from; end--) {
        id = table.get(word.slice(from, end));
        if (id !== undefined) break;
      }
      if (id === undefined) {
        ids.length = before;
        ids.push(unknown);
        return;
      }
      ids.push(id);
      from = end;
    }
  };
}

function charactersOf(word: string): number {
  let count = word.length;
  for (let i = 0; i < word.length; i++) if ((word.charCodeAt(i) & 0xfc00) === 0xdc00) count--;
  return count;
}
