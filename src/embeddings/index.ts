export { type EmbedOptions, embedDataset } from "./embed-dataset.js";
export type { EmbedSummary } from "./embed-summary.js";
export { type MergeOptions, type MergeSummary, mergeEmbeddings } from "./merge/merge-embeddings.js";
export { type Coded, type Embeddings, readEmbeddings } from "./read-embeddings.js";
export type { EmbeddingsMeta } from "./schema.js";
export { type EmbeddingsBatch, streamEmbeddings } from "./stream-embeddings.js";
