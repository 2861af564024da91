import { bpe } from "./bpe.js";
import { NotUnderstood, partOf } from "./not-understood.js";
import type { TokenModel } from "./steps.js";
import { unigram } from "./unigram.js";
import { vocabularyOf } from "./vocabulary.js";
import { wordPiece } from "./word-piece.js";

/**
 * The `model` of tokenizer.json.
 * @throws {NotUnderstood} for a kind that is not read here.
 */
export function modelOf(json: unknown): TokenModel {
  // Older files leave the type out where the rest tells it.
  const model = json as { type?: string; vocab?: unknown; merges?: unknown; unk_id?: unknown } | null;
  const type = model?.type ?? (model?.merges ? "BPE" : Array.isArray(model?.vocab) ? "Unigram" : undefined);
  const part = partOf({ ...model, type }, "model");
  switch (part?.type) {
    case "WordPiece":
      return remembered(wordPiece(part));
    case "BPE":
      return remembered(bpe(part));
    case "Unigram":
      return remembered(unigram(part));
    case "WordLevel":
      return wordLevel(part.vocab, part.unk_token);
    default:
      throw new NotUnderstood(`the model ${part?.type}`);
  }
}

function wordLevel(vocab: unknown, unknown: unknown): TokenModel {
  const ids = vocabularyOf(vocab);
  const missing = ids.get(String(unknown));
  return (piece, out) => {
    const id = ids.get(piece) ?? missing;
    if (id !== undefined) out.push(id);
  };
}

/** How many pieces are remembered, and how long they may be. */
const PIECES = 50_000;
const LONGEST = 32;

/** The same model, which looks up words that it has seen before. */
function remembered(model: TokenModel): TokenModel {
  const seen = new Map<string, readonly number[]>();
  return (piece, ids) => {
    const known = seen.get(piece);
    if (known !== undefined) {
      for (let i = 0; i < known.length; i++) ids.push(known[i]!);
      return;
    }
    const before = ids.length;
    model(piece, ids);
    if (piece.length > LONGEST) return;
    if (seen.size >= PIECES) seen.clear();
    seen.set(ownCopy(piece), ids.slice(before));
  };
}

/** A slice of a text keeps the whole text in memory; a copy does not. */
const ownCopy = (piece: string): string => Buffer.from(piece, "utf16le").toString("utf16le");
