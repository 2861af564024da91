import { isUtf8 } from "node:buffer";
import { HeadstartError } from "../core/errors.js";

/** Encodings that text files may have; `latin1` is read as windows-1252, its superset. */
export type TextEncoding = "utf-8" | "latin1";

/**
 * Checks text that arrives in pieces, and passes it on as UTF-8 without its byte order mark; no piece ends
 * inside a character.
 * @throws {HeadstartError} `data` with file, line and byte (from 1, within the line) for UTF-16, NUL bytes, and
 * bytes that are not valid UTF-8 where no other encoding was given.
 */
export async function* utf8Bytes(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  encoding: TextEncoding = "utf-8",
): AsyncGenerator<Buffer> {
  const latin1 = encoding === "latin1" ? new TextDecoder("windows-1252") : null;
  let carry: Buffer = Buffer.alloc(0);
  let started = false;
  const position: Position = { line: 1, column: 1 };

  const checked = (chunk: Buffer): Buffer => {
    let text = chunk;
    if (!started) {
      started = true;
      refuseUtf16(chunk, name);
      if (chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) text = chunk.subarray(3);
    }
    if (text.includes(0)) throw nulError(name, advance(position, text, text.indexOf(0)));
    if (latin1 !== null) return Buffer.from(latin1.decode(text, { stream: true }));
    if (!isUtf8(text)) throw encodingError(name, advance(position, text, firstInvalidByte(text)));
    advance(position, text, text.length);
    return text;
  };

  for await (const piece of bytes) {
    const chunk =
      carry.length === 0
        ? Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
        : Buffer.concat([carry, piece]);
    const whole = started || chunk.length >= 3 ? chunk.length - incompleteSuffix(chunk) : 0;
    carry = chunk.subarray(whole);
    if (whole > 0) yield checked(chunk.subarray(0, whole));
  }
  if (carry.length > 0) yield checked(carry);
}

interface Position {
  line: number;
  column: number;
}

/** Moves `position` over the first `length` bytes of `chunk`. */
function advance(position: Position, chunk: Buffer, length: number): Position {
  let after = 0;
  for (let at = chunk.indexOf(10); at !== -1 && at < length; at = chunk.indexOf(10, at + 1)) {
    position.line++;
    position.column = 1;
    after = at + 1;
  }
  position.column += length - after;
  return position;
}

/** Bytes at the end that begin a character without ending it: 0 to 3. */
function incompleteSuffix(chunk: Buffer): number {
  for (let back = 1; back <= Math.min(3, chunk.length); back++) {
    const byte = chunk[chunk.length - back]!;
    if ((byte & 0xc0) !== 0x80) return characterLength(byte) > back ? back : 0;
  }
  return 0;
}

function characterLength(lead: number): number {
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
}

function firstInvalidByte(chunk: Buffer): number {
  let at = 0;
  while (at < chunk.length) {
    const length = characterLength(chunk[at]!);
    if (!isUtf8(chunk.subarray(at, at + length))) return at;
    at += length;
  }
  return at;
}

function refuseUtf16(start: Buffer, name: string): void {
  const little = start[0] === 0xff && start[1] === 0xfe;
  const big = start[0] === 0xfe && start[1] === 0xff;
  if (!little && !big) return;
  throw new HeadstartError(
    "data",
    `${name}, line 1: the file is UTF-16, and only UTF-8 and latin1 are read`,
    {
      facts: { file: name, line: 1, byte: 1 },
      hint: `Save it as UTF-8, for example: iconv -f UTF-16 -t UTF-8 ${name}`,
    },
  );
}

function nulError(name: string, { line, column }: Position): HeadstartError {
  return new HeadstartError("data", `${name}, line ${line}, byte ${column}: a NUL byte, so this is no text`, {
    facts: { file: name, line, byte: column },
    hint: "If the file is UTF-16, save it as UTF-8; if it is binary, name the right file or --format.",
  });
}

function encodingError(name: string, { line, column }: Position): HeadstartError {
  return new HeadstartError("data", `${name}, line ${line}, byte ${column}: not valid UTF-8`, {
    facts: { file: name, line, byte: column },
    hint: "If the file is latin-1 (windows-1252), add --encoding latin1.",
  });
}
