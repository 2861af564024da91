import { bertWords } from "./bert-words.js";
import { bytesAsText } from "./byte-letters.js";
import { RUST_WORD, SPACE } from "./characters.js";
import { BERT_MARK } from "./later-characters.js";
import { NotUnderstood, type Part, partOf, partsOf } from "./not-understood.js";
import { patternOf } from "./oniguruma.js";
import type { Piece, PreTokenizer } from "./steps.js";

const GPT2 = new RegExp(
  `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${SPACE}\\p{L}\\p{N}]+|${SPACE}+(?!\\P{White_Space})|${SPACE}+`,
  "gu",
);
const WORDS = new RegExp(`[${RUST_WORD}]+|[^${RUST_WORD}${SPACE}]+`, "gu");
const WHITE = new RegExp(SPACE, "gu");
const MARK = new RegExp(BERT_MARK, "gu");

/**
 * The `pre_tokenizer` of tokenizer.json; null where there is none.
 * @throws {NotUnderstood} for a kind that is not read here.
 */
export function preTokenizerOf(json: unknown): PreTokenizer | null {
  const part = partOf(json, "pre_tokenizer");
  if (part === null) return null;
  switch (part.type) {
    case "Sequence": {
      const steps = partsOf(part.pretokenizers, "pre_tokenizer").map((step) => preTokenizerOf(step)!);
      return (pieces) => steps.reduce<Piece[]>((before, step) => step(before), [...pieces]);
    }
    case "BertPreTokenizer":
      return bertWords();
    case "Whitespace":
      return splitter(WORDS, "Removed", true);
    case "WhitespaceSplit":
      return splitter(WHITE, "Removed", false);
    case "Punctuation":
      return splitter(MARK, String(part.behavior ?? "Isolated"), false);
    case "Digits":
      return splitter(/\p{N}/gu, part.individual_digits === true ? "Isolated" : "Contiguous", false);
    case "CharDelimiterSplit":
      return splitter(patternOf({ String: part.delimiter }), "Removed", false);
    case "Split":
      return splitter(patternOf(part.pattern), String(part.behavior), part.invert === true);
    case "ByteLevel":
      return byteLevel(part);
    case "Metaspace":
      return metaspace(part);
    default:
      throw new NotUnderstood(`the pre_tokenizer ${part.type}`);
  }
}

function byteLevel({ add_prefix_space: prefix, use_regex: regex }: Part): PreTokenizer {
  const cut = regex === false ? null : splitter(GPT2, "Isolated", false);
  return (pieces) => {
    const led =
      prefix === true
        ? pieces.map(({ text, first }) => ({ text: text.startsWith(" ") ? text : ` ${text}`, first }))
        : pieces;
    return (cut === null ? led : cut(led)).map(({ text, first }) => ({ text: bytesAsText(text), first }));
  };
}

function metaspace(part: Part): PreTokenizer {
  const mark = String(part.replacement ?? "▁");
  const scheme =
    part.prepend_scheme === undefined
      ? part.add_prefix_space === false
        ? "never"
        : "always"
      : String(part.prepend_scheme);
  const words = part.split === false ? null : splitter(patternOf({ String: mark }), "MergedWithNext", false);
  return (pieces) => {
    const led = pieces.map(({ text, first }) => {
      const marked = text.replaceAll(" ", mark);
      const leads = scheme === "always" || (scheme === "first" && first);
      return { text: leads && !marked.startsWith(mark) ? mark + marked : marked, first };
    });
    return words === null ? led : words(led);
  };
}

/** Cuts at the matches of a pattern (`invert`: at what lies between them). */
function splitter(pattern: RegExp, behavior: string, invert: boolean): PreTokenizer {
  const merge = MERGES[behavior.toLowerCase()];
  if (merge === undefined) throw new NotUnderstood(`the behaviour ${behavior}`);
  return (pieces) => {
    const out: Piece[] = [];
    for (const { text, first } of pieces) {
      const cuts = cutsOf(text, pattern, invert);
      for (const [from, to] of merge(cuts))
        if (to > from) out.push({ text: text.slice(from, to), first: first && from === 0 });
    }
    return out;
  };
}

/** From, to, and whether the pattern was found there. */
type Cut = readonly [from: number, to: number, found: boolean];

function cutsOf(text: string, pattern: RegExp, invert: boolean): Cut[] {
  const cuts: Cut[] = [];
  let end = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const from = match.index;
    const to = from + match[0].length;
    if (from > end) cuts.push([end, from, invert]);
    cuts.push([from, to, !invert]);
    end = to;
    if (from === to) pattern.lastIndex = to + (text.codePointAt(to)! > 0xffff ? 2 : 1);
  }
  if (end < text.length) cuts.push([end, text.length, invert]);
  return cuts;
}

const MERGES: Readonly<
  Record<string, (cuts: readonly Cut[]) => (readonly [number, number, ...unknown[]])[]>
> = {
  removed: (cuts) => cuts.filter(([, , found]) => !found),
  isolated: (cuts) => [...cuts],
  contiguous: (cuts) => joined(cuts, (before, now) => before === now),
  mergedwithprevious: (cuts) => joined(cuts, (before, now) => now && !before),
  mergedwithnext: (cuts) => joined(cuts, (before, now) => before && !now),
};

/** Neighbours joined where `fits` says so, going by what was found in each. */
function joined(cuts: readonly Cut[], fits: (before: boolean, now: boolean) => boolean): Cut[] {
  const out: Cut[] = [];
  let before = false;
  for (const [from, to, found] of cuts) {
    const last = out.at(-1);
    if (last !== undefined && fits(before, found)) out[out.length - 1] = [last[0], to, found];
    else out.push([from, to, found]);
    before = found;
  }
  return out;
}
