import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Backbone } from "../../src/backbones/backbone.js";

/** Written by test/golden/families-text/generate.py. */
export const FIXTURES = join(import.meta.dirname, "../golden/families-text/fixtures");

export const readFixture = <T>(...path: string[]): T =>
  JSON.parse(readFileSync(join(FIXTURES, ...path), "utf8")) as T;

/** The texts that every golden file is about. */
export const TEXTS = readFixture<string[]>("texts.json");

/** What `transformers` (or sentence-transformers) made of TEXTS, each alone; a vector is null where there is no token. */
export interface Golden {
  readonly limit: number;
  readonly truncated: readonly boolean[];
  readonly ids: readonly (readonly number[])[];
  readonly vectors: readonly (readonly number[] | null)[];
}

/** Folders of a fixture's kind. */
export const namesIn = (...path: string[]): string[] =>
  readdirSync(join(FIXTURES, ...path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();

/** A copy of a fixture whose graph is unpacked; `graph` names another fixture to take it from. */
export function checkpointOfFixture(name: string, graph = name): string {
  const folder = mkdtempSync(join(tmpdir(), "headstart-family-"));
  cpSync(join(FIXTURES, name), folder, { recursive: true, filter: (path) => !path.endsWith(".gz") });
  const packed = join(FIXTURES, graph, "onnx/model.onnx.gz");
  mkdirSync(join(folder, "onnx"), { recursive: true });
  if (existsSync(packed)) writeFileSync(join(folder, "onnx/model.onnx"), gunzipSync(readFileSync(packed)));
  return folder;
}

/** The vectors of texts, run together and one by one. */
export async function encodeBoth(
  backbone: Backbone,
  texts: readonly string[],
): Promise<{ ids: Int32Array[]; truncated: boolean[]; together: Float32Array[]; alone: Float32Array[] }> {
  const { preprocessor, spec } = backbone;
  if (preprocessor.kind !== "text") throw new Error("expected a text backbone");
  const encoded = texts.map((text) => preprocessor.encode(text));
  const ids = encoded.map((row) => row.ids);
  const encoder = await backbone.open({ threads: 1 });
  const all = await encoder.encodeTexts(ids);
  const alone: Float32Array[] = [];
  for (const row of ids) alone.push(await encoder.encodeTexts([row]));
  await encoder.release();
  const together = ids.map((_, i) => all.subarray(i * spec.dim, (i + 1) * spec.dim));
  return { ids, truncated: encoded.map((row) => row.truncated), together, alone };
}

/** The cosine of the angle between two vectors. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, x, y] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    x += a[i]! ** 2;
    y += b[i]! ** 2;
  }
  return dot / Math.sqrt(x * y);
}
