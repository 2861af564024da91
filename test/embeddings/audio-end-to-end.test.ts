import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readEmbeddings } from "../../src/embeddings/file/read-embeddings.js";
import { embed, type Prediction, predict, train } from "../../src/pipeline/index.js";
import { audioFixture } from "../backbones/audio-fixture.js";
import { float32, wavBytes } from "../backbones/wav-bytes.js";
import { tone, writeFiles } from "./tone-files.js";

const folder = mkdtempSync(join(tmpdir(), "headstart-sounds-"));
const at = (name: string): string => join(folder, name);

/** Tones and hisses of several lengths, rates and channels. */
function tones(count: number, first: number): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (let i = first; i < first + count; i++) {
    const options = {
      seconds: 0.3 + 0.05 * (i % 5),
      rate: [16_000, 44_100, 8_000][i % 3]!,
      channels: 1 + (i % 2),
    };
    files[`tone/${i}.wav`] = tone(200 + 15 * (i % 10), i, options);
    files[`hiss/${i}.wav`] = tone(200, 1000 + i, { ...options, noise: 2 });
  }
  return files;
}

const BAD = {
  "tone/empty.wav": wavBytes(new Uint8Array(0)),
  "tone/nothing.wav": new Uint8Array(0),
  "tone/nan.wav": wavBytes(float32([0, Number.NaN, 0]), { tag: 3, bits: 32 }),
  "tone/cut.wav": tone(300, 9).subarray(0, 3000),
  "tone/words.wav": Buffer.from("these are words, not sounds"),
  "tone/click.wav": tone(300, 9, { seconds: 0.001 }),
};

beforeAll(() => {
  const files = tones(15, 0);
  writeFiles(at("sounds"), { ...files, ...BAD, "tone/again.wav": files["tone/0.wav"]! });
  writeFiles(at("new"), tones(6, 100));
});

describe.each(["wav2vec2", "wavlm-masked", "whisper"])("a folder of sounds, heard by %s", (name) => {
  const backbone = audioFixture(name);
  const out = at(`${name}.arrow`);

  it("is embedded: a class a folder, equal sounds with equal vectors, bad ones rejected with a reason", async () => {
    const result = await embed({ input: at("sounds"), out, backbone, threads: 1 });
    const bad = Object.keys(BAD).length - (name === "whisper" ? 1 : 0);
    expect(result).toMatchObject({ rows: 37 - 6 + Object.keys(BAD).length - bad, rejects: bad, dim: 16 });
    const rejects = readFileSync(result.rejectsFile!, "utf8").trim().split("\n");
    const reasons = Object.fromEntries(
      rejects.map((line) => {
        const { id, reason } = JSON.parse(line) as { id: string; reason: string };
        return [id, reason];
      }),
    );
    expect(reasons["tone/empty.wav"]).toMatch(/the sound is empty/);
    expect(reasons["tone/nothing.wav"]).toMatch(/the file is empty/);
    expect(reasons["tone/nan.wav"]).toMatch(/sample 2 is NaN/);
    expect(reasons["tone/cut.wav"]).toMatch(/cut short: it promises 6400 bytes/);
    expect(reasons["tone/words.wav"]).toMatch(/no WAV file|no sound that ffmpeg/);
    if (name !== "whisper") expect(reasons["tone/click.wav"]).toMatch(/too short: 16 samples/);

    const { ids, X, labels } = await readEmbeddings(out);
    expect(new Set(labels!.values)).toEqual(new Set(["tone", "hiss"]));
    const vector = (id: string) => [...X.data.subarray(ids.indexOf(id) * 16, (ids.indexOf(id) + 1) * 16)];
    expect(vector("tone/again.wav")).toEqual(vector("tone/0.wav"));
    expect(vector("tone/again.wav")).not.toEqual(vector("tone/3.wav"));
  });

  it("trains a head that knows new sounds", async () => {
    const head = at(`${name}.onnx`);
    const trained = await train({ embeddings: out, out: head, head: "logistic-regression", cv: 3 });
    expect(trained.metrics!.accuracy.value).toBeGreaterThan(0.9);
    const rows: Prediction[] = [];
    await predict({ head, input: at("new"), onRow: (row) => rows.push(row), threads: 1 });
    expect(rows).toHaveLength(12);
    const right = rows.filter(({ id, prediction }) => prediction === id.split("/")[0]);
    expect(right.length).toBeGreaterThanOrEqual(11);
  });
});

describe("a column of sounds", () => {
  it("gives the vectors of the folder", async () => {
    const backbone = audioFixture("wav2vec2");
    const ids = ["tone/1.wav", "hiss/2.wav"];
    writeFileSync(at("list.csv"), `id,sound\n${ids.map((id) => `${id},sounds/${id}`).join("\n")}\n`);
    await embed({ input: at("list.csv"), out: at("list.arrow"), backbone, audio: "sound", threads: 1 });
    const [list, all] = [await readEmbeddings(at("list.arrow")), await readEmbeddings(at("wav2vec2.arrow"))];
    list.ids.forEach((id, i) => {
      const row = all.ids.indexOf(id);
      const [a, b] = [
        list.X.data.subarray(i * 16, (i + 1) * 16),
        all.X.data.subarray(row * 16, (row + 1) * 16),
      ];
      const worst = a.reduce((most, value, j) => Math.max(most, Math.abs(value - b[j]!)), 0);
      expect(worst).toBeLessThan(1e-5);
    });
  });

  it("needs a backbone to be named: none that hears is embedded", async () => {
    await expect(embed({ input: at("sounds"), out: at("none.arrow") })).rejects.toThrow(
      /no backbone for them/,
    );
  });
});
