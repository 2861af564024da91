import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { decodeModel, type Model } from "../../src/onnx/index.js";

/** Written by test/golden/layers/generate.py. */
export const LAYER_FIXTURES = join(import.meta.dirname, "../golden/layers/fixtures");

const graphOf = (name: string): string => {
  const onnx = join(LAYER_FIXTURES, name, "onnx");
  return join(onnx, readdirSync(onnx)[0]!);
};

/** The graph of a fixture. */
export const layerGraph = (name: string): Model => decodeModel(gunzipSync(readFileSync(graphOf(name))));

/** Copies of fixtures with their graphs unpacked, each made once. */
export function layerFolders(): { folderOf: (name: string) => string; remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), "headstart-layers-"));
  const made = new Set<string>();
  return {
    folderOf(name) {
      const folder = join(root, name);
      if (made.has(name)) return folder;
      made.add(name);
      cpSync(join(LAYER_FIXTURES, name), folder, { recursive: true });
      const packed = join(folder, "onnx", readdirSync(join(folder, "onnx"))[0]!);
      writeFileSync(packed.replace(/\.gz$/, ""), gunzipSync(readFileSync(packed)));
      rmSync(packed);
      return folder;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
