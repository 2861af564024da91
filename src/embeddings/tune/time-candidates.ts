import type { Encoder } from "../../backbones/backbone.js";
import { HeadstartError } from "../../core/errors.js";
import type { Batching } from "../engine/batching.js";
import { AHEAD } from "../engine/embed-windows.js";
import { openSlots } from "../engine/slots.js";

/** Something to time: batches, and what they run on. */
export interface Candidate<Input> {
  readonly encoder: Encoder;
  readonly batching: Batching<Input>;
}

/** What became of a candidate: medians over the rounds. */
export interface CandidateTime {
  readonly rowsPerSecond: number;
  /** Over the first candidate of the same round. */
  readonly speedup: number;
}

/** What candidates are timed on, and for how long. */
export interface TimeOptions<Input> {
  readonly inputs: readonly Input[];
  /** By `performance.now()`: no round begins that would end later. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
}

/** Rounds below which a median says nothing, and beyond which it says no more. */
const ROUNDS = { least: 3, most: 9 } as const;

/**
 * Times candidates round by round, each once a round and every other round backwards, so that whatever else the machine does
 * meets them alike.
 * @returns for each candidate its time, null for one that does not fit into memory; null where fewer than three rounds
 *   were possible.
 * @throws {HeadstartError} `interrupted` when `signal` fires, else as the encoder does.
 */
export async function timeCandidates<Input>(
  candidates: readonly Candidate<Input>[],
  { inputs, deadline, signal }: TimeOptions<Input>,
): Promise<readonly (CandidateTime | null)[] | null> {
  const rates = candidates.map((): number[] | null => []);
  let longest = 0;
  let rounds = 0;
  for (; rounds < ROUNDS.most && performance.now() + longest <= deadline; rounds++) {
    const begun = performance.now();
    const order = rates.map((_, i) => (rounds % 2 === 0 ? i : rates.length - 1 - i));
    for (const i of order) {
      if (signal?.aborted) throw new HeadstartError("interrupted", "Embedding was interrupted");
      if (rates[i] === null) continue;
      const rate = await rateOf(candidates[i]!, inputs);
      if (rate === null) rates[i] = null;
      else rates[i]!.push(rate);
    }
    longest = Math.max(longest, performance.now() - begun);
  }
  const [first] = rates;
  if (rounds < ROUNDS.least || !first) return null;
  return rates.map(
    (own) =>
      own && {
        rowsPerSecond: median(own),
        speedup: median(own.map((rate, round) => rate / first[round]!)),
      },
  );
}

/** Rows a second of one pass over `inputs`; null where a batch does not fit into memory. */
export async function rateOf<Input>(
  { encoder, batching }: Candidate<Input>,
  inputs: readonly Input[],
): Promise<number | null> {
  const slots = openSlots(() => AHEAD * (encoder.sessions ?? 1));
  const start = performance.now();
  const running: Promise<unknown>[] = [];
  try {
    for (const batch of batching.plan(inputs)) {
      await slots.take();
      const encoded = batching
        .encode(batch.map((i) => inputs[i]!))
        .catch((thrown: unknown) => {
          slots.close(thrown);
          throw thrown;
        })
        .finally(slots.free);
      encoded.catch(() => undefined);
      running.push(encoded);
    }
    await Promise.all(running);
  } catch (thrown) {
    await slots.drained();
    if (thrown instanceof HeadstartError && thrown.facts.outOfMemory === true) return null;
    throw thrown;
  }
  return (1000 * inputs.length) / (performance.now() - start);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
