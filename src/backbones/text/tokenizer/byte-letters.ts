/** A printable letter for each byte, as GPT-2 has them: itself where it is printable, else one from U+0100 on. */
export const BYTE_LETTERS: readonly string[] = (() => {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    return String.fromCharCode(printable ? byte : next++);
  });
})();

/** The UTF-8 bytes of a text, a letter each. */
export function bytesAsText(text: string): string {
  if (/^[!-~]*$/.test(text)) return text;
  let out = "";
  for (const byte of Buffer.from(text)) out += BYTE_LETTERS[byte];
  return out;
}
