/** A line of text without its line break, and its number from 1. */
export interface TextLine {
  readonly line: number;
  readonly text: string;
  /** Whether the line had more than the limit's bytes; then `text` is only its start. */
  readonly tooLong: boolean;
}

/**
 * Splits UTF-8 bytes at `\n` or `\r\n`; a break at the end of the file begins no further line.
 * @param limit - bytes of a line that are kept at most, so that a file without breaks cannot fill memory.
 */
export async function* textLines(bytes: AsyncIterable<Buffer>, limit: number): AsyncGenerator<TextLine> {
  let line = 0;
  let held: Buffer[] = [];
  let length = 0;
  const hold = (piece: Buffer): void => {
    if (piece.length > 0 && length < limit) held.push(Buffer.from(piece.subarray(0, limit - length)));
    length += piece.length;
  };
  const finish = (last: Buffer): TextLine => {
    let whole = last;
    const tooLong = length + last.length > limit;
    if (held.length > 0 || tooLong) {
      hold(last);
      whole = Buffer.concat(held);
    }
    held = [];
    length = 0;
    line++;
    const end = whole[whole.length - 1] === 13 ? whole.length - 1 : whole.length;
    return { line, text: whole.toString("utf8", 0, end), tooLong };
  };
  for await (const chunk of bytes) {
    let from = 0;
    for (let to = chunk.indexOf(10); to !== -1; to = chunk.indexOf(10, from)) {
      yield finish(chunk.subarray(from, to));
      from = to + 1;
    }
    hold(chunk.subarray(from));
  }
  if (length > 0) yield finish(Buffer.alloc(0));
}
