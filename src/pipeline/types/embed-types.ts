import type { Layer, Modality, Pooling, Precision, Resize } from "../../backbones/backbone.js";
import type { KeptColumn } from "../../data/kept-columns.js";
import type { Shard } from "../../data/shard.js";
import type { EmbedSummary } from "../../embeddings/engine/embed-summary.js";
import type { VectorType } from "../../embeddings/file/schema.js";
import type { TargetMode } from "../../embeddings/target/target-plan.js";
import type { ComputeOptions, InputOptions, RunControl } from "./run-types.js";

export interface EmbedOptions extends InputOptions, ComputeOptions, RunControl {
  /** A file, a folder of images, or `-` for stdin. */
  readonly input: string;
  /** The embeddings file to write; `-` writes an Arrow stream to stdout, which is not resumed. */
  readonly out: string;
  /** What the input `-` reads; default the process's stdin. */
  readonly stdin?: NodeJS.ReadableStream;
  /** What the output `-` writes; default the process's stdout. */
  readonly stdout?: NodeJS.WritableStream;
  /** Default: `use-lite` for text, `mobilenet-v2-mid` for images. */
  readonly backbone?: string;
  /** What of the input is embedded, and by which side of a backbone that has several; default: what it holds. */
  readonly modality?: Modality;
  /** Branch, tag or commit of a Hub id; default `main`. */
  readonly revision?: string;
  /** Which export of the weights; default `fp32`. */
  readonly precision?: Precision;
  /** Where the feature is taken; default: what the family is used by. */
  readonly layer?: Layer;
  /** Default: what the checkpoint says. */
  readonly pooling?: Pooling;
  /** What is put before each text: the name of one of the checkpoint's prompts, or the words; default: its default prompt. */
  readonly prompt?: string;
  /** Longest sequence of a text, special tokens included; default: what the checkpoint allows, but 8,192 at most. */
  readonly maxTokens?: number;
  /** Default `exact`. */
  readonly resize?: Resize;
  /** L2-normalise the vectors; default: what the checkpoint says. */
  readonly normalize?: boolean;
  /** Further columns of the input, kept in the file after its own. */
  readonly keep?: readonly string[];
  /** How vectors are stored: `fp16` takes half the room and rounds to 11 bits; default `fp32`. */
  readonly store?: VectorType;
  /** Only the rows whose id falls to this shard, by its hash: `{ index: 1, count: 3 }`. Shards are put together by `merge`. */
  readonly shard?: Shard;
  /** `reject` (default) writes bad rows to `<out>.rejects.jsonl`; `fail` stops at the first. */
  readonly onError?: "reject" | "fail";
  /** Throw away what an interrupted run left and start again. */
  readonly restart?: boolean;
  /**
   * What to do with embeddings that `out` has already; default: they are replaced. `append`: rows whose ids they lack are
   * added at their end. `update`: they are made equal to the input, and only contents that they lack are embedded.
   * `retry-rejects`: rows of `<out>.rejects.jsonl` are embedded and put where the input has them.
   */
  readonly mode?: TargetMode;
  /**
   * Take vectors of contents that the same backbone embedded before from the cache on this machine, and add new ones to it;
   * default true, unless the environment says `HEADSTART_VECTOR_CACHE=off`.
   */
  readonly cache?: boolean;
  /** Bytes that the cache may take, all backbones together; what was used least recently goes first. Default 5e9. */
  readonly cacheSize?: number;
  /** Most tokens in a batch of texts, padding included; default 512, on accelerators 65,536. */
  readonly batchTokens?: number;
  /** Images in a batch; default 8, on accelerators 128. */
  readonly batchImages?: number;
  /**
   * Sessions that share the batches, each in a thread of its own. Each has all the weights, and `threads` threads. Default, on
   * processors: as many as there are, of one thread each, while their weights stay within 1 GiB and a quarter of the free
   * memory; one where `threads` is given, and on accelerators.
   */
  readonly sessions?: number;
  /**
   * `auto` times sessions, threads and batches on the first rows of a long run, which costs some seconds, and goes on with what
   * is fastest; what is set here stays. Only texts and images. Default `off`.
   */
  readonly tune?: "auto" | "off";
  /** Where the time went, as a JSON file: at this path, or, if true, at `<out>.profile.json`. Default: not written. */
  readonly profile?: string | boolean;
}

export interface EmbedResult extends EmbedSummary {
  readonly backbone: string;
  /** What of the backbone is the vector, and what was put before each text (null: nothing). */
  readonly feature: {
    readonly layer: string;
    readonly pooling: Pooling;
    readonly normalize: boolean;
    readonly precision: Precision;
    readonly prompt: string | null;
  };
  /** The columns that were kept, with how their values are stored. */
  readonly kept: readonly KeptColumn[];
  readonly store: VectorType;
  /** Null where the file holds all rows. */
  readonly shard: Shard | null;
  /** What was guessed about the input, in sentences. */
  readonly guesses: readonly string[];
  /** Where the profile was written; null where none was asked for. */
  readonly profile: string | null;
}

/** A row of `headstart backbones list`. */
export interface BackboneSummary {
  readonly id: string;
  readonly modality: Modality;
  readonly dim: number;
  readonly license: string;
  readonly parameters: number | null;
  /** Bytes of the ONNX file; null where it has not been built or downloaded. */
  readonly bytes: number | null;
  readonly source: string;
  readonly notes: readonly string[];
}
