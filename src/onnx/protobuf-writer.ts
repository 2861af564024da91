import { WIRE } from "./protobuf-reader.js";

const encoder = new TextEncoder();

/** Collects protobuf fields; large byte arrays are referenced, and copied once at `finish`. */
export class ProtobufWriter {
  private readonly chunks: Uint8Array[] = [];
  private length = 0;

  private push(chunk: Uint8Array): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
  }

  private key(field: number, wire: number): void {
    this.push(varint(field * 8 + wire));
  }

  /** Bytes that already are whole fields, tag included. */
  raw(fields: Uint8Array): void {
    this.push(fields);
  }

  int64(field: number, value: number | bigint): void {
    this.key(field, WIRE.varint);
    this.push(varint(value));
  }

  float32(field: number, value: number): void {
    this.key(field, WIRE.fixed32);
    this.push(new Uint8Array(new Float32Array([value]).buffer));
  }

  bytes(field: number, value: Uint8Array): void {
    this.key(field, WIRE.bytes);
    this.push(varint(value.length));
    this.push(value);
  }

  string(field: number, value: string): void {
    this.bytes(field, encoder.encode(value));
  }

  message(field: number, write: (inner: ProtobufWriter) => void): void {
    const inner = new ProtobufWriter();
    write(inner);
    this.key(field, WIRE.bytes);
    this.push(varint(inner.length));
    for (const chunk of inner.chunks) this.push(chunk);
  }

  packedInt64(field: number, values: readonly (number | bigint)[]): void {
    if (values.length === 0) return;
    this.message(field, (inner) => {
      for (const value of values) inner.push(varint(value));
    });
  }

  packedFloat32(field: number, values: readonly number[] | Float32Array): void {
    if (values.length === 0) return;
    this.bytes(field, new Uint8Array(Float32Array.from(values).buffer));
  }

  finish(): Uint8Array {
    const result = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      result.set(chunk, at);
      at += chunk.length;
    }
    return result;
  }
}

function varint(value: number | bigint): Uint8Array {
  if (typeof value === "number" && value >= 0 && value < 0x80) return Uint8Array.of(value);
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
