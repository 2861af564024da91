import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const golden = join(import.meta.dirname, "../golden/families-audio");

/** What `generate.py` recorded. */
export interface AudioGolden {
  /** By checkpoint and sound. */
  readonly vectors: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
  readonly extractors: Readonly<
    Record<
      string,
      {
        readonly config: Readonly<Record<string, unknown>>;
        readonly sounds: Readonly<
          Record<
            string,
            {
              readonly size: number;
              readonly sum: number;
              readonly places: readonly number[];
              readonly values: readonly number[];
            }
          >
        >;
      }
    >
  >;
}

export function audioGolden(): AudioGolden {
  return JSON.parse(readFileSync(join(golden, "golden.json"), "utf8")) as AudioGolden;
}

/** A synthetic WAV file of the generator's. */
export function soundPath(name: string): string {
  return join(golden, "sounds", `${name}.wav`);
}

/** A tiny checkpoint, its graph unpacked into a folder of its own. */
export function audioFixture(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), "headstart-audio-"));
  cpSync(join(golden, "fixtures", name), folder, { recursive: true });
  const onnx = join(folder, "onnx");
  for (const packed of readdirSync(onnx).filter((file) => file.endsWith(".gz"))) {
    writeFileSync(join(onnx, packed.slice(0, -3)), gunzipSync(readFileSync(join(onnx, packed))));
    rmSync(join(onnx, packed));
  }
  return folder;
}
