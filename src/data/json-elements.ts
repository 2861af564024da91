import { HeadstartError } from "../core/errors.js";

/** An element of the array of records, not yet parsed. */
export interface JsonElement {
  /** The line on which it begins, from 1. */
  readonly line: number;
  /** Null where it is longer than the limit. */
  readonly text: string | null;
  /** Levels of arrays and objects in it. */
  readonly depth: number;
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
/** Characters of a key that are kept; only the array's own is shown. */
const KEY_LIMIT = 10_000;

/**
 * What the scanner expects next. `values` are those of the document's own object: an array of objects among them is the
 * one of records, all else is passed over.
 */
type State =
  | "start"
  | "key"
  | "colon"
  | "value"
  | "array"
  | "member-end"
  | "element"
  | "element-end"
  | "skipping"
  | "capturing"
  | "end";

/**
 * Cuts the array of records in a JSON document into its elements without holding more than one; what lies in them is
 * checked by whoever parses them.
 * @param limit - bytes of an element that are kept at most.
 * @throws {HeadstartError} `data` with the line where the document has another shape, or ends too early.
 */
export async function* jsonElements(
  bytes: AsyncIterable<Buffer>,
  name: string,
  limit: number,
): AsyncGenerator<JsonElement> {
  let state = "start" as State;
  let line = 1;
  let rootArray = false;
  let recordsKey: string | null = null;
  let key = "";
  // Of the value that is being passed over or captured:
  let depth = 0;
  let deepest = 0;
  let inString = false;
  let escaped = false;
  let scalar = false;
  let startLine = 1;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let keyPart = false;
  let lastComma = false;
  const ready: JsonElement[] = [];

  const wrong = (found: string): HeadstartError =>
    new HeadstartError("data", `${name}, line ${line}: ${found}`, {
      facts: { file: name, line },
      hint: "Read is an array of objects, [{…}, {…}], or an object that holds one such array; objects line by line are --format jsonl.",
    });
  const begin = (next: "skipping" | "capturing", byte: number): void => {
    state = next;
    startLine = line;
    depth = 0;
    deepest = 0;
    inString = false;
    escaped = false;
    held = [];
    heldBytes = 0;
    scalar = byte !== QUOTE && byte !== OPEN_ARRAY && byte !== OPEN_OBJECT;
  };
  const hold = (piece: Buffer): void => {
    if (piece.length > 0 && heldBytes <= limit) held.push(Buffer.from(piece));
    heldBytes += piece.length;
  };
  const finish = (last: Buffer): void => {
    if (state === "skipping") {
      state = "member-end";
      return;
    }
    hold(last);
    if (keyPart) {
      keyPart = false;
      key = Buffer.concat(held).toString("utf8").slice(1, KEY_LIMIT).replace(/"$/, "");
      state = "colon";
    } else {
      const text = heldBytes > limit ? null : Buffer.concat(held).toString("utf8");
      ready.push({ line: startLine, text, depth: deepest });
      state = "element-end";
    }
    held = [];
  };
  const structure = (byte: number): boolean => {
    switch (state) {
      case "start":
        if (byte === OPEN_ARRAY) {
          rootArray = true;
          state = "element";
        } else if (byte === OPEN_OBJECT) state = "key";
        else throw wrong("neither an array nor an object begins here");
        return true;
      case "key":
        if (byte === CLOSE_OBJECT && !lastComma) {
          state = "end";
          return true;
        }
        if (byte !== QUOTE) throw wrong("expected a key in quotes");
        lastComma = false;
        keyPart = true;
        begin("capturing", byte);
        return false;
      case "colon":
        if (byte !== COLON) throw wrong("expected a colon after the key");
        state = "value";
        return true;
      case "value":
        if (byte === OPEN_ARRAY) {
          state = "array";
          return true;
        }
        begin("skipping", byte);
        return false;
      case "array":
        // The first byte inside an array that is a member of the document's object.
        if (byte === OPEN_OBJECT) {
          if (recordsKey !== null) {
            throw wrong(`two arrays of objects, '${recordsKey}' and '${key}'; which of them are the rows?`);
          }
          recordsKey = key;
          begin("capturing", byte);
          return false;
        }
        if (byte === CLOSE_ARRAY) {
          state = "member-end";
          return true;
        }
        begin("skipping", byte);
        // The bracket before it is already past.
        depth = 1;
        scalar = false;
        return false;
      case "member-end":
        if (byte === COMMA) {
          lastComma = true;
          state = "key";
        } else if (byte === CLOSE_OBJECT) state = "end";
        else throw wrong("expected a comma or the end of the object");
        return true;
      case "element":
        if (byte === CLOSE_ARRAY && !lastComma) {
          state = rootArray ? "end" : "member-end";
          return true;
        }
        if (byte === COMMA || byte === CLOSE_ARRAY) throw wrong("a comma with nothing after it");
        lastComma = false;
        begin("capturing", byte);
        return false;
      case "element-end":
        if (byte === COMMA) {
          lastComma = true;
          state = "element";
        } else if (byte === CLOSE_ARRAY) state = rootArray ? "end" : "member-end";
        else throw wrong("expected a comma or the end of the array");
        return true;
      default:
        throw wrong("there is more after the end of the document");
    }
  };

  for await (const chunk of bytes) {
    let from = 0;
    let at = 0;
    while (at < chunk.length) {
      if (state !== "capturing" && state !== "skipping") {
        const byte = chunk[at]!;
        if (byte === 10) line++;
        if (byte === 0x20 || byte === 9 || byte === 10 || byte === 13) at++;
        else {
          from = at;
          if (structure(byte)) at++;
        }
        continue;
      }
      // The same loop, kept tight: inside a value.
      let done = false;
      for (; at < chunk.length; at++) {
        const byte = chunk[at]!;
        if (byte === 10) line++;
        if (inString) {
          if (escaped) escaped = false;
          else if (byte === BACKSLASH) escaped = true;
          else if (byte === QUOTE) {
            inString = false;
            if (depth === 0) done = true;
          }
        } else if (scalar) {
          if (byte === COMMA || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT || byte <= 0x20) {
            if (byte === 10) line--;
            finish(chunk.subarray(from, at));
            break;
          }
        } else if (byte === QUOTE) inString = true;
        else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
          depth++;
          if (depth > deepest) deepest = depth;
        } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
          depth--;
          if (depth === 0) done = true;
        }
        if (done) {
          at++;
          finish(chunk.subarray(from, at));
          break;
        }
      }
    }
    if (state === "capturing") hold(chunk.subarray(from));
    if (ready.length > 0) yield* ready.splice(0);
  }
  if (state === "start") return;
  if (state !== "end")
    throw wrong("the document ends too early: it is cut short, or a bracket or quote is not closed");
  if (!rootArray && recordsKey === null) {
    throw wrong(
      "an object without an array of objects; if it is one row, put it in brackets, or add --format jsonl",
    );
  }
}
