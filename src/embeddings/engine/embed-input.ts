import type { Dataset, RejectedRow, Row } from "../../data/row.js";
import { peek, skip, tally, unlessAborted } from "./iterate.js";

/** The rows that are left to do. */
export interface EmbedInput {
  readonly rows: AsyncIterable<Row | RejectedRow>;
  /** Rows of the data set read so far, those of earlier runs included. */
  readonly read: () => number;
  /** Whether they are too few for a thread to be started for them. */
  readonly few: boolean;
}

/** Rows that take about as long as a thread takes to start. */
const FEW = { text: 64, image: 4, audio: 2 } as const;
/** How long a first look at the input may take. */
const PEEK_MILLISECONDS = 50;

/**
 * Opens the data set behind the rows that are done.
 * @throws {HeadstartError} `interrupted` if `signal` fires.
 */
export async function embedInput(
  dataset: Dataset,
  done: number,
  signal: AbortSignal | undefined,
): Promise<EmbedInput> {
  let count = 0;
  const counted = tally(dataset.rows(), () => {
    count++;
  });
  const rows = skip(counted, done);
  const read = () => count;
  const few = FEW[dataset.modality];
  if (dataset.count !== null) return { rows, read, few: dataset.count - done < few };
  const { ended, values } = await unlessAborted(peek(rows, few, PEEK_MILLISECONDS), signal);
  return { rows: values, read, few: ended };
}
