export type { DatasetOptions, InputFormat } from "./dataset-options.js";
export { isImagePath } from "./input-format.js";
export { openDataset } from "./open-dataset.js";
export type { Content, Dataset, RejectedRow, Row } from "./row.js";
export type { TextEncoding } from "./utf8-bytes.js";
