import { SPACE } from "./characters.js";
import { BERT_MARK } from "./later-characters.js";
import type { Piece, PreTokenizer } from "./steps.js";

const [NOT_SEEN, LETTER, WHITE, MARK] = [0, 1, 2, 3];
const IS_WHITE = new RegExp(SPACE, "u");
const IS_MARK = new RegExp(BERT_MARK, "u");

/** BERT's pre-tokenizer: words between white space, each mark of punctuation a word for itself; one pass. */
export function bertWords(): PreTokenizer {
  const kinds = new Uint8Array(0x10000);
  const kindOf = (text: string, at: number, code: number): number => {
    const character =
      code >= 0xd800 && code < 0xdc00 ? String.fromCodePoint(text.codePointAt(at)!) : text[at]!;
    const kind = IS_MARK.test(character) ? MARK : IS_WHITE.test(character) ? WHITE : LETTER;
    // Half of a pair says nothing of the other pairs that it is in.
    if (character.length === 1) kinds[code] = kind;
    return kind;
  };
  return (pieces) => {
    const out: Piece[] = [];
    for (const { text, first } of pieces) {
      const add = (from: number, to: number) =>
        out.push({ text: text.slice(from, to), first: first && from === 0 });
      let start = -1;
      for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i);
        const seen = kinds[code]!;
        const kind = seen === NOT_SEEN ? kindOf(text, i, code) : seen;
        const pair = code >= 0xd800 && code < 0xdc00 && i + 1 < text.length;
        if (kind === LETTER) {
          if (start < 0) start = i;
          if (pair) i++;
          continue;
        }
        if (start >= 0) add(start, i);
        start = -1;
        if (kind !== MARK) continue;
        add(i, i + (pair ? 2 : 1));
        if (pair) i++;
      }
      if (start >= 0) add(start, text.length);
    }
    return out;
  };
}
