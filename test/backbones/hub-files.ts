import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { type HubSettings, hubSettings } from "../../src/backbones/hub/hub-settings.js";
import { checkpointOf, textFiles, textGraph } from "./tiny-checkpoints.js";

/** Bytes that look random and are the same at every run. */
export function noise(length: number, seed: string): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash("sha256").update(`${seed} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

/** A repository as exporters lay it out: a tiny text encoder that works, and weights of no meaning beside it. */
export function tinyRepository(): Record<string, Uint8Array> {
  const folder = checkpointOf(textGraph(), textFiles());
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const files = entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(folder, path).split(sep).join("/"), readFileSync(path)] as const;
    });
    return {
      ...Object.fromEntries(files),
      "README.md": Buffer.from("# A card"),
      "special_tokens_map.json": Buffer.from("{}"),
      "pytorch_model.bin": noise(5000, "torch"),
      "onnx/model_quantized.onnx": noise(300_000, "int8"),
      "onnx/model_fp16.onnx": noise(70_000, "fp16"),
      "onnx/model_fp16.onnx_data": noise(500_000, "data"),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Settings for a server of a test, with a cache of its own and little patience. */
export function testSettings(endpoint: string, more: Partial<HubSettings> = {}): HubSettings {
  const cache = mkdtempSync(join(tmpdir(), "headstart-hub-"));
  const env = { HF_ENDPOINT: endpoint, HF_HUB_CACHE: cache, HF_HOME: join(cache, "home") };
  return { ...hubSettings(env), retryMs: 10, timeoutMs: 5000, ...more };
}
