import type { Encoder } from "../../backbones/backbone.js";
import type { EncoderOptions } from "../../backbones/open-encoders.js";
import { type TunedRun, tuneRun } from "../tune/tune-run.js";
import { tuneLimits } from "../tune/tuned.js";
import type { EmbedOptions } from "./embed-dataset.js";
import type { BatchOptions } from "./embed-windows.js";
import type { OpenWindows } from "./open-windows.js";

/** A run before its first row is embedded. */
export interface Uncalibrated {
  readonly encoder: Encoder;
  readonly settings: BatchOptions;
  readonly windows: OpenWindows;
  /** How the encoder was opened. */
  readonly opened: EncoderOptions;
  /** What opening it took of the memory. */
  readonly sessionBytes: number;
}

/**
 * The run with what is fastest for it, if that is asked for and the first window of rows lets it be measured. What the user
 * set is not changed.
 * @throws {HeadstartError} `interrupted` when `signal` fires.
 */
export async function calibrated(
  options: Omit<EmbedOptions, "out">,
  { encoder, settings, windows, opened, sessionBytes }: Uncalibrated,
): Promise<TunedRun> {
  const { tune = "off", tuneWithin, dataset, backbone, signal, batchTokens, batchImages } = options;
  const { modality } = dataset;
  // A session in this thread is for a few rows.
  if (tune === "off" || modality === "audio" || encoder.sessions === undefined) {
    return { encoder, settings, tuned: null };
  }
  const first = await windows.first();
  return tuneRun({
    backbone,
    encoder,
    settings,
    inputs: first?.inputs ?? [],
    rows: dataset.count,
    free: {
      batch: (modality === "text" ? batchTokens : batchImages) === undefined,
      sessions: options.sessions === undefined && options.threads === undefined,
    },
    options: opened,
    sessionBytes,
    limits: tuneLimits(modality, tuneWithin),
    signal,
  });
}
