import { bertNormalizer } from "./bert-normalizer.js";
import { lowerCase, SPACE } from "./characters.js";
import { charsmap } from "./charsmap.js";
import { NotUnderstood, type Part, partOf, partsOf } from "./not-understood.js";
import { patternOf } from "./oniguruma.js";
import type { Normalizer } from "./steps.js";

/**
 * The `normalizer` of tokenizer.json; null where there is none.
 * @throws {NotUnderstood} for a kind that is not read here.
 */
export function normalizerOf(json: unknown): Normalizer | null {
  const part = partOf(json, "normalizer");
  if (part === null) return null;
  switch (part.type) {
    case "Sequence": {
      const steps = partsOf(part.normalizers, "normalizer").map((step) => normalizerOf(step)!);
      return (text) => steps.reduce((before, step) => step(before), text);
    }
    case "BertNormalizer":
      return bertNormalizer(part);
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD": {
      const form = part.type;
      // Plain ASCII is its own normal form, whichever.
      return (text) => (ASCII.test(text) ? text : text.normalize(form));
    }
    case "Lowercase":
      return lowerCase;
    case "Strip":
      return strip(part);
    case "StripAccents":
      return (text) => text.replace(/\p{M}/gu, "");
    case "Replace": {
      const pattern = patternOf(part.pattern);
      const content = String(part.content ?? "");
      return (text) => text.replace(pattern, () => content);
    }
    case "Prepend": {
      const prefix = String(part.prepend ?? "");
      return (text) => (text === "" ? text : prefix + text);
    }
    case "Nmt":
      return (text) => text.replace(NMT, nmt);
    case "Precompiled":
      return charsmap(part.precompiled_charsmap);
    default:
      throw new NotUnderstood(`the normalizer ${part.type}`);
  }
}

const ASCII = /^\p{ASCII}*$/u;
/** What sentencepiece's `nmt` rules touch. */
const NMT = /[\p{Cc}\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/gu;

/** Controls are dropped, spaces and separators become a space; a few controls stay. */
function nmt(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= 160 || [9, 10, 12, 13].includes(code)) return " ";
  const stays = code === 0 || (code >= 0x80 && code !== 0x8f && code !== 0x9f);
  return stays ? character : "";
}

const LEFT = new RegExp(`^${SPACE}+`, "u");
const RIGHT = /\p{White_Space}/u;

function strip({ strip_left: left, strip_right: right }: Part): Normalizer {
  return (text) => {
    const from = left === true ? text.replace(LEFT, "") : text;
    if (right !== true) return from;
    let end = from.length;
    while (end > 0 && RIGHT.test(from[end - 1]!)) end--;
    return from.slice(0, end);
  };
}
