import { gunzipSync } from "node:zlib";
import { HeadstartError } from "../../core/errors.js";

/** An SVG may be this long, after decompression. */
const MAX_BYTES = 10_000_000;

/** How far before a link its element may begin. */
const LONGEST_TAG = 2000;

/**
 * An SVG's bytes, decompressed, once it is sure that drawing it reads no other file and expands nothing.
 * @throws {HeadstartError} `data` for one that refers to files or addresses outside itself, nests entities, or is
 *   longer than 10 MB.
 */
export function svgContent(name: string, bytes: Uint8Array): Uint8Array {
  const refuse = (reason: string, hint?: string, cause?: unknown): HeadstartError =>
    new HeadstartError("data", `${name}: ${reason}`, {
      facts: { image: name, reason },
      cause,
      ...(hint === undefined ? {} : { hint }),
    });
  let content = bytes;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      content = gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
    } catch (cause) {
      throw refuse("a compressed SVG that is damaged, or longer than 10 MB", undefined, cause);
    }
  }
  if (content.length > MAX_BYTES) throw refuse("an SVG of more than 10 MB", "Convert it to PNG.");
  const text = Buffer.from(content.buffer, content.byteOffset, content.length)
    .toString("latin1")
    .replaceAll("\0", "");
  const entity = /<!ENTITY\s+(%|\S+\s+(SYSTEM|PUBLIC)\b|\S+\s+("[^"]*&|'[^']*&))/.exec(text);
  if (entity !== null) {
    throw refuse("an SVG whose entities refer to others or to files is not read", "Convert it to PNG.");
  }
  const outside = outsideReference(text);
  if (outside !== null) {
    throw refuse(
      `an SVG that refers to something outside itself (${JSON.stringify(outside)}) is not read`,
      "Embed what it refers to, or convert it to PNG.",
    );
  }
  return content;
}

/** The first reference that leads out of the document; links that a reader may click lead nowhere while drawing. */
function outsideReference(text: string): string | null {
  for (const match of text.matchAll(
    /[\s"'](?:[\w-]+:)?(?:href|src)\s*=\s*["']\s*(?!#|data:)([^"']{0,80})/gi,
  )) {
    const before = text.slice(Math.max(0, match.index - LONGEST_TAG), match.index + 1);
    const tag = before.slice(before.lastIndexOf("<"));
    if (!/^<(?:\w+:)?a\s/.test(tag)) return match[1]!;
  }
  const style = /url\(\s*["']?\s*(?!["']|#|data:|&quot;)([^)"']{1,80})/i.exec(text);
  if (style !== null) return style[1]!;
  return /@import\b.{0,80}|<\?xml-stylesheet\b.{0,80}|<xi:include\b.{0,80}/is.exec(text)?.[0] ?? null;
}
