import type { Encoder } from "../../backbones/backbone.js";
import type { ByteSink } from "../../core/byte-sink.js";
import { HeadstartError } from "../../core/errors.js";
import type { RejectedRow } from "../../data/row.js";
import { runStore } from "../cache/run-store.js";
import { openVectorCache } from "../cache/vector-cache.js";
import { ipcEncoder } from "../file/ipc-encoder.js";
import { toRecordBatch } from "../file/record-batch.js";
import { embeddingsSchema } from "../file/schema.js";
import { batchSettings } from "./batch-settings.js";
import { calibrated } from "./calibrated.js";
import { checkEmbedOptions } from "./check-embed-options.js";
import type { EmbedOptions } from "./embed-dataset.js";
import { rejectedRow } from "./embed-errors.js";
import { embedInput } from "./embed-input.js";
import { type EmbedSummary, encodingSummary } from "./embed-summary.js";
import { embedWindows } from "./embed-windows.js";
import { encodingProgress, noCounts } from "./encode-counts.js";
import { encoderOptions } from "./encoder-options.js";
import { firstEncoder, openedForFirst } from "./encoder-when-needed.js";
import { type OpenWindows, openWindows } from "./open-windows.js";
import { metaOf } from "./run-state.js";
import { stageClock } from "./stage-clock.js";
import { stopwatch } from "./stopwatch.js";

export interface EmbedStreamOptions
  extends Omit<EmbedOptions, "out" | "restart" | "mode" | "checkpointSeconds"> {
  /** Takes the Arrow IPC stream; the reader's pace is kept. */
  readonly sink: ByteSink;
  /** Hears of rows that cannot be embedded, window by window. */
  readonly onRejects: (rows: readonly RejectedRow[]) => Promise<void>;
}

/** What came of it; there is no file, and nothing to resume. */
export type EmbedStreamSummary = Omit<EmbedSummary, "out" | "rejectsFile" | "resumedAtRow" | "target">;

/**
 * Embeds a data set into an Arrow IPC stream, in the input's order: a batch a window, labels and splits as text. Nothing
 * is kept, so an interrupted run begins anew; its stream lacks the mark of the end, by which readers know.
 * @throws {HeadstartError} as `embedDataset`.
 */
export async function embedStream(options: EmbedStreamOptions): Promise<EmbedStreamSummary> {
  const { dataset, backbone, sink, onRejects, onError, onProgress, signal } = options;
  checkEmbedOptions(options);
  const { vectors = "fp32" } = options;
  const watch = stopwatch();
  const profile = stageClock();
  const counts = noCounts();
  const input = await embedInput(dataset, 0, signal);
  const opened = encoderOptions(options, dataset.modality, input.few, null);
  let encoder: Encoder | null = null;
  const created = new Date().toISOString();
  const cache =
    options.cache === undefined
      ? null
      : await openVectorCache(backbone, { asOf: Date.parse(created), ...options.cache });
  let windows: OpenWindows | null = null;
  try {
    const known = runStore(null, cache);
    const first = await firstEncoder(backbone, opened, { store: known ?? options.store, tune: options.tune });
    const { store, sessionBytes } = first;
    encoder = first.encoder;
    const usual = batchSettings(options, backbone, encoder.device, null);
    windows = openWindows(input.rows, backbone, { ...usual, store, signal, profile });
    watch.lap("load");
    encoder = await openedForFirst(first, windows, watch);
    const calibration = await calibrated(options, {
      encoder,
      settings: usual,
      windows,
      opened,
      sessionBytes,
    });
    watch.lap("embed");
    encoder = calibration.encoder;
    const { settings, tuned } = calibration;
    const meta = metaOf(dataset, backbone, { created, vectors });
    const schema = embeddingsSchema(meta, "text");
    const encoding = ipcEncoder(schema, "stream");
    const unit = ({ text: "rows", image: "images", audio: "sounds" } as const)[dataset.modality];
    const total = dataset.count === null ? {} : { total: dataset.count };
    const onRows = (done: number) => {
      const encoding = encodingProgress(dataset.modality, counts, rejects);
      onProgress?.({ stage: "embed", done, unit, ...total, encoding });
    };
    let rows = 0;
    let rejects = 0;
    let truncated = 0;
    let firstReject: RejectedRow | null = null;
    const how = { ...settings, vectors, store, signal, onRows, counts, profile };
    for await (const window of embedWindows(windows.windows, backbone, encoder, how)) {
      watch.lap("embed");
      const [reject] = window.rejects;
      if (onError === "fail" && reject !== undefined) throw rejectedRow(reject);
      firstReject ??= reject ?? null;
      if (window.rejects.length > 0) await onRejects(window.rejects);
      const start = performance.now();
      const length = window.rows.ids.length;
      if (length > 0) {
        // The schema goes with the first batch: a run that embeds nothing writes nothing.
        if (rows === 0) await sink.write(encoding.head());
        await sink.write(encoding.batch(toRecordBatch(schema, window.rows)));
      }
      rows += length;
      rejects += window.rejects.length;
      truncated += window.truncated;
      profile.add("write", performance.now() - start);
      watch.lap("write");
    }
    if (rows === 0) throw nothingEmbedded(dataset.name, rejects, firstReject);
    await sink.write(encoding.tail());
    await sink.commit();
    watch.lap("write");
    await cache?.close();
    const seconds = watch.seconds();
    const stages = profile.seconds();
    return {
      rows,
      rejects,
      truncated,
      dim: backbone.spec.dim,
      fingerprint: backbone.fingerprint,
      device: encoder.device,
      known: known?.found ?? { target: 0, cache: 0 },
      cacheProblem: cache?.problem ?? null,
      encoding: encodingSummary({ backbone, encoder, settings, tuned, counts, seconds }),
      seconds,
      stages: { ...stages, inference: encoder.ranSeconds?.() ?? stages.inference },
      rowsPerSecond: rows / (seconds.embed + seconds.write),
    };
  } catch (thrown) {
    if (!(thrown instanceof HeadstartError && thrown.code === "interrupted")) throw thrown;
    throw new HeadstartError("interrupted", "Interrupted; the stream has no end, and its readers say so", {
      hint: "A stream is not continued: with -o <file.arrow> a run goes on where it stopped.",
      cause: thrown,
    });
  } finally {
    windows?.close();
    await cache?.close();
    await encoder?.release();
  }
}

function nothingEmbedded(name: string, rejects: number, first: RejectedRow | null): HeadstartError {
  const why = first === null ? "it has no rows" : `${rejects} rows were rejected. The first: ${first.reason}`;
  return new HeadstartError("data", `Nothing of ${name} could be embedded: ${why}`, {
    facts: { name, rejects, first },
  });
}
