import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DecodeAudioOptions, decodeAudio } from "../../src/backbones/audio/decode-audio.js";
import { decodeWithFfmpeg, findFfmpeg } from "../../src/backbones/audio/ffmpeg.js";
import { soundLength } from "../../src/backbones/audio/sound-length.js";
import { HeadstartError } from "../../src/core/errors.js";
import { float32, pcm16, wavBytes } from "./wav-bytes.js";

const SECOND: DecodeAudioOptions = { limit: { seconds: 1, beyond: "refuse" }, ffmpeg: null };
const decoded = async (bytes: Uint8Array, options = SECOND) => [
  ...(await decodeAudio(bytes, options)).samples,
];
const reason = (bytes: Uint8Array | string, options = SECOND): Promise<string> =>
  decodeAudio(bytes, options).then(
    () => "no error",
    (thrown: unknown) => {
      if (!(thrown instanceof HeadstartError) || thrown.code !== "data") throw thrown;
      return `${thrown.message} ${thrown.hint ?? ""}`;
    },
  );

const LFS = "version https://git-lfs.github.com/spec/v1\n";

describe("WAV files", () => {
  it("reads integers of 8, 16, 24 and 32 bits", async () => {
    expect(await decoded(wavBytes(Uint8Array.of(0, 128, 192), { bits: 8 }))).toEqual([-1, 0, 0.5]);
    expect(await decoded(wavBytes(Uint8Array.of(0, 128, 0, 64, 1, 0)))).toEqual([-1, 0.5, 1 / 32_768]);
    const bytes24 = Uint8Array.of(0, 0, 128, 0, 0, 64, 255, 255, 255);
    expect(await decoded(wavBytes(bytes24, { bits: 24 }))).toEqual([-1, 0.5, -1 / 8_388_608]);
    const bytes32 = Uint8Array.of(0, 0, 0, 128, 0, 0, 0, 64);
    expect(await decoded(wavBytes(bytes32, { bits: 32 }))).toEqual([-1, 0.5]);
  });

  it("reads floats of 32 and 64 bits, beyond 1 too", async () => {
    expect(await decoded(wavBytes(float32([0.25, -3]), { tag: 3, bits: 32 }))).toEqual([0.25, -3]);
    const doubles = new Uint8Array(Float64Array.of(0.125, -1).buffer);
    expect(await decoded(wavBytes(doubles, { tag: 3, bits: 64 }))).toEqual([0.125, -1]);
  });

  it("reads A-law and mu-law (values of ITU-T G.711)", async () => {
    const scaled = (values: number[]) => values.map((value) => value / 32_768);
    const muLaw = wavBytes(Uint8Array.of(0x00, 0x80, 0x7f, 0xff, 0x8f), { tag: 7, bits: 8 });
    expect(await decoded(muLaw)).toEqual(scaled([-32_124, 32_124, 0, 0, 16_764]));
    const aLaw = wavBytes(Uint8Array.of(0x2a, 0xaa, 0x55, 0xd5, 0x80), { tag: 6, bits: 8 });
    expect(await decoded(aLaw)).toEqual(scaled([-32_256, 32_256, -8, 8, 5504]));
  });

  it("takes the mean of any number of channels, of extensible formats too", async () => {
    const samples = Float32Array.of(1, 0, 0.5, -0.5, 0.25, 0);
    const bytes = new Uint8Array(samples.buffer);
    const options = { tag: 3, bits: 32, channels: 3, extensible: true };
    expect(await decoded(wavBytes(bytes, options))).toEqual([0.5, Math.fround(-0.25 / 3)]);
  });

  it("reads 24 bits that lie in 4 bytes", async () => {
    const bytes = Uint8Array.of(0, 0, 0, 64, 0, 0, 0, 192);
    expect(await decoded(wavBytes(bytes, { bits: 24, blockAlign: 4, extensible: true }))).toEqual([
      0.5, -0.5,
    ]);
  });

  it("skips other chunks, odd sizes among them", async () => {
    const before = [
      { id: "LIST", body: Uint8Array.of(1, 2, 3) },
      { id: "\x00??\xff", body: new Uint8Array(7) },
    ];
    expect(await decoded(wavBytes(pcm16([0.5]), { before }))).toHaveLength(1);
  });

  it("reads to the end where a stream left the sizes open", async () => {
    for (const sizes of [{ dataSize: 0xffffffff }, { dataSize: 0, riffSize: 0 }, { dataSize: 0x7fffffff }]) {
      expect(await decoded(wavBytes(pcm16([0.1, 0.2, 0.3]), sizes))).toHaveLength(3);
    }
  });

  it("reads RF64, whose size lies in a chunk of its own", async () => {
    const body = new Uint8Array(28);
    new DataView(body.buffer).setBigUint64(8, 4n, true);
    const options = {
      riff: "RF64",
      riffSize: 0xffffffff,
      dataSize: 0xffffffff,
      before: [{ id: "ds64", body }],
    };
    expect(await decoded(wavBytes(pcm16([0.1, 0.2, 0.3]), options))).toHaveLength(2);
    new DataView(body.buffer).setBigUint64(8, 2n ** 60n, true);
    expect(await reason(wavBytes(pcm16([0.1, 0.2, 0.3]), options))).toMatch(/cut short/);
  });

  it("drops half a sample at the end, and forgives a small miscount", async () => {
    expect(await decoded(wavBytes(Uint8Array.of(0, 0, 1)))).toHaveLength(1);
    expect(await decoded(wavBytes(pcm16([0, 0]), { dataSize: 48 }))).toHaveLength(2);
  });

  it("refuses a header that promises more than the file holds", async () => {
    expect(await reason(wavBytes(pcm16([0, 0]), { dataSize: 0x7ffe_0000 }))).toMatch(
      /cut short: it promises 2147352576 bytes of samples and holds 4/,
    );
  });

  it.each([
    ["no samples", wavBytes(new Uint8Array(0)), /empty \(0 samples\)/],
    ["an empty file", new Uint8Array(0), /empty \(0 bytes\)/],
    ["a header alone", wavBytes(pcm16([0])).subarray(0, 36), /no samples/],
    ["no channels", wavBytes(pcm16([0]), { channels: 0, blockAlign: 2 }), /0 channels/],
    ["60,000 channels", wavBytes(pcm16([0]), { channels: 60_000, blockAlign: 2 }), /60000 channels/],
    ["a rate of 0", wavBytes(pcm16([0]), { rate: 0 }), /0 samples a second/],
    ["a rate of 4 GHz", wavBytes(pcm16([0]), { rate: 4_000_000_000 }), /4000000000 samples a second/],
    ["samples of 7 bytes", wavBytes(pcm16([0, 0, 0, 0]), { bits: 56 }), /takes 7 bytes/],
    ["samples of no bits", wavBytes(pcm16([0]), { bits: 0, blockAlign: 0 }), /takes 0 bytes/],
    ["not a number", wavBytes(float32([0, Number.NaN]), { tag: 3, bits: 32 }), /sample 2 is NaN/],
    ["infinity", wavBytes(float32([-Infinity]), { tag: 3, bits: 32 }), /sample 1 is -Infinity/],
    ["text", Buffer.from("a line of text"), /no WAV file.*Install ffmpeg/s],
    ["a Git LFS pointer", Buffer.from(`${LFS}oid sha256:0`), /it is a Git LFS pointer, not the file/],
    ["a page", Buffer.from("<!DOCTYPE html><html>"), /it is an HTML page/],
    ["ADPCM", wavBytes(pcm16([0]), { tag: 17, bits: 4, blockAlign: 36 }), /compressed format.*ffmpeg/s],
    ["MP3", Buffer.from("ID3\x04 and so on"), /an MP3 file.*ffmpeg/s],
  ])("says why it cannot take %s", async (_, bytes, expected) => {
    expect(await reason(bytes)).toMatch(expected);
  });

  it("refuses what lasts too long, or takes its beginning", async () => {
    const long = wavBytes(pcm16(new Float32Array(24_000)));
    expect(await reason(long)).toMatch(
      /lasts 1.5 seconds, over the limit of 1; cut it into pieces: ffmpeg -i \S+ -f segment -segment_time 1 /,
    );
    const begun = await decodeAudio(long, { ...SECOND, limit: { seconds: 1, beyond: "cut" } });
    expect([begun.samples.length, begun.cut]).toEqual([16_000, true]);
  });

  it("names a file that is not there", async () => {
    expect(await reason("/nowhere/at-all.wav")).toMatch(/at-all\.wav: ENOENT/);
  });

  it("gives samples or a reason for any bytes, in no time", async () => {
    const good = wavBytes(pcm16(new Float32Array(40).fill(0.5)), {
      before: [{ id: "LIST", body: new Uint8Array(5) }],
    });
    const damaged = fc
      .array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 6 })
      .map((changes) => {
        const bytes = Uint8Array.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        return bytes;
      });
    await fc.assert(
      fc.asyncProperty(damaged, fc.nat(good.length), async (bytes, length) => {
        const message = await reason(bytes.subarray(0, length));
        expect(message).not.toBe("");
      }),
      { numRuns: 3000, seed: 4 },
    );
  });
});

