import { NotUnderstood, type Part } from "./not-understood.js";
import { type NumberHeap, numberHeap } from "./number-heap.js";
import type { TokenModel } from "./steps.js";
import { byteIds, spell } from "./unigram.js";
import { vocabularyOf } from "./vocabulary.js";

/** One number names a rank and a place, the smaller the earlier: places stay below 2^24. */
const PLACES = 2 ** 24;

/**
 * Byte-pair encoding: of all neighbours the pair that was learnt first is merged, the leftmost of equals, until none is
 * left. Time is n log n in the length of a piece.
 */
export function bpe(part: Part): TokenModel {
  const vocab = vocabularyOf(part.vocab);
  const prefix = String(part.continuing_subword_prefix ?? "");
  const suffix = String(part.end_of_word_suffix ?? "");
  const unknown = typeof part.unk_token === "string" ? vocab.get(part.unk_token) : undefined;
  const bytes = part.byte_fallback === true ? byteIds(vocab) : null;
  if (typeof part.dropout === "number" && part.dropout > 0) throw new NotUnderstood("dropout");
  const width = [...vocab.values()].reduce((most, id) => Math.max(most, id), 0) + 1;
  const ranks = new Map<number, number>();
  /** What each rank's pair becomes. */
  const products: number[] = [];
  mergesOf(part.merges).forEach(([left, right], rank) => {
    const [a, b] = [vocab.get(left), vocab.get(right)];
    const whole = vocab.get(left + right.slice(prefix.length));
    if (a === undefined || b === undefined || whole === undefined)
      throw new NotUnderstood("a merge that is not in the vocabulary");
    ranks.set(a * width + b, rank);
    products.push(whole);
  });

  return (piece, ids) => {
    if (part.ignore_merges === true) {
      const whole = vocab.get(piece);
      if (whole !== undefined) {
        ids.push(whole);
        return;
      }
    }
    const symbols = symbolsOf(piece);
    if (symbols.length > 1) merge(symbols, ids);
    else if (symbols.length === 1) ids.push(symbols[0]!);
  };

  /** The ids that a piece begins with, a character each. */
  function symbolsOf(piece: string): number[] {
    const symbols: number[] = [];
    let afterUnknown = false;
    for (let i = 0; i < piece.length; ) {
      const character = String.fromCodePoint(piece.codePointAt(i)!);
      const name = (i > 0 ? prefix : "") + character + (i + character.length === piece.length ? suffix : "");
      i += character.length;
      const id = vocab.get(name);
      if (id !== undefined) {
        symbols.push(id);
        afterUnknown = false;
        continue;
      }
      const spelled = bytes === null ? null : spell(name, bytes);
      if (spelled !== null) {
        symbols.push(...spelled);
        afterUnknown = false;
      } else if (unknown !== undefined) {
        if (!(afterUnknown && part.fuse_unk === true)) symbols.push(unknown);
        afterUnknown = true;
      }
    }
    return symbols;
  }

  function merge(symbols: number[], out: number[]): void {
    const size = symbols.length;
    const next = Int32Array.from({ length: size }, (_, i) => (i + 1 < size ? i + 1 : -1));
    const before = Int32Array.from({ length: size }, (_, i) => i - 1);
    const heap = numberHeap();
    for (let i = 0; i + 1 < size; i++) offer(heap, symbols, i, i + 1);
    for (let key = heap.pop(); key !== undefined; key = heap.pop()) {
      const at = key % PLACES;
      const other = next[at]!;
      if (symbols[at] === -1 || other === -1) continue;
      // What is there now need not be the pair that was offered; another with the same outcome will do.
      const whole = products[(key - at) / PLACES]!;
      const rank = ranks.get(symbols[at]! * width + symbols[other]!);
      if (rank === undefined || products[rank] !== whole) continue;
      symbols[at] = whole;
      symbols[other] = -1;
      const after = next[other]!;
      next[at] = after;
      next[other] = -1;
      if (after >= 0) {
        before[after] = at;
        offer(heap, symbols, at, after);
      }
      if (before[at]! >= 0) offer(heap, symbols, before[at]!, at);
    }
    for (const id of symbols) if (id !== -1) out.push(id);
  }

  function offer(heap: NumberHeap, symbols: readonly number[], at: number, other: number): void {
    const rank = ranks.get(symbols[at]! * width + symbols[other]!);
    if (rank !== undefined) heap.push(rank * PLACES + at);
  }
}

function mergesOf(merges: unknown): readonly (readonly [string, string])[] {
  if (!Array.isArray(merges)) throw new NotUnderstood("merges");
  return merges.map((merge: unknown) => {
    const pair = typeof merge === "string" ? merge.split(" ") : merge;
    if (!Array.isArray(pair) || pair.length !== 2) throw new NotUnderstood("merges");
    return [String(pair[0]), String(pair[1])] as const;
  });
}
