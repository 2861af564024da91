import { describe, expect, it } from "vitest";
import { audioPreprocessor } from "../../src/backbones/audio/audio-preprocessor.js";
import type { RejectedRow, Row } from "../../src/data/row.js";
import type { Window } from "../../src/embeddings/engine/open-window.js";
import { audioWindows } from "../../src/embeddings/engine/windows-audio.js";
import { tone } from "./tone-files.js";

const preprocessor = audioPreprocessor(
  { kind: "waveform", sampleRate: 16_000, normalize: true },
  { ffmpeg: null, minSamples: 10 },
);

function row(i: number, bytes: Uint8Array): Row {
  const id = `${i}`;
  return { state: "row", id, content: { kind: "audio", bytes }, label: null, split: null, source: id };
}

async function collect(
  items: readonly (Row | RejectedRow)[],
  limits: { rows: number; size: number },
  onRead: (i: number) => void = () => undefined,
): Promise<Window<Float32Array>[]> {
  const windows: Window<Float32Array>[] = [];
  async function* source() {
    for (const [i, item] of items.entries()) {
      onRead(i);
      yield item;
    }
  }
  for await (const window of audioWindows(source(), preprocessor, limits, null, { concurrency: 4 }))
    windows.push(window);
  return windows;
}

describe("windows of sounds", () => {
  it("close at so many samples, in the input's order, and read little ahead", async () => {
    const sounds = Array.from({ length: 20 }, (_, i) => row(i, tone(300, i, { seconds: 0.1 })));
    let read = 0;
    const ahead: number[] = [];
    async function* source() {
      for (const sound of sounds) {
        read++;
        yield sound;
      }
    }
    const ids: string[] = [];
    for await (const window of audioWindows(source(), preprocessor, { rows: 100, size: 8000 }, null, {
      concurrency: 4,
    })) {
      expect(window.inputs.length).toBe(5);
      ids.push(...window.rows.map(({ id }) => id));
      ahead.push(read - ids.length);
    }
    expect(ids).toEqual(sounds.map(({ id }) => id));
    expect(Math.max(...ahead)).toBeLessThanOrEqual(3);
  });

  it("close at so many rows, rejected ones included", async () => {
    const bad: RejectedRow = { state: "rejected", id: "x", source: "x", reason: "It is bad." };
    const windows = await collect([row(0, tone(300, 1)), bad, bad, row(3, tone(300, 2)), bad], {
      rows: 3,
      size: 1e9,
    });
    expect(windows.map(({ consumed }) => consumed)).toEqual([3, 2]);
    expect(windows.map(({ rejects }) => rejects.length)).toEqual([2, 1]);
  });

  it("hold a sound that occurs twice once, and do not count it again", async () => {
    const same = tone(300, 1, { seconds: 0.1 });
    const windows = await collect(
      [0, 1, 2, 3].map((i) => row(i, same)),
      { rows: 100, size: 3000 },
    );
    expect(windows).toHaveLength(1);
    expect(windows[0]!.inputs).toHaveLength(1);
    expect(windows[0]!.inputOf).toEqual([0, 0, 0, 0]);
  });

  it("reject what is no sound, each with its reason", async () => {
    const text: Row = { ...row(2, new Uint8Array()), content: { kind: "text", text: "hello" } };
    const missing: Row = { ...row(3, new Uint8Array()), content: { kind: "audio", path: "/nowhere/x.wav" } };
    const [window] = await collect([row(0, tone(300, 1)), row(1, Buffer.from("words")), text, missing], {
      rows: 100,
      size: 1e9,
    });
    expect(window!.rows.map(({ id }) => id)).toEqual(["0"]);
    const reasons = window!.rejects.map(({ reason }) => reason);
    expect(reasons[0]).toMatch(/no WAV file/);
    expect(reasons[1]).toBe("It is text, and the backbone reads sounds.");
    expect(reasons[2]).toMatch(/ENOENT/);
  });

  it("count sounds that are longer than is heard, those whose vector is known too", async () => {
    const whisper = audioPreprocessor(
      { kind: "whisper", sampleRate: 16_000, mels: 8, hop: 160, fftSize: 400, seconds: 1 },
      { ffmpeg: null },
    );
    const [short, long] = [tone(300, 1, { seconds: 0.5 }), tone(300, 2, { seconds: 1.5 })];
    const known = { lookup: async () => [new Float32Array(4)], add: async () => undefined };
    for (const store of [null, known]) {
      const windows: Window<Float32Array>[] = [];
      async function* rows() {
        yield* [row(0, short), row(1, long), row(2, long)];
      }
      for await (const window of audioWindows(rows(), whisper, { rows: 9, size: 1e9 }, store))
        windows.push(window);
      expect(windows.map(({ truncated, known: found }) => [truncated, found.length])).toEqual([
        [2, store === null ? 0 : 2],
      ]);
    }
  });
});
