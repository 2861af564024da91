import { z } from "zod";
import { damagedSample, sampleContent } from "./sample-content.js";

const table = z.array(z.array(z.number()));

const headSample = z.object({
  content: sampleContent,
  /** What the model in memory called each row; of a head of several labels, the one that scores highest. */
  labels: z.array(z.string()),
  /** `[rows][classes]`, from the model in memory, to nine digits. */
  scores: table,
  /** The same; null where the head has none. */
  probabilities: table.nullable(),
  /** Of a head of several labels: 1 where the row was given the label. Absent in others. */
  decided: table.optional(),
  /** Largest difference allowed, relative to max(1, |value|). */
  tolerance: z.number().positive(),
});

/**
 * `headstart.sample`: some rows that a head was trained on, with the answers of the model in memory. They are data of the
 * training set, as they are in the graph of a kernel or nearest-neighbour head; a head without them works as well, and
 * cannot be checked.
 */
export type HeadSample = Readonly<z.output<typeof headSample>>;

/** Most difference between a head's file and the model that it was written from, relative to max(1, |value|). */
export const SAMPLE_TOLERANCE = 1e-4;

/**
 * Reads the sample of a head of `dim` columns and so many classes.
 * @throws {HeadstartError} `format` if it is damaged, or of another head.
 */
export function readHeadSample(text: string, dim: number, classes: number): HeadSample {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  const read = headSample.safeParse(value);
  if (!read.success) {
    const issue = read.error.issues[0]!;
    throw damagedSample(issue.path.join("."), issue.message);
  }
  const { content, labels, scores, probabilities, decided } = read.data;
  if (content.dim !== dim) throw damagedSample("content.dim", `${content.dim}, the head takes ${dim}`);
  if (labels.length !== content.rows)
    throw damagedSample("labels", `${labels.length} for ${content.rows} rows`);
  for (const [name, rows] of Object.entries({ scores, probabilities, decided })) {
    const fits = rows?.length === content.rows && rows.every((row) => row.length === classes);
    if (rows && !fits) throw damagedSample(name, `expected [${content.rows}, ${classes}]`);
  }
  return read.data;
}
