import type { Backbone } from "../../backbones/backbone.js";
import { HeadstartError } from "../../core/errors.js";
import type { Device } from "../../onnx/session.js";
import type { BatchOptions } from "./embed-windows.js";

/** Tokens that a window of texts holds. */
const WINDOW_TOKENS = 32_768;
/** Or so many batches, where batches are large. */
const BATCHES_PER_WINDOW = 16;

/**
 * How rows are grouped, by what is asked for, else as an earlier run of the same file did it, else by the device:
 * processors are fastest with batches that stay in their caches (on two cores, MiniLM with 512 tokens, EfficientNet-Lite0 with 8 images or
 * fewer), accelerators
 * with batches that fill them.
 * @param recorded - the settings of the run that is continued; null for a fresh one.
 */
export function batchSettings(
  asked: Partial<BatchOptions>,
  backbone: Backbone,
  device: Device,
  recorded: Readonly<Record<string, unknown>> | null,
): BatchOptions {
  const { modality } = backbone.spec;
  const share = shareOfLarge(backbone);
  const images = (most: number) => Math.max(1, Math.floor(most * share));
  const usual: Omit<BatchOptions, "windowTokens"> =
    device === "cpu"
      ? {
          batchTokens: 512,
          batchImages: images(8),
          batchSamples: 480_000,
          windowRows: { text: 1024, image: images(32), audio: 256 }[modality],
        }
      : {
          batchTokens: 65_536,
          batchImages: images(128),
          batchSamples: 8 * 480_000,
          windowRows: { text: 4096, image: images(256), audio: 256 }[modality],
        };
  const before = (name: keyof BatchOptions): number | undefined => {
    const value = recorded?.[name];
    return typeof value === "number" ? value : undefined;
  };
  const chosen = (name: keyof typeof usual): number => asked[name] ?? before(name) ?? usual[name];
  const batchTokens = chosen("batchTokens");
  return {
    batchTokens,
    batchImages: chosen("batchImages"),
    batchSamples: chosen("batchSamples"),
    windowRows: chosen("windowRows"),
    windowTokens:
      asked.windowTokens ??
      before("windowTokens") ??
      Math.max(WINDOW_TOKENS, BATCHES_PER_WINDOW * batchTokens),
  };
}

/** @throws {HeadstartError} `usage` for a number that is no whole number from 1. */
export function checkWholeNumbers(settings: Readonly<Record<string, number | undefined>>): void {
  for (const [name, value] of Object.entries(settings)) {
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue;
    throw new HeadstartError("usage", `${name} must be a whole number from 1, got ${value}`, {
      facts: { name, value },
    });
  }
}

/** Images over 512 x 512 pixels are held in smaller numbers, so that memory does not grow with their size. */
function shareOfLarge({ preprocessor }: Backbone): number {
  if (preprocessor.kind !== "image") return 1;
  return Math.min(1, (512 * 512) / (preprocessor.width * preprocessor.height));
}
