import { describe, expect, it } from "vitest";
import { audioPreprocessor } from "../../src/backbones/audio/audio-preprocessor.js";
import { audioSettings } from "../../src/backbones/audio/audio-settings.js";
import { convStack, receptiveField } from "../../src/backbones/audio/conv-stack.js";
import { fourier } from "../../src/backbones/audio/fourier.js";
import { audioGolden, soundPath } from "./audio-fixture.js";
import { pcm16, wavBytes } from "./wav-bytes.js";

const { extractors } = audioGolden();

describe.each(Object.keys(extractors))("the feature extractor of %s, with its real settings", (name) => {
  const { config, sounds } = extractors[name]!;
  const { prepare } = audioPreprocessor(audioSettings(config, null), { ffmpeg: null });

  it.each(Object.keys(sounds))("gives transformers' numbers to 1e-4: %s", async (sound) => {
    const { size, sum, places, values } = sounds[sound]!;
    const { input, truncated } = await prepare(soundPath(sound));
    expect([input.length, truncated]).toEqual([size, false]);
    const worst = places.reduce((most, at, i) => Math.max(most, Math.abs(values[i]! - input[at]!)), 0);
    expect(worst).toBeLessThan(1e-4);
    const total = input.reduce((all, value) => all + value, 0);
    expect(Math.abs(total - sum) / size).toBeLessThan(1e-5);
  });
});

describe("a network that hears waveforms", () => {
  const { prepare } = audioPreprocessor({ kind: "waveform", sampleRate: 16_000, normalize: true });

  it("is given at most a minute, for its memory grows with the square of the duration", async () => {
    const minute = new Float32Array(60 * 8_000).fill(0.25);
    expect((await prepare(wavBytes(pcm16(minute), { rate: 8_000 }))).input.length).toBe(60 * 16_000);
    const longer = wavBytes(pcm16(new Float32Array(61 * 8_000)), { rate: 8_000 });
    await expect(prepare(longer)).rejects.toMatchObject({
      code: "data",
      message: expect.stringMatching(/lasts 61.0 seconds, over the limit of 60/) as string,
    });
  });
});

describe("power spectra", () => {
  it.each([1, 2, 7, 8, 30, 64, 77, 400])("equal the sums that define them: %i samples", (size) => {
    const frame = Float64Array.from({ length: size }, (_, i) => Math.sin(1 + 1.3 * i) + 0.1 * i);
    const power = new Float64Array(Math.floor(size / 2) + 1);
    fourier(size).power(frame, power);
    power.forEach((value, k) => {
      let [re, im] = [0, 0];
      frame.forEach((sample, i) => {
        re += sample * Math.cos((2 * Math.PI * i * k) / size);
        im -= sample * Math.sin((2 * Math.PI * i * k) / size);
      });
      expect(Math.abs(value - (re * re + im * im))).toBeLessThan(1e-8 * (1 + value));
    });
  });
});

describe("the convolutions of a network that hears waveforms", () => {
  it("need 400 samples for a frame, where config.json leaves out what is usual", () => {
    expect(receptiveField(convStack({ model_type: "wav2vec2" })!)).toBe(400);
    expect(receptiveField(convStack({ conv_kernel: [10, 4, 3], conv_stride: [5, 4, 4] })!)).toBe(65);
    expect(convStack({ model_type: "audiomae" })).toBeNull();
    expect(convStack({ conv_kernel: [10, -1], conv_stride: [5, 2] })).toBeNull();
  });
});

describe("preprocessor_config.json", () => {
  const settings = (config: object, family: string | null = null) => audioSettings(config, family);

  it("goes by the family where it does not name its extractor", () => {
    expect(settings({ sampling_rate: 16_000 }, "hubert").kind).toBe("waveform");
    expect(settings({ padding_value: 1, processor_class: null }, "wavlm").kind).toBe("waveform");
    expect(settings({ feature_size: 128 }, "whisper")).toMatchObject({
      kind: "whisper",
      mels: 128,
      hop: 160,
    });
  });

  it.each([
    [
      { feature_extractor_type: "SeamlessM4TFeatureExtractor" },
      /'SeamlessM4TFeatureExtractor', which is not reproduced/,
    ],
    [{ do_loudness: true }, /'do_loudness' is not understood/],
    [{ sampling_rate: "fast" }, /'sampling_rate' cannot be taken/],
    [{ sampling_rate: 1e9 }, /'sampling_rate' cannot be taken/],
    [{ feature_extractor_type: "WhisperFeatureExtractor", n_fft: 1e9 }, /'n_fft' cannot be taken/],
    [{ feature_extractor_type: "WhisperFeatureExtractor", dither: 0.1 }, /'dither' cannot be taken/],
    [
      { feature_extractor_type: "WhisperFeatureExtractor", padding_side: "left" },
      /'padding_side' cannot be taken/,
    ],
    [[], /must hold a JSON object/],
  ])("refuses %j", (config, expected) => {
    expect(() => settings(config)).toThrow(expected);
  });
});
