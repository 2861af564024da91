export { type EmbedOptions, type EmbedSummary, embedDataset } from "./embed-dataset.js";
export { type BatchOptions, type EmbeddedWindow, embedWindows } from "./embed-windows.js";
export type { EmbeddedRows } from "./embedded-rows.js";
export { type Coded, type Embeddings, readEmbeddings } from "./read-embeddings.js";
export { type EmbeddingsMeta, FORMAT_VERSION } from "./schema.js";
export { type EmbeddingsBatch, streamEmbeddings } from "./stream-embeddings.js";
