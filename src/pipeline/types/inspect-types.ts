import type { KeptColumn } from "../../data/kept-columns.js";
import type { ShardRecord, VectorType } from "../../embeddings/file/schema.js";
import type { SampleCheck } from "../../heads/sample/check-sample.js";

export type { SampleCheck };

/** What a file is and holds. */
export type InspectResult =
  | {
      readonly kind: "embeddings";
      readonly path: string;
      readonly bytes: number;
      readonly rows: number;
      readonly dim: number;
      readonly backbone: Readonly<Record<string, unknown>>;
      readonly fingerprint: string;
      readonly dataset: string;
      readonly created: string;
      /** How the vectors are stored. */
      readonly store: VectorType;
      /** Columns of the input that were kept. */
      readonly kept: readonly KeptColumn[];
      /** The shard that it is; null where it holds all rows. */
      readonly shard: ShardRecord | null;
      readonly labels: readonly { readonly name: string; readonly rows: number }[];
      readonly splits: readonly { readonly name: string; readonly rows: number }[];
      readonly unlabelled: number;
      /** Present where rows have several labels: `labels` is then by label. */
      readonly multiLabel?: { readonly emptyRows: number };
    }
  | {
      readonly kind: "head";
      readonly path: string;
      readonly bytes: number;
      /** `headstart.head`, as stored. */
      readonly head: Readonly<Record<string, unknown>>;
      readonly backbone: Readonly<Record<string, unknown>> | null;
      readonly fingerprint: string;
      /** How it answers the training rows that are stored in it; null where there are none. */
      readonly sample: SampleCheck | null;
    }
  /** A head that was fused with its backbone. */
  | {
      readonly kind: "classifier";
      readonly path: string;
      readonly bytes: number;
      readonly head: Readonly<Record<string, unknown>>;
      readonly backbone: Readonly<Record<string, unknown>> | null;
      readonly fingerprint: string;
      /** `headstart.classifier`, as stored: how it is fed, and what it answers to a sample. */
      readonly classifier: Readonly<Record<string, unknown>>;
      readonly inputs: readonly GraphPort[];
      readonly outputs: readonly GraphPort[];
      /** Whether the file holds the checkpoint's tokenizer. */
      readonly tokenizer: boolean;
    };

/** An input or output of a graph; a string in `shape` is a free dimension. */
export interface GraphPort {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly (number | string)[] | null;
}
