import type { OnProgress } from "../../core/progress.js";
import type { Modality, Precision } from "../backbone.js";

/** What is wanted of a repository of the Hub. */
export interface HubRequest {
  /** Branch, tag or commit; default `main`. */
  readonly revision?: string;
  /** Default `fp32`. */
  readonly precision?: Precision;
  /** Default: the graphs of all kinds of content that it reads. */
  readonly modality?: Modality;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** A repository's files at one commit, in the cache. */
export interface HubCheckpoint {
  /** The snapshot's folder, in Hugging Face layout. */
  readonly folder: string;
  readonly commit: string;
  /** As the Hub tells it (`apache-2.0`); null where it says none or was not asked. */
  readonly license: string | null;
  /** The address of the commit. */
  readonly source: string;
}
