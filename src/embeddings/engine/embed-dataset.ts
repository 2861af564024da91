import type { Backbone, Encoder } from "../../backbones/backbone.js";
import { HeadstartError } from "../../core/errors.js";
import type { OnProgress } from "../../core/progress.js";
import type { Dataset } from "../../data/row.js";
import type { SessionOptions } from "../../onnx/session.js";
import { runStore } from "../cache/run-store.js";
import { openVectorCache, type VectorCache } from "../cache/vector-cache.js";
import type { VectorStore } from "../cache/vector-store.js";
import { finishFile, readPart } from "../file/finish-file.js";
import { lockTarget } from "../file/lock-file.js";
import { openPart, type PartFile, partPaths, readPartState, removePart } from "../file/part-file.js";
import { embeddingsSchema, type VectorType } from "../file/schema.js";
import { noteClasses, type SeenClasses } from "../file/seen-classes.js";
import { planTarget } from "../target/plan-target.js";
import type { TargetMode, TargetPlan } from "../target/target-plan.js";
import type { TuneLimits } from "../tune/tuned.js";
import { batchSettings } from "./batch-settings.js";
import { calibrated } from "./calibrated.js";
import { checkEmbedOptions } from "./check-embed-options.js";
import { keepWork, nothingEmbedded, rejectedRow } from "./embed-errors.js";
import { type EmbedInput, embedInput } from "./embed-input.js";
import { type EmbedSummary, embedSummary, rejectsPath } from "./embed-summary.js";
import { type BatchOptions, embedWindows } from "./embed-windows.js";
import { type EncodeCounts, encodingProgress, noCounts } from "./encode-counts.js";
import { encoderOptions } from "./encoder-options.js";
import { firstEncoder, openedForFirst } from "./encoder-when-needed.js";
import { type OpenWindows, openWindows } from "./open-windows.js";
import { checkResumable, freshState, metaOf, shardOf } from "./run-state.js";
import { type StageClock, stageClock } from "./stage-clock.js";
import { type Stopwatch, stopwatch } from "./stopwatch.js";

export interface EmbedOptions extends SessionOptions, Partial<BatchOptions> {
  readonly dataset: Dataset;
  readonly backbone: Backbone;
  /** The Arrow file to write; one that exists is replaced once the new one is whole. */
  readonly out: string;
  /** How vectors are stored; default `fp32`. */
  readonly vectors?: VectorType;
  /** What a row that cannot be embedded does: go to the rejects file (default), or end the run. */
  readonly onError?: "reject" | "fail";
  /** Begins anew even where an interrupted run could be continued. Default false. */
  readonly restart?: boolean;
  /** The longest work, in seconds, that a kill can lose beyond the window in hand. Default 1. */
  readonly checkpointSeconds?: number;
  /** Where vectors of contents that were embedded before are taken from; default: nowhere. */
  readonly store?: VectorStore;
  /** The cache on disk as a further place: taken from, and added to. Default: none. `maxBytes` of all of it, default 5 GB. */
  readonly cache?: { readonly maxBytes?: number } | undefined;
  /** What to do with a target that exists; default: it is replaced. */
  readonly mode?: TargetMode | undefined;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
  /** Sessions, each in a thread of its own, of `threads` threads each. Default 1; for a few rows, one in this thread. */
  readonly sessions?: number;
  /**
   * `auto` times sessions, threads and batches on the first rows of a long run, and goes on with what is fastest; what is
   * set here stays. Default `off`.
   */
  readonly tune?: "auto" | "off";
  /** What that may cost, and when it is done. */
  readonly tuneWithin?: Partial<TuneLimits>;
}

/**
 * Embeds a data set into an Arrow file, in the input's order. Memory does not depend on the number of rows.
 * An interrupted or killed run keeps its work in `<out>.part`; the same call continues it, and the finished
 * file equals an uninterrupted run's in every value.
 * @throws {HeadstartError} `interrupted` when `signal` fires; `data` if no row can be embedded, if a row cannot
 * under `onError: "fail"`, or if a part file belongs to another run; `io` if the target is locked or cannot be
 * written; `usage` for options that make no sense.
 */
export async function embedDataset(options: EmbedOptions): Promise<EmbedSummary> {
  checkEmbedOptions(options);
  const unlock = await lockTarget(options.out);
  try {
    const { out, dataset, backbone, mode, vectors = "fp32" } = options;
    const target = { out, rejectsFile: rejectsPath(out), mode, vectors };
    const plan = await planTarget(target, dataset, backbone);
    try {
      return await embedLocked({ ...options, dataset: plan?.dataset ?? dataset }, plan);
    } finally {
      await plan?.close();
    }
  } finally {
    await unlock();
  }
}

