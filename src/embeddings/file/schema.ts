import {
  Dictionary,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float16,
  Float32,
  Int32,
  Schema,
  Utf8,
} from "apache-arrow";
import type { BackboneSpec } from "../../backbones/backbone.js";
import { canonicalJson } from "../../core/hash.js";
import type { KeptColumn } from "../../data/kept-columns.js";
import { keptField } from "./kept-data.js";

/** Version of the embeddings file that this code writes, and the only one that it reads. */
export const FORMAT_VERSION = "1";

/** Most rows in a record batch of an embeddings file. */
export const MAX_BATCH_ROWS = 4096;

/** Bytes of a `content_hash`. */
export const HASH_BYTES = 16;

/**
 * How vectors are stored: `fp16` takes half the room and rounds each value to 11 significant bits. It is no part of the
 * fingerprint, which names what makes a vector: like batching it changes a value by rounding alone, and a head answers
 * to files of both kinds.
 */
export type VectorType = "fp32" | "fp16";

/** Keys of the schema's metadata. */
export const METADATA = {
  format: "headstart.format",
  backbone: "headstart.backbone",
  fingerprint: "headstart.fingerprint",
  dataset: "headstart.dataset",
  created: "headstart.created",
  shard: "headstart.shard",
  labels: "headstart.labels",
} as const;

/** What the file of a shard says about the whole that it is a part of. */
export interface ShardRecord {
  /** From 1. */
  readonly index: number;
  readonly count: number;
  /** Digest of the ids of all rows, in order, and of how they were read: equal in all shards of one data set. */
  readonly dataset: string;
  /** Digest of what all rows hold, as `WholeDataset.contents`; absent in files of versions that did not note it. */
  readonly contents?: string;
  /** Rows of the whole data set, those that cannot be used included. */
  readonly rows: number;
  /** Rows of this shard that could not be used. */
  readonly rejects: number;
  /** The column, int64, with each row's place among all rows, from 0. */
  readonly position: string;
}

/** What an embeddings file says about itself. */
export interface EmbeddingsMeta {
  readonly format: string;
  readonly backbone: BackboneSpec;
  /** Digest of exactly what changes a vector. */
  readonly fingerprint: string;
  /** The input as the user wrote it. */
  readonly dataset: string;
  /** ISO 8601, UTC: when the run began. */
  readonly created: string;
  readonly vectors: VectorType;
  /** Columns of the input that go along, in their order after the contract's. */
  readonly kept: readonly KeptColumn[];
  /** Present where rows have several labels: `label` is then the text of a JSON array of them, sorted, each once. */
  readonly labels?: "multi";
  /** Present where the file holds one shard of a data set's rows. */
  readonly shard?: ShardRecord;
  /** Metadata that other tools added. */
  readonly extra: Readonly<Record<string, string>>;
}

/**
 * The Arrow schema of embeddings.
 * @param classes - `dictionary` in the finished file, whose classes are all known; `text` in the part file,
 * where a dictionary would have to grow with every new class.
 */
export function embeddingsSchema(meta: EmbeddingsMeta, classes: "dictionary" | "text"): Schema {
  const classType = (id: number) =>
    classes === "dictionary" ? new Dictionary(new Utf8(), new Int32(), id) : new Utf8();
  const item = new Field("item", meta.vectors === "fp16" ? new Float16() : new Float32(), false);
  return new Schema(
    [
      new Field("id", new Utf8(), false),
      new Field("embedding", new FixedSizeList(meta.backbone.dim, item), false),
      new Field("label", classType(0), true),
      new Field("split", classType(1), true),
      new Field("source", new Utf8(), true),
      new Field("content_hash", new FixedSizeBinary(HASH_BYTES), true),
      ...meta.kept.map(keptField),
    ],
    new Map([
      [METADATA.format, meta.format],
      [METADATA.backbone, canonicalJson(meta.backbone)],
      [METADATA.fingerprint, meta.fingerprint],
      [METADATA.dataset, meta.dataset],
      [METADATA.created, meta.created],
      ...(meta.labels === undefined ? [] : ([[METADATA.labels, meta.labels]] as const)),
      ...(meta.shard === undefined ? [] : ([[METADATA.shard, canonicalJson(meta.shard)]] as const)),
      ...Object.entries(meta.extra),
    ]),
  );
}
