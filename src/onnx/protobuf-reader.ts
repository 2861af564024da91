import { HeadstartError } from "../core/errors.js";

/** How a field lies on the wire. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** More messages and strings than any model has, yet few enough to fit the memory of a small machine. */
const MAX_PARTS = 4_000_000;

/**
 * A cursor over protobuf wire format. Every read checks the end of the buffer, so a damaged or hostile
 * file gives an error and never a hang or a read out of bounds.
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufReader {
  private readonly view: DataView;
  position: number;

  constructor(
    readonly bytes: Uint8Array,
    start = 0,
    readonly end = bytes.length,
    private readonly budget = { parts: MAX_PARTS },
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = start;
  }

  get done(): boolean {
    return this.position >= this.end;
  }

  /** Field number and wire type of the next field. */
  tag(): { field: number; wire: number; start: number } {
    const start = this.position;
    const key = this.unsigned();
    const field = Math.floor(key / 8);
    if (field < 1 || field > 536870911) throw damaged(`field number ${field}`, start);
    return { field, wire: key % 8, start };
  }

  /** A varint up to 2^53 - 1: lengths, enums, tags. */
  unsigned(): number {
    const value = this.varint();
    if (value < 0n || value > 9007199254740991n) throw damaged(`number ${value} out of range`, this.position);
    return Number(value);
  }

  /** A varint of an enumeration, which other readers would cut to 32 bits. */
  enumeration(): number {
    const value = this.unsigned();
    if (value > 2147483647) throw damaged(`number ${value} out of range`, this.position);
    return value;
  }

  /** An int64 varint; a number where it is exact, else a bigint. */
  int64(): number | bigint {
    const value = this.varint();
    return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
  }

  private varint(): bigint {
    let low = 0;
    let shift = 0;
    // Up to 28 bits in plain arithmetic: nearly all there are.
    while (shift < 28) {
      const byte = this.byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt(low);
      shift += 7;
    }
    let value = BigInt(low);
    let bits = 28n;
    while (bits < 70n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << bits;
      if (byte < 0x80) return BigInt.asIntN(64, value);
      bits += 7n;
    }
    throw damaged("varint longer than 10 bytes", this.position);
  }

  private byte(): number {
    if (this.position >= this.end) throw damaged("unexpected end", this.position);
    return this.bytes[this.position++]!;
  }

  float32(): number {
    const at = this.advance(4);
    return this.view.getFloat32(at, true);
  }

  float64(): number {
    const at = this.advance(8);
    return this.view.getFloat64(at, true);
  }

  /** A length-delimited field as a view on the buffer. */
  chunk(): Uint8Array {
    return this.bytes.subarray(...this.range());
  }

  /** A length-delimited field of which there may be very many. */
  element(): Uint8Array {
    this.count();
    return this.bytes.subarray(...this.range());
  }

  string(): string {
    const at = this.position;
    try {
      return decoder.decode(this.chunk());
    } catch (error) {
      if (error instanceof HeadstartError) throw error;
      throw damaged("text that is not UTF-8", at);
    }
  }

  /** A reader over the sub-message that starts here. */
  message(): ProtobufReader {
    this.count();
    const [start, end] = this.range();
    return new ProtobufReader(this.bytes, start, end, this.budget);
  }

  /** Counts one more part of the file. @throws {HeadstartError} `format` if there are more than 4,000,000. */
  count(): void {
    if (--this.budget.parts < 0) throw damaged(`more than ${MAX_PARTS} parts`, this.position);
  }

  skip(wire: number): void {
    if (wire === WIRE.varint) this.varint();
    else if (wire === WIRE.fixed64) this.advance(8);
    else if (wire === WIRE.bytes) this.chunk();
    else if (wire === WIRE.fixed32) this.advance(4);
    else throw damaged(`wire type ${wire}`, this.position);
  }

  /** Start and end of a length-delimited field's content. */
  private range(): [start: number, end: number] {
    const length = this.unsigned();
    const at = this.advance(length);
    return [at, at + length];
  }

  private advance(length: number): number {
    const at = this.position;
    if (length > this.end - at) throw damaged(`field of ${length} bytes runs past the end`, at);
    this.position = at + length;
    return at;
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The error for bytes that are no protobuf message of the kind expected. */
export function damaged(what: string, offset: number): HeadstartError {
  return new HeadstartError("format", `Not a valid ONNX file: ${what} at byte ${offset}`, {
    facts: { offset },
    hint: "The file may be cut short or be something else: fetch, build or train it again.",
  });
}
