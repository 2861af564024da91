import { crc32, deflateSync } from "node:zlib";

/** Texts of unequal length: in one batch, the short ones are padded. */
export const PROBE_TEXTS: readonly string[] = [
  "A room.",
  "The room was clean and the staff were kind, but breakfast ended at nine.",
  "Une très petite phrase, en français.",
  "Nobody told us that the pool was closed for the whole of August; the brochure shows it full of happy children, and " +
    "the price was the same as ever.",
];

/** Three pictures as PNG files, of unequal shape: gradients and checks. */
export function probeImages(): readonly Uint8Array[] {
  const shapes = [
    [320, 240],
    [240, 320],
    [300, 300],
  ] as const;
  return shapes.map(([width, height], picture) =>
    png(width, height, (x, y) => {
      const check = ((x >> 4) + (y >> 4)) % 2 === 0 ? 255 : 40;
      const colours = [Math.floor((255 * x) / width), Math.floor((255 * y) / height), check];
      return [colours[picture % 3]!, colours[(picture + 1) % 3]!, colours[(picture + 2) % 3]!];
    }),
  );
}

/** Three sounds as WAV files at 16 kHz, of unequal length: rising tones. */
export function probeSounds(): readonly Uint8Array[] {
  return [1, 1.5, 2].map((seconds, i) =>
    wav(
      16_000,
      Math.round(16_000 * seconds),
      (t) => 0.5 * Math.sin(2 * Math.PI * (200 + 150 * i + 400 * t) * t),
    ),
  );
}

/** An RGB picture of 8 bits a channel, by the PNG specification. */
function png(width: number, height: number, colour: (x: number, y: number) => readonly number[]): Uint8Array {
  const rows = Buffer.alloc(height * (1 + 3 * width));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows.set(colour(x, y), y * (1 + 3 * width) + 1 + 3 * x);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    pngChunk("IHDR", header),
    pngChunk("IDAT", deflateSync(rows)),
    pngChunk("IEND", new Uint8Array()),
  ]);
}

function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A mono sound of 16 bits, by the RIFF specification. */
function wav(rate: number, samples: number, value: (seconds: number) => number): Uint8Array {
  const file = Buffer.alloc(44 + 2 * samples);
  file.write("RIFF", 0, "latin1");
  file.writeUInt32LE(36 + 2 * samples, 4);
  file.write("WAVEfmt ", 8, "latin1");
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(2 * rate, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36, "latin1");
  file.writeUInt32LE(2 * samples, 40);
  for (let i = 0; i < samples; i++) file.writeInt16LE(Math.round(32_767 * value(i / rate)), 44 + 2 * i);
  return file;
}
