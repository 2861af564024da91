import type { Backbone, Encoder } from "../backbones/backbone.js";
import type { EncoderOptions } from "../backbones/open-encoders.js";
import { HeadstartError } from "../core/errors.js";
import type { OnProgress } from "../core/progress.js";
import type { Dataset, RejectedRow, Row } from "../data/row.js";
import type { Device, SessionOptions } from "../onnx/session.js";
import { type RunStore, runStore } from "./cache/run-store.js";
import { openVectorCache, type VectorCache } from "./cache/vector-cache.js";
import { keepWork, nothingEmbedded, rejectedRow } from "./embed-errors.js";
import { type BatchOptions, embedWindows } from "./embed-windows.js";
import { finishFile, noteClasses, readPart, type SeenClasses } from "./finish-file.js";
import { peek, skip, tally, unlessAborted } from "./iterate.js";
import { lockTarget } from "./lock-file.js";
import {
  openPart,
  type PartFile,
  type PartState,
  partPaths,
  readPartState,
  removePart,
} from "./part-file.js";
import { checkResumable, freshState, metaOf, shardOf } from "./run-state.js";
import { embeddingsSchema, type VectorType } from "./schema.js";
import { type Stopwatch, stopwatch } from "./stopwatch.js";
import { planTarget } from "./target/plan-target.js";
import type { TargetMode, TargetPlan, TargetSummary } from "./target/target-plan.js";
import type { VectorStore } from "./vector-store.js";

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
}

export interface EmbedSummary {
  readonly out: string;
  readonly rows: number;
  readonly rejects: number;
  /** `<out>.rejects.jsonl`, a line a rejected row, of earlier runs too where they are kept; null where there is none. */
  readonly rejectsFile: string | null;
  /** Texts and sounds that were longer than the backbone takes, of those whose vector was not known. */
  readonly truncated: number;
  readonly dim: number;
  readonly fingerprint: string;
  /** The execution provider that ran. */
  readonly device: Device;
  /** Rows of the input that an earlier run had done; null where there was none. */
  readonly resumedAtRow: number | null;
  /** Distinct contents whose vector was not computed by this run but taken from the target (`update`) or the cache. */
  readonly known: { readonly target: number; readonly cache: number };
  /** Why vectors were not added to the cache; null where they were, or should not be. */
  readonly cacheProblem: string | null;
  /** What became of the rows of a target that the run builds on; null where it is written anew. */
  readonly target: TargetSummary | null;
  readonly seconds: {
    readonly load: number;
    readonly embed: number;
    readonly write: number;
    readonly total: number;
  };
  /** Rows of this run over its `embed` and `write` seconds. */
  readonly rowsPerSecond: number;
}

type Settings = BatchOptions & { readonly vectors: VectorType };

/**
 * Embeds a data set into an Arrow file, in the input's order. Memory does not depend on the number of rows.
 * An interrupted or killed run keeps its work in `<out>.part`; the same call continues it, and the finished
 * file equals an uninterrupted run's in every value.
 * @throws {HeadstartError} `interrupted` when `signal` fires; `data` if no row can be embedded, if a row cannot
 * under `onError: "fail"`, or if a part file belongs to another run; `io` if the target is locked or cannot be
 * written; `usage` for options that make no sense.
 */
export async function embedDataset(options: EmbedOptions): Promise<EmbedSummary> {
  const settings = resolveOptions(options);
  const unlock = await lockTarget(options.out);
  try {
    const { out, dataset, backbone, mode } = options;
    const plan = await planTarget(
      { out, rejectsFile: rejectsPath(out), mode, vectors: settings.vectors },
      dataset,
      backbone,
    );
    try {
      return await embedLocked({ ...options, dataset: plan?.dataset ?? dataset }, settings, plan);
    } finally {
      await plan?.close();
    }
  } finally {
    await unlock();
  }
}

const rejectsPath = (out: string): string => `${out}.rejects.jsonl`;

