import type { Dataset } from "../../data/row.js";
import type { VectorStore } from "../cache/vector-store.js";
import type { EmbeddedRows } from "../file/embedded-rows.js";
import type { EmbeddingsMeta } from "../file/schema.js";
import type { SeenClasses } from "../file/seen-classes.js";

/**
 * What a run does with a target that exists: `append` adds the input's new rows at its end, `update` makes it equal the
 * input, `retry-rejects` puts rows that were rejected where they belong.
 */
export type TargetMode = "append" | "update" | "retry-rejects";

/** What became of the rows that the target had. */
export interface TargetSummary {
  readonly mode: TargetMode;
  /** Rows of the target that are in the finished file, with the same content. */
  readonly kept: number;
  /**
   * Rows of the target that are in the finished file with another content, or whose content it does not tell, as of
   * imported vectors: `update` only.
   */
  readonly changed: number;
  /** Rows of the target that are not, since the input does not have them any more or they were rejected: `update` only. */
  readonly dropped: number;
  /** Rows that the finished file has and the target had not, by their ids. */
  readonly added: number;
  /** Rows of the input that were passed over: `append`, those that the target has; `retry-rejects`, those not rejected before and not in the target. */
  readonly passedOver: number;
}

/** How a run goes about a target. */
export interface TargetPlan {
  /** What must be equal for an interrupted run to be continued. */
  readonly options: Readonly<Record<string, string>>;
  /** When the target was begun: a part file of that time is the one it was made from. */
  readonly created: string;
  /** The rows that are to be embedded. */
  readonly dataset: Dataset;
  /** Vectors that the target has; null where it is not asked. */
  readonly vectors: Pick<VectorStore, "lookup"> | null;
  /** Labels and splits that rows of the target bring into the finished file. */
  readonly seen: SeenClasses | null;
  /** Whether the finished file has rows beside those of the part. */
  readonly keepsRows: boolean;
  /** Rejected rows of earlier runs stay in the rejects file, but for those that this run embeds or rejects again. */
  readonly keepsRejects: boolean;
  /** The metadata of the finished file. */
  meta(own: EmbeddingsMeta): EmbeddingsMeta;
  /** All rows of the finished file. */
  rows(embedded: AsyncIterable<EmbeddedRows>): AsyncIterable<EmbeddedRows>;
  /** Once `rows` has been read. @param embedded - rows of the part. */
  summary(embedded: number): TargetSummary;
  close(): Promise<void>;
}
