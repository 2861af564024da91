/** How an input can be written. */
export const INPUT_FORMATS = [
  "csv",
  "tsv",
  "json",
  "jsonl",
  "text",
  "parquet",
  "arrow",
  "sqlite",
  "duckdb",
  "images",
  "audio",
] as const;

/** How an input is written. */
export type InputFormat = (typeof INPUT_FORMATS)[number];