const ffmpeg = findFfmpeg();

describe.skipIf(ffmpeg === null)("ffmpeg (skipped where it is not installed)", () => {
  it("decodes a format that is not read here", async () => {
    const au = Buffer.alloc(24 + 800);
    au.write(".snd", 0, "latin1");
    [24, 800, 3, 8_000, 1].forEach((value, i) => {
      au.writeUInt32BE(value, 4 + 4 * i);
    });
    for (let i = 0; i < 400; i++) au.writeInt16BE(i * 20, 24 + 2 * i);
    const { samples, sampleRate } = await decodeAudio(au, { ...SECOND, ffmpeg });
    expect([samples.length, sampleRate, samples[100]]).toEqual([400, 8_000, 2000 / 32_768]);
  });

  it.for([
    ["flac", ["-c:a", "flac"], 1e-4],
    ["mp3", ["-c:a", "libmp3lame", "-b:a", "192k"], 0.05],
    ["m4a, its index at the end", ["-c:a", "aac", "-b:a", "192k", "-f", "mp4"], 0.05],
    ["ogg", ["-c:a", "flac", "-f", "ogg"], 1e-4],
    ["ADPCM in a WAV file", ["-c:a", "adpcm_ima_wav", "-f", "wav"], 0.05],
  ] as const)("decodes %s to what was encoded", ([name, codec, tolerance], { skip }) =>
    decodesAgain(name, codec, tolerance, skip));

  async function decodesAgain(
    name: string,
    codec: readonly string[],
    tolerance: number,
    skip: (note: string) => never,
  ): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "headstart-encoded-"));
    const wave = Float32Array.from(
      { length: 8000 },
      (_, i) => 0.5 * Math.sin((2 * Math.PI * 440 * i) / 16_000),
    );
    writeFileSync(join(folder, "in.wav"), wavBytes(pcm16(wave)));
    const target = join(folder, `out.${name.split(/\W/)[0]}`);
    const made = spawnSync(ffmpeg!, ["-v", "error", "-y", "-i", join(folder, "in.wav"), ...codec, target]);
    if (made.status !== 0 && /encoder/i.test(made.stderr.toString())) skip("this build has no such encoder");
    const { samples, sampleRate } = await decodeAudio(target, { ...SECOND, ffmpeg });
    expect(sampleRate).toBe(16_000);
    const middle = samples.subarray(3000, 6000);
    expect(Math.max(...middle)).toBeCloseTo(0.5, 1);
    if (tolerance < 1e-3) {
      const worst = middle.reduce((most, value, i) => Math.max(most, Math.abs(value - wave[3000 + i]!)), 0);
      expect(worst).toBeLessThan(tolerance);
    } else {
      const energy = middle.reduce((sum, value) => sum + value * value, 0) / middle.length;
      expect(Math.abs(energy - 0.125)).toBeLessThan(tolerance);
    }
  }

  it("says that a longer sound is longer", async () => {
    const folder = mkdtempSync(join(tmpdir(), "headstart-encoded-"));
    writeFileSync(join(folder, "in.wav"), wavBytes(pcm16(new Float32Array(40_000))));
    spawnSync(ffmpeg!, ["-v", "error", "-i", join(folder, "in.wav"), join(folder, "out.flac")]);
    const bytes = readFileSync(join(folder, "out.flac"));
    expect(soundLength(bytes)).toEqual({ frames: 40_000, sampleRate: 16_000 });
    expect(soundLength(bytes.subarray(0, 25))).toBeNull();
    expect(soundLength(readFileSync(join(folder, "in.wav")))).toEqual({ frames: 40_000, sampleRate: 16_000 });
    expect(soundLength(Buffer.from("nothing to hear".repeat(9)))).toBeNull();
    expect(await reason(bytes, { ...SECOND, ffmpeg })).toMatch(/over the limit of 1/);
    const begun = await decodeAudio(bytes, { limit: { seconds: 1, beyond: "cut" }, ffmpeg });
    expect([begun.samples.length, begun.cut]).toEqual([16_000, true]);
  });

  it("says that bytes are no sound, and leaves nothing behind", async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith("headstart-sound-")).length;
    expect(await reason(Buffer.from("nothing to hear".repeat(99)), { ...SECOND, ffmpeg })).toMatch(
      /no sound that ffmpeg/,
    );
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("headstart-sound-"))).toHaveLength(before);
  });

  it("opens no file that the sound names", async () => {
    const folder = mkdtempSync(join(tmpdir(), "headstart-playlist-"));
    const secret = join(folder, "secret.wav");
    writeFileSync(secret, wavBytes(pcm16(new Float32Array(800).fill(0.5))));
    for (const playlist of [
      `ffconcat version 1.0\nfile '${secret}'\n`,
      `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://${secret}\n#EXT-X-ENDLIST\n`,
    ]) {
      expect(await reason(Buffer.from(playlist), { ...SECOND, ffmpeg })).toMatch(/no sound that ffmpeg/);
    }
  });
});

