const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Control characters as escapes: labels, columns and file names may hold them, and they would break lines or steer
 * the terminal.
 * @param keep - characters that stay as they are. Default none.
 */
export function printable(text: string, keep = ""): string {
  return text.replace(/\p{Cc}/gu, (character) =>
    keep.includes(character)
      ? character
      : (SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
}
