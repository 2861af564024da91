/** What a field of delimited text is in the middle of. */
type Place = "start" | "plain" | "quoted" | "closing";

/** Splits delimited text into records as it comes in. */
export interface CsvSplitter {
  /** @returns null, or the number of the field, from 0, in which a record became longer than the limit. */
  write(piece: Buffer): number | null;
  /** Takes the last record. @returns null, or the number of the field whose quote was never closed. */
  end(): number | null;
}

const [QUOTE, LINE_FEED, CARRIAGE_RETURN] = [0x22, 0x0a, 0x0d];

/**
 * A splitter of RFC 4180 with any line break, which refuses nothing: a quote inside an unquoted field is itself, and so are
 * those around a quoted field that goes on behind its closing quote. A blank line is a record of one empty field.
 * @param separator - an ASCII character.
 * @param recordLimit - bytes.
 * @param onRecord - told of each record, which it may keep.
 */
export function csvSplitter(
  separator: string,
  recordLimit: number,
  onRecord: (fields: string[]) => void,
): CsvSplitter {
  const delimiter = separator.charCodeAt(0);
  let place: Place = "start";
  let fields: string[] = [];
  // Of the field in hand: its bytes in earlier pieces, whether quotes are doubled in it, and what is settled of it.
  let held: Buffer[] = [];
  let doubled = false;
  let settled = "";
  // Bytes of the record in earlier pieces.
  let before = 0;
  let afterReturn = false;

  const textOf = (piece: Buffer, from: number, to: number): string => {
    if (held.length === 0) return piece.toString("utf8", from, to);
    held.push(piece.subarray(from, to));
    const text = Buffer.concat(held).toString("utf8");
    held = [];
    return text;
  };
  /** What stood between the quotes; the bytes end with the closing one. */
  const unquoted = (piece: Buffer, from: number, to: number): string => {
    const text = textOf(piece, from, to).slice(0, -1);
    const single = doubled ? text.replaceAll('""', '"') : text;
    doubled = false;
    return single;
  };
  const endField = (piece: Buffer, from: number, to: number): void => {
    if (place === "closing") fields.push(unquoted(piece, from, to));
    else fields.push(settled === "" ? textOf(piece, from, to) : settled + textOf(piece, from, to));
    settled = "";
    place = "start";
  };
  const endRecord = (): void => {
    const record = fields;
    fields = [];
    before = 0;
    onRecord(record);
  };

  return {
    write(piece) {
      const end = piece.length;
      let at = afterReturn && piece[0] === LINE_FEED ? 1 : 0;
      afterReturn &&= end === 0;
      let begun = at;
      let from = at;
      while (at < end) {
        if (place === "quoted") {
          const quote = piece.indexOf(QUOTE, at);
          at = quote === -1 ? end : quote + 1;
          if (quote !== -1) place = "closing";
          continue;
        }
        let byte = piece[at]!;
        if (byte === QUOTE && place !== "plain") {
          doubled = place === "closing" || doubled;
          at++;
          if (place === "start") from = at;
          place = "quoted";
          continue;
        }
        if (place === "start") from = at;
        if (place === "closing" && byte !== delimiter && byte !== LINE_FEED && byte !== CARRIAGE_RETURN) {
          settled = `"${unquoted(piece, from, at)}"`;
          from = at;
          place = "plain";
        }
        if (place !== "closing") {
          place = "plain";
          while (byte !== delimiter && byte !== LINE_FEED && byte !== CARRIAGE_RETURN && ++at < end)
            byte = piece[at]!;
          if (at === end) break;
        }
        endField(piece, from, at);
        at++;
        if (byte === delimiter) continue;
        if (before + at - begun > recordLimit) return fields.length - 1;
        endRecord();
        if (byte === CARRIAGE_RETURN) {
          if (at === end) afterReturn = true;
          else if (piece[at] === LINE_FEED) at++;
        }
        begun = at;
      }
      if (place !== "start") held.push(piece.subarray(from));
      before += end - begun;
      return before > recordLimit ? fields.length : null;
    },
    end() {
      if (place === "quoted") return fields.length;
      if (place === "start" && fields.length === 0) return null;
      endField(Buffer.alloc(0), 0, 0);
      endRecord();
      return null;
    },
  };
}
