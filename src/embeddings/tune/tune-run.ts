import type { Backbone, Encoder } from "../../backbones/backbone.js";
import type { EncoderOptions } from "../../backbones/open-encoders.js";
import { cpuCount } from "../../core/cpu-count.js";
import { freeMemory } from "../../core/free-memory.js";
import { batchingOf } from "../engine/batching.js";
import type { BatchOptions } from "../engine/embed-windows.js";
import { rateOf, timeCandidates } from "./time-candidates.js";
import type { Tuned, TuneLimits, TuneSetting } from "./tuned.js";

/** What a run is calibrated by. */
export interface TuneRun {
  readonly backbone: Backbone;
  /** Open, with the settings that hold by default. */
  readonly encoder: Encoder;
  readonly settings: BatchOptions;
  /** Prepared inputs of the first rows. */
  readonly inputs: readonly (Int32Array | Float32Array)[];
  /** Rows that the run has to do; null where nobody knows. */
  readonly rows: number | null;
  /** Which of the settings may change: not those that were asked for. */
  readonly free: { readonly batch: boolean; readonly sessions: boolean };
  /** How further sessions are opened. */
  readonly options: EncoderOptions;
  /** What a session took of the memory. */
  readonly sessionBytes: number;
  readonly limits: TuneLimits;
  readonly signal?: AbortSignal | undefined;
}

/** With what the run goes on; where `encoder` is another one, that of before is released. */
export interface TunedRun {
  readonly encoder: Encoder;
  readonly settings: BatchOptions;
  /** Null where nothing was measured: too little to do, or nothing to choose. */
  readonly tuned: Tuned | null;
}

/** How much faster than the default something has to be: less is noise. */
const MARGIN = 1.05;
/** Of the default batch, on processors and on accelerators. */
const FACTORS = { text: [1 / 2, 2, 4], image: [1 / 2, 2] } as const;
const FACTORS_ACCELERATED = { text: [1 / 8, 1 / 4], image: [1 / 4, 1 / 2] } as const;
/** Inputs of the pass that tells how long the run will take. */
const PROBE = { text: 32, image: 4 } as const;
/** Rounds that the time is divided among. */
const ROUNDS = 3;
/** Batches a session that a pass must have, so that it tells anything. */
const BATCHES = 2;

/**
 * Chooses sessions and threads, then the batch, by timing candidates on the first rows of a run that is long enough.
 * @throws {HeadstartError} `interrupted` when `signal` fires; the given encoder is still open then.
 */
export async function tuneRun(run: TuneRun): Promise<TunedRun> {
  const begun = performance.now();
  const same: TunedRun = { encoder: run.encoder, settings: run.settings, tuned: null };
  const plan = await planOf(run, begun);
  if (plan === null) return same;
  const tried: Tried[] = [];
  const encoder = await chooseSessions(run, plan, tried);
  try {
    const settings = await chooseBatch(run, plan, encoder, tried);
    if (tried.length === 0) return same;
    if (encoder !== run.encoder) await run.encoder.release();
    const chosen = settingOf(encoder, settings[plan.name]);
    const tuned: Tuned = {
      chosen,
      speedup: tried.find(({ setting }) => isSame(setting, chosen))!.speedup,
      candidates: tried.map(({ setting, rowsPerSecond }) => ({ ...setting, rowsPerSecond })),
      seconds: (performance.now() - begun) / 1000,
    };
    return { encoder, settings, tuned };
  } catch (thrown) {
    if (encoder !== run.encoder) await encoder.release();
    throw thrown;
  }
}

/** What is tried, on what, and until when. */
interface Plan {
  readonly name: "batchTokens" | "batchImages";
  readonly budgets: readonly number[];
  readonly several: boolean;
  readonly piece: readonly (Int32Array | Float32Array)[];
  /** Of the piece, in what batches are measured in. */
  readonly size: number;
  /** By `performance.now()`. */
  readonly deadline: number;
}

/** A setting with its rate; `speedup` is over the default. */
interface Tried {
  readonly setting: TuneSetting;
  readonly rowsPerSecond: number;
  readonly speedup: number;
}

