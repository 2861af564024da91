import { z } from "zod";
import { HeadstartError } from "../../core/errors.js";
import { type Matrix, matrix } from "../../linalg/matrix.js";

/** Rows as a head is fed, row-major, float32 little-endian in base64. */
export const sampleContent = z.object({
  kind: z.literal("embeddings"),
  rows: z.int().positive(),
  dim: z.int().positive(),
  float32: z.string(),
});

export type SampleContent = Readonly<z.output<typeof sampleContent>>;

/** Rows of a sample. */
const MOST_ROWS = 8;

/** Numbers of a sample, 96 KiB as float32: rows of more than about 3,000 columns are fewer, and of more than this none. */
const MOST_NUMBERS = 24_576;

/** How many rows are stored whose vector and answer have so many numbers; 0 where one row is too much. */
export function mostSampleRows(numbers: number): number {
  return Math.min(MOST_ROWS, Math.floor(MOST_NUMBERS / numbers));
}

/** Rows as they are stored. */
export function writeContent({ data, rows, cols }: Matrix): SampleContent {
  const { buffer } = Float32Array.from(data);
  return { kind: "embeddings", rows, dim: cols, float32: Buffer.from(buffer).toString("base64") };
}

/** Stored rows as a matrix. @throws {HeadstartError} `format` unless they are as many as it says. */
export function readContent({ rows, dim, float32 }: SampleContent): Matrix<Float32Array> {
  const bytes = new Uint8Array(Buffer.from(float32, "base64"));
  if (bytes.length !== 4 * rows * dim) {
    throw damagedSample("content", `${bytes.length} bytes for [${rows}, ${dim}]`);
  }
  return matrix(new Float32Array(bytes.buffer), rows, dim);
}

export const damagedSample = (where: string, what: string): HeadstartError =>
  new HeadstartError("format", `The head's sample is damaged at '${where}': ${what}`, {
    hint: "Copy the file anew from where it was trained, or train the head again.",
  });
