import { unigramTrie } from "../unigram-trie.js";
import { NotUnderstood, type Part } from "./not-understood.js";
import type { TokenModel } from "./steps.js";

/** How much less than the least likely piece an unknown character is. */
const UNKNOWN_PENALTY = 10;

/**
 * Unigram as the `tokenizers` library has it: the split with the highest summed score, of equal ones the first found;
 * unknown neighbours are one token, or their bytes where the vocabulary has them.
 */
export function unigram(part: Part): TokenModel {
  const vocab = part.vocab as readonly (readonly [string, number])[];
  if (!Array.isArray(vocab) || vocab.length === 0) throw new NotUnderstood("vocab");
  const unknown = typeof part.unk_id === "number" ? part.unk_id : null;
  const pieces = vocab.map(([piece]) => piece);
  const scores = Float64Array.from(vocab, ([, score]) => score);
  const unknownScore = scores.reduce((least, score) => Math.min(least, score)) - UNKNOWN_PENALTY;
  const trie = unigramTrie(pieces, 0);
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const bytes = part.byte_fallback === true ? byteIds(ids) : null;

  return (text, out) => {
    const symbols = trie.classes(text);
    const size = symbols.length;
    const best = new Float64Array(size + 1);
    const last = new Int32Array(size + 1).fill(-1);
    const from = new Int32Array(size + 1).fill(-1);
    const offer = (start: number, end: number, score: number, id: number): void => {
      if (from[end] !== -1 && score <= best[end]!) return;
      best[end] = score;
      last[end] = id;
      from[end] = start;
    };
    for (let start = 0; start < size; start++) {
      let single = false;
      let node = 0;
      for (let at = start; at < size; at++) {
        node = trie.step(node, symbols[at]!);
        if (node === 0) break;
        const id = trie.pieceAt(node);
        if (id < 0) continue;
        offer(start, at + 1, best[start]! + scores[id]!, id);
        if (at === start) single = true;
      }
      if (!single) offer(start, start + 1, best[start]! + unknownScore, UNKNOWN);
    }
    write(text, last, from, out);
  };

  /** Walks the chosen pieces from the end; runs of unknown characters become one string. */
  function write(text: string, last: Int32Array, from: Int32Array, out: number[]): void {
    const characters = last.includes(UNKNOWN) || last.includes(unknown ?? UNKNOWN) ? [...text] : [];
    const tokens: number[] = [];
    let end = last.length - 1;
    while (end > 0) {
      if (last[end] !== UNKNOWN && last[end] !== unknown) {
        tokens.push(last[end]!);
        end = from[end]!;
        continue;
      }
      let start = end;
      while (start > 0 && (last[start] === UNKNOWN || last[start] === unknown)) start = from[start]!;
      const run = characters.slice(start, end).join("");
      const known = ids.get(run);
      if (known !== undefined) tokens.push(known);
      else {
        const spelled = bytes === null ? null : spell(run, bytes);
        if (spelled !== null) for (let i = spelled.length - 1; i >= 0; i--) tokens.push(spelled[i]!);
        else if (unknown !== null) tokens.push(unknown);
      }
      end = start;
    }
    for (let i = tokens.length - 1; i >= 0; i--) out.push(tokens[i]!);
  }
}

const UNKNOWN = -2;

/** The ids of `<0x00>` to `<0xFF>`; -1 where one is missing. */
export function byteIds(vocab: ReadonlyMap<string, number>): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    const name = byte.toString(16).toUpperCase().padStart(2, "0");
    return vocab.get(`<0x${name}>`) ?? -1;
  });
}

/** The ids of a text's bytes; null where one is missing. */
export function spell(text: string, bytes: Int32Array): number[] | null {
  const ids = Array.from(Buffer.from(text), (byte) => bytes[byte]!);
  return ids.includes(-1) ? null : ids;
}
