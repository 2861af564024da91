import { gunzipSync } from "node:zlib";
import { HeadstartError } from "../../core/errors.js";
import { type SvgCost, svgCost } from "./svg-cost.js";

/** An SVG may be this long, after decompression. */
const MAX_BYTES = 10_000_000;

/** Elements drawn, each as often as it is referred to; librsvg has the same limit of references. */
const MOST_ELEMENTS = 500_000;

const MOST_ENTITIES = 1000;
const ENTITY = /<!ENTITY\s+(\S{1,200})\s+(?:"([^"]{0,10000})"|'([^']{0,10000})')?/g;

/** How far before a link its element may begin. */
const LONGEST_TAG = 2000;

/** An SVG that is safe to draw, and what that takes. */
export interface SvgContent {
  readonly bytes: Uint8Array;
  readonly cost: SvgCost;
}

/**
 * An SVG's bytes, decompressed, once it is sure that drawing it reads no other file and that it declares no text that
 * is put together from other text.
 * @throws {HeadstartError} `data` for one that refers to files or addresses outside itself, nests entities, or is
 *   longer than 10 MB.
 */
export function svgContent(name: string, bytes: Uint8Array): SvgContent {
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
  const expanded = withoutEntities(text);
  if (expanded === null) {
    throw refuse(
      "an SVG whose entities refer to others, to files or to elements is not read",
      "Convert it to PNG.",
    );
  }
  const outside = outsideReference(expanded);
  if (outside !== null) {
    throw refuse(
      `an SVG that refers to something outside itself (${JSON.stringify(outside)}) is not read`,
      "Embed what it refers to, or convert it to PNG.",
    );
  }
  const tooMany = (): HeadstartError =>
    refuse(`an SVG that draws more than ${MOST_ELEMENTS} elements is not read`, "Convert it to PNG.");
  if (expanded.split("<").length > 2 * MOST_ELEMENTS) throw tooMany();
  let cost: SvgCost;
  try {
    cost = svgCost(expanded);
  } catch (cause) {
    throw refuse("an SVG that cannot be understood", "Convert it to PNG.", cause);
  }
  if (cost.elements > MOST_ELEMENTS) throw tooMany();
  return { bytes: content, cost };
}

/** The text with its entities and numbered characters put in; null where that is not plain text, or is too long. */
function withoutEntities(text: string): string | null {
  const values = new Map<string, string>();
  if (text.split("<!ENTITY").length > MOST_ENTITIES) return null;
  for (const [, name, double, single] of text.matchAll(ENTITY)) {
    const value = double ?? single;
    if (name === "%" || value === undefined || /[&<%]/.test(value)) return null;
    values.set(name!, value);
  }
  let length = text.length;
  const expanded = text.replace(
    /&(?:#x([\da-f]{1,6})|#(\d{1,7})|([^\s&;<]{1,100}));/gi,
    (whole, hex, decimal, name) => {
      const value =
        name === undefined ? character(Number.parseInt(hex ?? decimal, hex ? 16 : 10)) : values.get(name);
      length += value?.length ?? 0;
      return length > MAX_BYTES ? "" : (value ?? whole);
    },
  );
  return length > MAX_BYTES ? null : expanded;
}

/** A numbered character; quotes and angle brackets stay out, as they would end what they stand in. */
function character(code: number): string {
  return code < 128 && !"<>\"'".includes(String.fromCharCode(code)) ? String.fromCharCode(code) : " ";
}

/** The first reference that leads out of the document; links that a reader may click lead nowhere while drawing. */
function outsideReference(text: string): string | null {
  for (const match of text.matchAll(
    /[\s"'](?:[\w-]+:)?(?:href|src)\s*=\s*["']\s*(?!["'\s#]|data:)([^"']{0,80})/gi,
  )) {
    const before = text.slice(Math.max(0, match.index - LONGEST_TAG), match.index + 1);
    const tag = before.slice(before.lastIndexOf("<"));
    if (!/^<(?:\w+:)?a\s/.test(tag)) return match[1]!;
  }
  const style = /url\(["'\s]*(?!["'\s)#]|data:|&quot;)([^)"']{1,80})/i.exec(text);
  if (style !== null) return style[1]!;
  return /@import\b.{0,80}|<\?xml-stylesheet\b.{0,80}|<xi:include\b.{0,80}/is.exec(text)?.[0] ?? null;
}