async function embedLocked(
  options: EmbedOptions,
  settings: Settings,
  plan: TargetPlan | null,
): Promise<EmbedSummary> {
  const { dataset, backbone, out } = options;
  const watch = stopwatch();
  const paths = partPaths(out);
  const left = options.restart || dataset.identity === null ? null : await readPartState(paths);
  // A part that has become the target was only not removed any more.
  const found = left !== null && left.created === plan?.created ? null : left;
  const rows = await inputOf(options, found?.consumed ?? 0);
  const encoder = await backbone.open(encoderOptions(options, rows));
  let cache: VectorCache | null = null;
  watch.lap("load");
  try {
    const fresh = freshState(dataset, backbone, {
      ...settings,
      device: encoder.device,
      cache: options.cache === undefined ? "off" : "on",
      ...plan?.options,
    });
    if (found !== null) checkResumable(paths.part, found, fresh);
    const start = found ?? fresh;
    const own = metaOf(dataset, backbone, { created: start.created, vectors: settings.vectors });
    const meta = plan?.meta(own) ?? own;
    const seen: SeenClasses = { labels: new Set(plan?.seen?.labels), splits: new Set(plan?.seen?.splits) };
    if (found === null) await removePart(paths);
    cache =
      options.cache === undefined
        ? null
        : await openVectorCache(backbone, { asOf: Date.parse(start.created), ...options.cache });
    const store = runStore(plan?.vectors ?? null, cache);

    const part = await openPart(paths, embeddingsSchema(meta, "text"), start);
    watch.lap("write");
    try {
      if (found !== null) for await (const rows of readPart(paths, found)) noteClasses(seen, rows);
      watch.lap("load");
      await embedInto(part, seen, encoder, rows, { ...options, ...(store && { store }) }, settings, watch);
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
    const rejects = await finishFile({
      out,
      rejectsFile: rejectsPath(out),
      paths,
      state,
      meta: whole,
      seen,
      plan,
    });
    await removePart(paths);
    await cache?.close();
    watch.lap("write");
    const building = { rejects, plan, store, cacheProblem: cache?.problem ?? null };
    return summary(options, encoder.device, found, state, watch.seconds(), building);
  } finally {
    await cache?.close();
    await encoder.release();
  }
}

/** Embeds the rows that the part file does not have yet. */
async function embedInto(
  part: PartFile,
  seen: SeenClasses,
  encoder: Encoder,
  input: Input,
  options: EmbedOptions,
  settings: Settings,
  watch: Stopwatch,
): Promise<void> {
  const { dataset, backbone, store, signal, onProgress, onError, checkpointSeconds = 1 } = options;
  const unit = ({ text: "rows", image: "images", audio: "sounds" } as const)[dataset.modality];
  const first = part.state.consumed;
  // Where rows were not counted beforehand, their number follows from how much of the input those so far took.
  const total = (): { total?: number; approximate?: boolean } => {
    const share = dataset.count === null ? dataset.shareRead() : null;
    if (dataset.count !== null) return { total: dataset.count };
    return share ? { total: Math.round(input.read() / share), approximate: share < 1 } : {};
  };
  const onRows = (done: number) => onProgress?.({ stage: "embed", done: first + done, unit, ...total() });
  if (onError === "fail" && part.state.rejects > 0) {
    throw new HeadstartError("data", `${part.state.rejects} rows of ${dataset.name} were rejected earlier`, {
      facts: { rejects: part.state.rejects },
      hint: "Correct them and use --restart, or go on without --on-error fail.",
    });
  }
  for await (const window of embedWindows(input.rows, backbone, encoder, {
    ...settings,
    store,
    signal,
    onRows,
  })) {
    watch.lap("embed");
    const [reject] = window.rejects;
    if (onError === "fail" && reject !== undefined) throw rejectedRow(reject);
    await part.append(window);
    noteClasses(seen, window.rows);
    if (part.sinceCheckpoint() >= checkpointSeconds) await part.checkpoint();
    watch.lap("write");
  }
  watch.lap("embed");
  await part.checkpoint();
}

/** What a run took from elsewhere, and what it leaves. */
interface Building {
  readonly rejects: boolean;
  readonly plan: TargetPlan | null;
  readonly store: RunStore | undefined;
  readonly cacheProblem: string | null;
}

function summary(
  { out, backbone }: EmbedOptions,
  device: Device,
  found: PartState | null,
  state: PartState,
  seconds: EmbedSummary["seconds"],
  { rejects, plan, store, cacheProblem }: Building,
): EmbedSummary {
  const target = plan?.summary(state.rows) ?? null;
  return Object.freeze({
    out,
    rows: state.rows + (plan?.keepsRows && target ? target.kept : 0),
    rejects: state.rejects,
    rejectsFile: rejects ? rejectsPath(out) : null,
    truncated: state.truncated,
    dim: backbone.spec.dim,
    fingerprint: backbone.fingerprint,
    device,
    resumedAtRow: found?.consumed ?? null,
    known: Object.freeze({ ...(store?.found ?? { target: 0, cache: 0 }) }),
    cacheProblem,
    target,
    seconds,
    rowsPerSecond: (state.rows - (found?.rows ?? 0)) / (seconds.embed + seconds.write),
  });
}

/** The rows that are left to do. */
interface Input {
  readonly rows: AsyncIterable<Row | RejectedRow>;
  /** Rows of the data set read so far, those of earlier runs included. */
  readonly read: () => number;
  /** Whether they are too few for a thread to be started for them. */
  readonly few: boolean;
}

/** Rows that take about as long as a thread takes to start. */
const FEW = { text: 64, image: 4, audio: 2 } as const;
/** How long a first look at the input may take. */
const PEEK_MILLISECONDS = 50;

/** The rows of a data set after the first `done` ones, looked at so far as to know whether they are few. */
export async function inputOf(
  { dataset, signal }: Pick<EmbedOptions, "dataset" | "signal">,
  done: number,
): Promise<Input> {
  let count = 0;
  const counted = tally(dataset.rows(), () => {
    count++;
  });
  const rows = skip(counted, done);
  const read = () => count;
  const few = FEW[dataset.modality];
  if (dataset.count !== null) return { rows, read, few: dataset.count - done < few };
  const { ended, values } = await unlessAborted(peek(rows, few, PEEK_MILLISECONDS), signal);
  return { rows: values, read, few: ended };
}

/** One session in a thread of its own, but where that does not pay. */
export function encoderOptions({ device, threads }: SessionOptions, { few }: Input): EncoderOptions {
  return {
    ...(device === undefined ? {} : { device }),
    ...(threads === undefined ? {} : { threads }),
    sessions: few ? 0 : 1,
  };
}

/** @throws {HeadstartError} `usage` if a number is out of range or the backbone reads something else. */
export function resolveOptions(options: Omit<EmbedOptions, "out">): Settings {
  const { dataset, backbone } = options;
  if (dataset.modality !== backbone.spec.modality) {
    throw new HeadstartError(
      "usage",
      `${dataset.name} holds ${dataset.modality}, but ${backbone.spec.id} reads ${backbone.spec.modality}`,
      { hint: `Choose a backbone for ${dataset.modality}: headstart backbones list.` },
    );
  }
  if (dataset.shard !== undefined && (options.mode === "append" || options.mode === "retry-rejects")) {
    throw new HeadstartError("usage", `A shard cannot be added to: its rows are those of one reading`, {
      facts: { mode: options.mode },
      hint: "Make it anew with --update, which takes the vectors that are there.",
    });
  }
  const { vectors = "fp32" } = options;
  if (vectors !== "fp32" && vectors !== "fp16") {
    throw new HeadstartError("usage", `vectors are stored as fp32 or fp16, got ${vectors}`);
  }
  const images = (most: number) => Math.max(1, Math.floor(most * shareOfLarge(backbone)));
  const settings = {
    batchTokens: options.batchTokens ?? 2048,
    batchImages: options.batchImages ?? images(16),
    batchSamples: options.batchSamples ?? 480_000,
    windowRows: options.windowRows ?? { text: 1024, image: images(64), audio: 256 }[dataset.modality],
  };
  for (const [name, value] of Object.entries(settings)) {
    if (!Number.isInteger(value) || value < 1) {
      throw new HeadstartError("usage", `${name} must be a whole number from 1, got ${value}`, {
        facts: { name, value },
      });
    }
  }
  return { ...settings, vectors };
}

/** Images over 512 x 512 pixels are held in smaller numbers, so that memory does not grow with their size. */
function shareOfLarge({ preprocessor }: Backbone): number {
  if (preprocessor.kind !== "image") return 1;
  return Math.min(1, (512 * 512) / (preprocessor.width * preprocessor.height));
}
