export interface WavOptions {
  /** Format tag: 1 integers, 3 float, 6 A-law, 7 mu-law. */
  readonly tag?: number;
  readonly bits?: number;
  readonly channels?: number;
  readonly rate?: number;
  /** Wraps the tag in WAVE_FORMAT_EXTENSIBLE. */
  readonly extensible?: boolean;
  /** Bytes of a sample of all channels; default as the bits say. */
  readonly blockAlign?: number;
  /** What the header says of the samples' bytes; default the truth. */
  readonly dataSize?: number;
  readonly riffSize?: number;
  /** Chunks between format and samples, each an odd number of bytes. */
  readonly before?: readonly { readonly id: string; readonly body: Uint8Array }[];
  readonly riff?: string;
}

/** A WAV file around bytes of samples. */
export function wavBytes(data: Uint8Array, options: WavOptions = {}): Uint8Array {
  const {
    tag = 1,
    bits = 16,
    channels = 1,
    rate = 16_000,
    extensible = false,
    before = [],
    riff = "RIFF",
  } = options;
  const blockAlign = options.blockAlign ?? (channels * bits) / 8;
  const fmt = new DataView(new ArrayBuffer(extensible ? 40 : 16));
  fmt.setUint16(0, extensible ? 0xfffe : tag, true);
  fmt.setUint16(2, channels, true);
  fmt.setUint32(4, rate, true);
  fmt.setUint32(8, rate * blockAlign, true);
  fmt.setUint16(12, blockAlign, true);
  fmt.setUint16(14, bits, true);
  if (extensible) {
    fmt.setUint16(16, 22, true);
    fmt.setUint16(18, bits, true);
    fmt.setUint16(24, tag, true);
  }
  const parts = [
    chunk("fmt ", new Uint8Array(fmt.buffer)),
    ...before.map(({ id, body }) => chunk(id, body)),
    chunk("data", data, options.dataSize),
  ];
  const body = Buffer.concat(parts);
  return Buffer.concat([
    Buffer.from(riff),
    uint32(options.riffSize ?? body.length + 4),
    Buffer.from("WAVE"),
    body,
  ]);
}

/** 16-bit samples of a WAV file, from amplitudes. */
export function pcm16(values: ArrayLike<number>): Uint8Array {
  const samples = Int16Array.from(values, (value) =>
    Math.max(-32_768, Math.min(32_767, Math.round(value * 32_767))),
  );
  return new Uint8Array(samples.buffer);
}

/** 32-bit floats as bytes. */
export function float32(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

function chunk(id: string, body: Uint8Array, size = body.length): Uint8Array {
  return Buffer.concat([Buffer.from(id, "latin1"), uint32(size), body, Buffer.alloc(body.length % 2)]);
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