describe.skipIf(process.platform === "win32")(
  "a decoder that misbehaves (skipped on Windows: it is a shell script)",
  () => {
    const program = (body: string): string => {
      const path = join(mkdtempSync(join(tmpdir(), "headstart-decoder-")), "ffmpeg");
      writeFileSync(path, `#!/bin/sh\n${body}\n`);
      chmodSync(path, 0o755);
      return path;
    };
    const run = (path: string, limits: object) =>
      decodeWithFfmpeg(path, new Uint8Array(4), { seconds: 1, ...limits }, "x.mp3").then(
        () => "no error",
        (thrown: Error) => thrown.message,
      );

    it("is ended where it takes too long or gives too much", async () => {
      expect(await run(program("exec /bin/sleep 60"), { timeoutMs: 200 })).toMatch(/more than 0.2 seconds/);
      expect(await run(program("exec /bin/cat /dev/zero"), { maxBytes: 2 ** 20 })).toMatch(/more than 1 MiB/);
    });

    it("gives its last complaint as the reason", async () => {
      expect(await run(program("echo first >&2; echo '[mp3 @ 0x1] bad header' >&2; exit 1"), {})).toBe(
        "x.mp3: no sound that ffmpeg can decode (bad header)",
      );
      expect(await run("/nowhere/ffmpeg", {})).toMatch(/cannot be run/);
    });

    it("is looked for in absolute folders of the search path only", () => {
      const path = program("exit 0");
      const folder = join(path, "..");
      expect(findFfmpeg(`.:relative::${folder}`)).toBe(path);
      expect(findFfmpeg(".:relative:")).toBeNull();
      expect(existsSync(path) && readFileSync(path, "utf8")).toContain("exit 0");
    });
  },
);