/** Null where the run is too short or there is nothing to choose. */
async function planOf(run: TuneRun, begun: number): Promise<Plan | null> {
  const { backbone, encoder, inputs, rows, limits, settings } = run;
  const { kind } = backbone.preprocessor;
  const several = run.free.sessions && severalFit(run);
  if (kind === "audio" || inputs.length === 0 || (rows !== null && rows < limits.rows)) return null;
  if (!run.free.batch && !several) return null;
  const usual = { encoder, batching: batchingOf(backbone, encoder, settings) };
  const probe = spread(inputs, PROBE[kind]);
  await rateOf(usual, probe);
  const rate = await rateOf(usual, probe);
  if (rate === null) return null;
  const estimated = rows === null ? null : rows / rate;
  const longest =
    estimated === null
      ? limits.least
      : Math.min(limits.most, Math.max(limits.least, limits.share * estimated));
  if (estimated !== null && estimated < limits.pays * longest) return null;
  const name = kind === "text" ? "batchTokens" : "batchImages";
  const factors = (encoder.device === "cpu" ? FACTORS : FACTORS_ACCELERATED)[kind];
  const budgets: readonly number[] = run.free.batch
    ? factors.map((factor) => Math.max(1, Math.round(factor * settings[name])))
    : [];
  const planned = (tried: readonly number[]): Plan => {
    const passes = (several ? 2 : 0) + (tried.length > 0 ? 1 + tried.length : 0);
    const piece = spread(inputs, Math.floor((rate * longest) / (ROUNDS * passes)));
    const size = kind === "text" ? piece.reduce((sum, { length }) => sum + length, 0) : piece.length;
    return { name, budgets: tried, several, piece, size, deadline: begun + 1000 * longest };
  };
  const whole = planned(budgets);
  // Where the time does not suffice for both, sessions matter more.
  return several && whole.size < BATCHES * cpuCount() * settings[name] ? planned([]) : whole;
}

/** One session on all processors, or a session for each: the one that is not the default. @returns the given encoder, or another. */
async function chooseSessions(run: TuneRun, plan: Plan, tried: Tried[]): Promise<Encoder> {
  const { backbone, encoder, settings, options, signal } = run;
  const { name, several, piece, size, deadline, budgets } = plan;
  const processors = cpuCount();
  if (!several || size < BATCHES * processors * settings[name]) return encoder;
  const one = { sessions: 1, threads: processors };
  const another = (encoder.sessions ?? 1) > 1 ? one : { sessions: processors, threads: 1 };
  const other = await backbone.open({ ...options, ...another }).catch(() => null);
  if (other === null) return encoder;
  let chosen = encoder;
  try {
    const candidates = [encoder, other].map((one) => ({
      encoder: one,
      batching: batchingOf(backbone, one, settings),
    }));
    await rateOf(candidates[1]!, piece);
    const until = budgets.length > 0 ? (performance.now() + deadline) / 2 : deadline;
    const times = await timeCandidates(candidates, { inputs: piece, deadline: until, signal });
    times?.forEach((time, i) => {
      if (time) tried.push({ setting: settingOf(candidates[i]!.encoder, settings[name]), ...time });
    });
    if ((times?.[1]?.speedup ?? 0) >= MARGIN) chosen = other;
    return chosen;
  } finally {
    if (chosen !== other) await other.release();
  }
}

/** The batch that `encoder` is fastest with. */
async function chooseBatch(
  { backbone, settings, signal }: TuneRun,
  { name, budgets, piece, size, deadline }: Plan,
  encoder: Encoder,
  tried: Tried[],
): Promise<BatchOptions> {
  const fitting = budgets.filter((budget) => size >= BATCHES * (encoder.sessions ?? 1) * budget);
  if (fitting.length === 0) return settings;
  const choices = [settings, ...fitting.map((budget) => ({ ...settings, [name]: budget }))];
  const candidates = choices.map((choice) => ({ encoder, batching: batchingOf(backbone, encoder, choice) }));
  const times = await timeCandidates(candidates, { inputs: piece, deadline, signal });
  if (times === null) return settings;
  const before = tried.findLast(({ setting }) => isSame(setting, settingOf(encoder, settings[name])));
  times.forEach((time, i) => {
    if (time === null || (i === 0 && before !== undefined)) return;
    const speedup = time.speedup * (before?.speedup ?? 1);
    tried.push({ setting: settingOf(encoder, choices[i]![name]), ...time, speedup });
  });
  const speedups = times.map((time) => time?.speedup ?? 0);
  const fastest = speedups.indexOf(Math.max(...speedups));
  return speedups[fastest]! >= MARGIN ? choices[fastest]! : settings;
}

const settingOf = (encoder: Encoder, batch: number): TuneSetting => ({
  batch,
  sessions: encoder.sessions ?? 1,
  threads: encoder.threads,
});

const isSame = (a: TuneSetting, b: TuneSetting): boolean =>
  a.batch === b.batch && a.sessions === b.sessions && a.threads === b.threads;

/** Whether a session a processor is another thing than one session, and their weights take at most half the free memory, or fit as it is. */
function severalFit({ encoder, sessionBytes }: TuneRun): boolean {
  if (encoder.device !== "cpu" || encoder.sessions === undefined || cpuCount() < 2) return false;
  return encoder.sessions > 1 || cpuCount() * sessionBytes <= freeMemory() / 2;
}

/** About so many values, evenly spread. */
function spread<T>(values: readonly T[], count: number): T[] {
  const wanted = Math.min(values.length, Math.max(1, count));
  return Array.from({ length: wanted }, (_, i) => values[Math.floor((i * values.length) / wanted)]!);
}
