import { lowerCase } from "./characters.js";
import { BERT_ACCENT, LATER } from "./later-characters.js";
import type { Part } from "./not-understood.js";
import type { Normalizer } from "./steps.js";

/** Characters that are dropped: NUL, the replacement character, controls, formats and private ones. */
const GONE = new RegExp(`(?![\\t\\n\\r${LATER}])[\\ufffd\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}]`, "gu");
const ACCENT = new RegExp(BERT_ACCENT, "gu");
const WHITE = /\p{White_Space}/gu;
/** CJK ideographs; the gap before U+2B920 is in the original too. */
const IDEOGRAPH =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;
const PLAIN = /^[\x20-\x7e]*$/;

/** BERT's normaliser: clean, part ideographs, drop accents, lower case, each where the part says so. */
export function bertNormalizer(part: Part): Normalizer {
  const clean = part.clean_text !== false;
  const ideographs = part.handle_chinese_chars !== false;
  const lower = part.lowercase !== false;
  const accents = (part.strip_accents ?? lower) === true;
  return (text) => {
    if (PLAIN.test(text)) return lower ? text.toLowerCase() : text;
    let out = text;
    if (clean) out = out.replace(GONE, "").replace(WHITE, " ");
    if (ideographs) out = out.replace(IDEOGRAPH, " $& ");
    if (accents) out = out.normalize("NFD").replace(ACCENT, "");
    return lower ? lowerCase(out) : out;
  };
}
