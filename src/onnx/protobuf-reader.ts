import { HeadstartError } from "../core/errors.js";

/** How a field lies on the wire. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

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
    const length = this.unsigned();
    const at = this.advance(length);
    return this.bytes.subarray(at, at + length);
  }

  string(): string {
    return decoder.decode(this.chunk());
  }

  /** A reader over the sub-message that starts here. */
  message(): ProtobufReader {
    const length = this.unsigned();
    const at = this.advance(length);
    return new ProtobufReader(this.bytes, at, at + length);
  }

  skip(wire: number): void {
    if (wire === WIRE.varint) this.varint();
    else if (wire === WIRE.fixed64) this.advance(8);
    else if (wire === WIRE.bytes) this.chunk();
    else if (wire === WIRE.fixed32) this.advance(4);
    else throw damaged(`wire type ${wire}`, this.position);
  }

  private advance(length: number): number {
    const at = this.position;
    if (length > this.end - at) throw damaged(`field of ${length} bytes runs past the end`, at);
    this.position = at + length;
    return at;
  }
}

const decoder = new TextDecoder();

/** The error for bytes that are no protobuf message of the kind expected. */
export function damaged(what: string, offset: number): HeadstartError {
  return new HeadstartError("format", `Not a valid ONNX file: ${what} at byte ${offset}`, {
    facts: { offset },
    hint: "The file may be cut short or be something else: fetch, build or train it again.",
  });
}
