export { type EmbedOptions, embedDataset } from "./engine/embed-dataset.js";
export type { EmbedSummary } from "./engine/embed-summary.js";
export { type Coded, type Embeddings, readEmbeddings } from "./file/read-embeddings.js";
export type { EmbeddingsMeta } from "./file/schema.js";
export { type EmbeddingsBatch, streamEmbeddings } from "./file/stream-embeddings.js";
export { type MergeOptions, type MergeSummary, mergeEmbeddings } from "./merge/merge-embeddings.js";
