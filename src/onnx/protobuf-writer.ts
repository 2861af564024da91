import { WIRE } from "./protobuf-reader.js";

const encoder = new TextEncoder();

/** Longer arrays are referenced, not copied into the open block. */
const LONG = 512;
/** A block that is full at this size is closed. */
const LARGEST_BLOCK = 65_536;

/** Collects protobuf fields; large byte arrays are referenced, and copied once at `finish`. */
export class ProtobufWriter {
  private readonly chunks: Uint8Array[] = [];
  /** Bytes in `chunks`. */
  private closed = 0;
  /** Short fields are written here one behind the other. */
  private block = new Uint8Array(64);
  private used = 0;

  private push(chunk: Uint8Array): void {
    if (chunk.length <= LONG) {
      while (this.block.length - this.used < chunk.length) this.makeRoom();
      this.block.set(chunk, this.used);
      this.used += chunk.length;
      return;
    }
    this.close();
    this.chunks.push(chunk);
    this.closed += chunk.length;
  }

  private makeRoom(): void {
    if (this.block.length >= LARGEST_BLOCK) {
      this.close();
      this.block = new Uint8Array(LARGEST_BLOCK);
      return;
    }
    const block = new Uint8Array(Math.max(64, 2 * this.block.length));
    block.set(this.block.subarray(0, this.used));
    this.block = block;
  }

  private close(): void {
    if (this.used === 0) return;
    this.chunks.push(this.block.subarray(0, this.used));
    this.closed += this.used;
    this.block = this.block.subarray(this.used);
    this.used = 0;
  }

  private varint(value: number | bigint): void {
    if (this.block.length - this.used < 10) this.makeRoom();
    if (typeof value === "bigint" || value < 0 || !Number.isSafeInteger(value)) {
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest > 0x7fn; rest >>= 7n) this.block[this.used++] = Number(rest & 0x7fn) | 0x80;
      this.block[this.used++] = Number(rest);
      return;
    }
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.block[this.used++] = (rest % 128) | 0x80;
    this.block[this.used++] = rest;
  }

  private key(field: number, wire: number): void {
    this.varint(field * 8 + wire);
  }

  /** Bytes that already are whole fields, tag included. */
  raw(fields: Uint8Array): void {
    this.push(fields);
  }

  int64(field: number, value: number | bigint): void {
    this.key(field, WIRE.varint);
    this.varint(value);
  }

  float32(field: number, value: number): void {
    this.key(field, WIRE.fixed32);
    this.push(new Uint8Array(new Float32Array([value]).buffer));
  }

  bytes(field: number, value: Uint8Array): void {
    this.key(field, WIRE.bytes);
    this.varint(value.length);
    this.push(value);
  }

  string(field: number, value: string): void {
    this.bytes(field, encoder.encode(value));
  }

  message(field: number, write: (inner: ProtobufWriter) => void): void {
    const inner = new ProtobufWriter();
    write(inner);
    this.key(field, WIRE.bytes);
    inner.close();
    this.varint(inner.closed);
    for (const chunk of inner.chunks) this.push(chunk);
  }

  packedInt64(field: number, values: readonly (number | bigint)[]): void {
    if (values.length === 0) return;
    this.message(field, (inner) => {
      for (const value of values) inner.varint(value);
    });
  }

  packedFloat32(field: number, values: readonly number[] | Float32Array): void {
    if (values.length === 0) return;
    this.bytes(field, new Uint8Array(Float32Array.from(values).buffer));
  }

  finish(): Uint8Array {
    this.close();
    const result = new Uint8Array(this.closed);
    let at = 0;
    for (const chunk of this.chunks) {
      result.set(chunk, at);
      at += chunk.length;
    }
    return result;
  }
}
