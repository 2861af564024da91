/** What a tokenizer does to a text before it is split. */
export type Normalizer = (text: string) => string;

/** A stretch of normalised text; `first` where it begins where the whole text began. */
export interface Piece {
  readonly text: string;
  readonly first: boolean;
}

/** Cuts pieces into smaller ones, none of them empty. */
export type PreTokenizer = (pieces: readonly Piece[]) => Piece[];

/** The last step of a tokenizer: the ids of one piece of text, appended to `ids`. */
export type TokenModel = (piece: string, ids: number[]) => void;