async function embedLocked(options: EmbedOptions, plan: TargetPlan | null): Promise<EmbedSummary> {
  const { dataset, backbone, out, vectors = "fp32" } = options;
  const watch = stopwatch();
  const clock = stageClock();
  const counts = noCounts();
  const paths = partPaths(out);
  const left = options.restart || dataset.identity === null ? null : await readPartState(paths);
  // A part that has become the target was only not removed any more.
  const found = left !== null && left.created === plan?.created ? null : left;
  const input = await embedInput(dataset, found?.consumed ?? 0, options.signal);
  const created = found?.created ?? new Date().toISOString();
  const opened = encoderOptions(options, dataset.modality, input.few, found);
  let encoder: Encoder | null = null;
  let cache: VectorCache | null = null;
  let windows: OpenWindows | null = null;
  try {
    cache =
      options.cache === undefined
        ? null
        : await openVectorCache(backbone, { asOf: Date.parse(created), ...options.cache });
    const store = runStore(plan?.vectors ?? null, cache);
    const first = await firstEncoder(backbone, opened, {
      store: store ?? options.store,
      tune: options.tune,
    });
    const { sessionBytes } = first;
    encoder = first.encoder;
    const wanted = { ...options, ...(first.store && { store: first.store }) };
    const usual = batchSettings(options, backbone, encoder.device, found?.options ?? null);
    windows = openWindows(input.rows, backbone, { ...wanted, ...usual, profile: clock });
    watch.lap("load");
    encoder = await openedForFirst(first, windows, watch);
    const run = { encoder, settings: usual, windows, opened, sessionBytes };
    const calibration =
      found === null ? await calibrated(options, run) : { ...run, tuned: found.tuned ?? null };
    watch.lap("embed");
    encoder = calibration.encoder;
    const { settings, tuned } = calibration;
    const { device, threads, sessions } = encoder;
    const recorded = { ...settings, vectors, device, cache: options.cache === undefined ? "off" : "on" };
    const fresh = freshState(
      dataset,
      backbone,
      { ...recorded, ...plan?.options },
      threads === 0 ? null : { threads, ...(sessions !== undefined && { sessions }) },
      { created, ...(tuned !== null && { tuned }) },
    );
    if (found !== null) checkResumable(paths.part, found, fresh);
    const start = found ?? fresh;
    const own = metaOf(dataset, backbone, { created: start.created, vectors });
    const meta = plan?.meta(own) ?? own;
    const seen: SeenClasses = { labels: new Set(plan?.seen?.labels), splits: new Set(plan?.seen?.splits) };
    if (found === null) await removePart(paths);

    const part = await openPart(paths, embeddingsSchema(meta, "text"), start);
    watch.lap("write");
    try {
      if (found !== null) for await (const rows of readPart(paths, found)) noteClasses(seen, rows);
      watch.lap("load");
      await embedInto(part, seen, {
        encoder,
        input,
        windows,
        options: wanted,
        settings,
        counts,
        watch,
        clock,
      });
    } catch (thrown) {
      throw await keepWork(thrown, part, paths, dataset.identity !== null);
    } finally {
      await part.close();
    }
    if (part.state.rows === 0 && !plan?.keepsRows && dataset.shard === undefined) {
      const error = await nothingEmbedded(dataset.name, part.state, paths);
      await removePart(paths);
      throw error;
    }
    const { state } = part;
    const whole = { ...meta, ...shardOf(dataset, state) };
    const finishing = finishFile({
      out,
      rejectsFile: rejectsPath(out),
      paths,
      state,
      meta: whole,
      seen,
      plan,
    });
    const rejects = await clock.spent("write", finishing);
    await removePart(paths);
    await cache?.close();
    watch.lap("write");
    const building = { rejects, plan, store, cacheProblem: cache?.problem ?? null };
    const times = { seconds: watch.seconds(), stages: clock.seconds() };
    return embedSummary({
      out,
      backbone,
      encoder,
      found,
      state,
      settings,
      tuned,
      counts,
      ...times,
      ...building,
    });
  } finally {
    windows?.close();
    await cache?.close();
    await encoder?.release();
  }
}

/** What embedding goes with. */
interface Run {
  readonly encoder: Encoder;
  readonly input: EmbedInput;
  readonly windows: OpenWindows;
  readonly options: EmbedOptions;
  readonly settings: BatchOptions;
  readonly counts: EncodeCounts;
  readonly watch: Stopwatch;
  readonly clock: StageClock;
}

/** Embeds the rows that the part file does not have yet. */
async function embedInto(part: PartFile, seen: SeenClasses, run: Run): Promise<void> {
  const { encoder, input, windows, options, settings, counts, watch, clock } = run;
  const { dataset, backbone, store, signal, onProgress, onError, checkpointSeconds = 1 } = options;
  const unit = ({ text: "rows", image: "images", audio: "sounds" } as const)[dataset.modality];
  const first = part.state.consumed;
  // Where rows were not counted beforehand, their number follows from how much of the input those so far took.
  const total = (): { total?: number; approximate?: boolean } => {
    const share = dataset.count === null ? dataset.shareRead() : null;
    if (dataset.count !== null) return { total: dataset.count };
    return share ? { total: Math.round(input.read() / share), approximate: share < 1 } : {};
  };
  const onRows = (done: number) =>
    onProgress?.({
      stage: "embed",
      done: first + done,
      unit,
      ...total(),
      encoding: encodingProgress(dataset.modality, counts, part.state.rejects),
    });
  if (onError === "fail" && part.state.rejects > 0) {
    throw new HeadstartError("data", `${part.state.rejects} rows of ${dataset.name} were rejected earlier`, {
      facts: { rejects: part.state.rejects },
      hint: "Correct them and use --restart, or go on without --on-error fail.",
    });
  }
  const { vectors = "fp32" } = options;
  const how = { ...settings, vectors, store, signal, onRows, counts, profile: clock };
  for await (const window of embedWindows(windows.windows, backbone, encoder, how)) {
    watch.lap("embed");
    const [reject] = window.rejects;
    if (onError === "fail" && reject !== undefined) throw rejectedRow(reject);
    const start = performance.now();
    const { threads, sessions } = encoder;
    if (part.state.compute === undefined && threads > 0)
      part.noteCompute({ threads, ...(sessions !== undefined && { sessions }) });
    await part.append(window);
    noteClasses(seen, window.rows);
    if (part.sinceCheckpoint() >= checkpointSeconds) await part.checkpoint();
    clock.add("write", performance.now() - start);
    watch.lap("write");
  }
  watch.lap("embed");
  await part.checkpoint();
}
