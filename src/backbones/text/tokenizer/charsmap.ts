import { NotUnderstood } from "./not-understood.js";

/**
 * A normaliser that sentencepiece has compiled: a double-array trie of byte sequences, and what stands for each.
 * As the `tokenizers` library applies it: a grapheme of less than six bytes is looked up whole, then character by
 * character; the shortest entry that the bytes begin with replaces them all.
 * @param base64 - `precompiled_charsmap`: the trie's size in bytes, its units, then the replacements, each ended by 0.
 * @see https://github.com/s-yata/darts-clone for the trie
 */
export function charsmap(base64: unknown): (text: string) => string {
  if (typeof base64 !== "string") throw new NotUnderstood("precompiled_charsmap");
  const bytes = Buffer.from(base64, "base64");
  const size = bytes.length >= 4 ? bytes.readUInt32LE(0) : Number.POSITIVE_INFINITY;
  if (size % 4 !== 0 || 4 + size > bytes.length) throw new NotUnderstood("precompiled_charsmap");
  const units = Uint32Array.from({ length: size / 4 }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
  const words = bytes.subarray(4 + size);
  const ascii = Array.from({ length: 128 }, (_, code) => lookUp(String.fromCharCode(code)));
  const plain = ascii.every((found) => found === null);

  return (text) => {
    if (ASCII.test(text) && !text.includes("\r\n")) {
      if (plain) return text;
      let out = "";
      for (let i = 0; i < text.length; i++) out += ascii[text.charCodeAt(i)] ?? text[i];
      return out;
    }
    let out = "";
    for (const grapheme of graphemes(text)) out += ofGrapheme(grapheme);
    return out;
  };

  function ofGrapheme(grapheme: string): string {
    if (grapheme.length === 1 && grapheme.charCodeAt(0) < 128)
      return ascii[grapheme.charCodeAt(0)] ?? grapheme;
    if (grapheme.length < 6 && Buffer.byteLength(grapheme) < 6) {
      const whole = lookUp(grapheme);
      if (whole !== null) return whole;
    }
    let out = "";
    for (const character of grapheme) out += lookUp(character) ?? character;
    return out;
  }

  /** The replacement of the shortest entry that `chunk` begins with. */
  function lookUp(chunk: string): string | null {
    const key = Buffer.from(chunk);
    let at = offsetOf(units[0] ?? 0);
    for (const byte of key) {
      if (byte === 0) break;
      at ^= byte;
      const unit = units[at];
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return null;
      at ^= offsetOf(unit);
      if ((unit >>> 8) & 1) {
        const start = (units[at] ?? 0) & 0x7fffffff;
        const end = words.indexOf(0, start);
        return words.toString("utf8", start, end < 0 ? words.length : end);
      }
    }
    return null;
  }
}

const ASCII = /^\p{ASCII}*$/u;

/** Characters that are segmented at a time: the segmenter's time grows with the square of the text's length. */
const WINDOW = 1024;
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

function* graphemes(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const window = text.slice(start, start + WINDOW);
    const segments = Array.from(segmenter.segment(window), ({ segment }) => segment);
    // The last may go on behind the window: it is begun again, unless it is all there is.
    if (start + WINDOW < text.length && segments.length > 1) segments.pop();
    for (const segment of segments) {
      yield segment;
      start += segment.length;
    }
  }
}

const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 512) >>> 6);
