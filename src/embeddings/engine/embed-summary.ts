import type { Backbone, Encoder } from "../../backbones/backbone.js";
import type { Device } from "../../onnx/session.js";
import type { RunStore } from "../cache/run-store.js";
import type { PartState } from "../file/part-file.js";
import type { TargetPlan, TargetSummary } from "../target/target-plan.js";
import type { Tuned } from "../tune/tuned.js";
import type { BatchOptions } from "./embed-windows.js";
import type { EncodeCounts } from "./encode-counts.js";
import type { Stage } from "./stage-clock.js";

/** What went through the backbone in this run, and how. */
export interface EncodingSummary {
  /** Distinct contents that were encoded. */
  readonly contents: number;
  /** Rows whose content had occurred before in their window, and was encoded once. */
  readonly duplicates: number;
  /** What batches are measured in. `samples` are of sounds; of spectrograms, values. */
  readonly unit: "tokens" | "images" | "samples";
  /** So many of them, padding left out. */
  readonly amount: number;
  readonly amountPerSecond: number;
  /** The share of what was computed that is padding. */
  readonly paddingShare: number;
  readonly batches: number;
  /** Most units in a batch, padding included. */
  readonly batchBudget: number;
  /** How often the device's memory did not suffice, and the budget was cut in half. */
  readonly halvings: number;
  /** Of each session; 0 where every vector was known, and none was opened. */
  readonly threads: number;
  /** Sessions in threads of their own; 0 where one ran in the caller's, as for few rows, or none was opened. */
  readonly sessions: number;
  /** What a calibration measured and chose, of an earlier run where this one continues it; null where there was none. */
  readonly tuned: Tuned | null;
}

export interface EmbedSummary {
  readonly out: string;
  readonly rows: number;
  readonly rejects: number;
  /** `<out>.rejects.jsonl`, a line a rejected row, of earlier runs too where they are kept; null where there is none. */
  readonly rejectsFile: string | null;
  /** Texts and sounds that were longer than the backbone takes; of sounds whose vector was known, only WAV and FLAC files. */
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
  readonly encoding: EncodingSummary;
  readonly seconds: {
    readonly load: number;
    readonly embed: number;
    readonly write: number;
    readonly total: number;
  };
  /**
   * Seconds of each stage, which overlap: they sum up to more than `seconds.total`. `inference` is measured where the
   * session runs, `wait` is how long writing waited for the stages before.
   */
  readonly stages: Readonly<Record<Stage, number>>;
  /** Rows of this run over its `embed` and `write` seconds. */
  readonly rowsPerSecond: number;
}

/** What of a run its summary is made from. */
export interface FinishedRun {
  readonly out: string;
  readonly backbone: Backbone;
  readonly encoder: Encoder;
  readonly found: PartState | null;
  readonly state: PartState;
  readonly settings: BatchOptions;
  readonly tuned: Tuned | null;
  readonly counts: EncodeCounts;
  readonly seconds: EmbedSummary["seconds"];
  readonly stages: Readonly<Record<Stage, number>>;
  /** Whether there is a file of rejected rows. */
  readonly rejects: boolean;
  readonly plan: TargetPlan | null;
  readonly store: RunStore | undefined;
  readonly cacheProblem: string | null;
}

/** Where the rejected rows of a target are listed. */
export const rejectsPath = (out: string): string => `${out}.rejects.jsonl`;

export function embedSummary(run: FinishedRun): EmbedSummary {
  const { out, backbone, encoder, found, state, seconds, stages, plan, store } = run;
  const target = plan?.summary(state.rows) ?? null;
  const busy = seconds.embed + seconds.write;
  return Object.freeze({
    out,
    rows: state.rows + (plan?.keepsRows && target ? target.kept : 0),
    rejects: state.rejects,
    rejectsFile: run.rejects ? rejectsPath(out) : null,
    truncated: state.truncated,
    dim: backbone.spec.dim,
    fingerprint: backbone.fingerprint,
    device: encoder.device,
    resumedAtRow: found?.consumed ?? null,
    known: Object.freeze({ ...(store?.found ?? { target: 0, cache: 0 }) }),
    cacheProblem: run.cacheProblem,
    target,
    encoding: encodingSummary(run),
    seconds,
    stages: Object.freeze({ ...stages, inference: encoder.ranSeconds?.() ?? stages.inference }),
    rowsPerSecond: (state.rows - (found?.rows ?? 0)) / busy,
  });
}

/** What went through the backbone. */
export function encodingSummary({
  backbone,
  encoder,
  settings,
  tuned,
  counts,
  seconds,
}: Pick<FinishedRun, "backbone" | "encoder" | "settings" | "tuned" | "counts" | "seconds">): EncodingSummary {
  const { modality } = backbone.spec;
  const { batchTokens, batchImages, batchSamples } = settings;
  const { encoded: contents, duplicates, batches, halvings, size, padded } = counts;
  const amount = modality === "image" ? contents : size;
  return Object.freeze({
    contents,
    duplicates,
    unit: ({ text: "tokens", image: "images", audio: "samples" } as const)[modality],
    amount,
    amountPerSecond: amount / (seconds.embed + seconds.write),
    paddingShare: padded === 0 ? 0 : 1 - size / padded,
    batches,
    batchBudget: counts.budget ?? { text: batchTokens, image: batchImages, audio: batchSamples }[modality],
    halvings,
    threads: encoder.threads,
    sessions: encoder.sessions ?? 0,
    tuned,
  });
}
