/** Short WAV files of every encoding that is read, one of them with more chunks than it needs. */
export function seedSounds(): Uint8Array[] {
  const seeds: Uint8Array[] = [];
  for (const [tag, bytesPerSample] of [
    [1, 1],
    [1, 2],
    [1, 3],
    [1, 4],
    [3, 4],
    [3, 8],
    [6, 1],
    [7, 1],
    [0xfffe, 2],
  ] as const) {
    for (const channels of [1, 2]) seeds.push(wav(tag, bytesPerSample, channels, tag === 1));
  }
  return seeds;
}

function wav(tag: number, bytesPerSample: number, channels: number, list: boolean): Uint8Array {
  const samples = Buffer.alloc(16 * bytesPerSample * channels, 0x3f);
  const extensible = tag === 0xfffe;
  const format = Buffer.alloc(extensible ? 40 : 16);
  format.writeUInt16LE(tag, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(16_000, 4);
  format.writeUInt32LE(16_000 * bytesPerSample * channels, 8);
  format.writeUInt16LE(bytesPerSample * channels, 12);
  format.writeUInt16LE(8 * bytesPerSample, 14);
  if (extensible) {
    format.writeUInt16LE(22, 16);
    format.writeUInt16LE(1, 24);
    Buffer.from("000000001000800000aa00389b71", "hex").copy(format, 26);
  }
  const chunks = [
    chunk("fmt ", format),
    ...(list ? [chunk("LIST", Buffer.from("INFOISFT"))] : []),
    chunk("data", samples),
  ];
  const body = Buffer.concat([Buffer.from("WAVE"), ...chunks]);
  return new Uint8Array(chunk("RIFF", body));
}

function chunk(id: string, content: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.write(id, "latin1");
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content]);
}
