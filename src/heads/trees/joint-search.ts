import type { BoostingJob, BoostingMemory } from "./boosting-job.js";
import { localSearch } from "./local-search.js";
import { type GradientSplit, type HistogramStep, NO_SPLIT, type SplitSearch } from "./split-search.js";

/** Through which threads that search together speak; each has features of its own. */
export interface JointMemory extends BoostingMemory {
  readonly threads: number;
  /** Turns given, threads that are through with the last, what it asks for, its number of steps, the tree's column. */
  readonly control: Int32Array;
  /** The features of the tree at hand; the first number says how many. */
  readonly features: Int32Array;
  readonly steps: Float64Array;
  /** By thread, then by step, a split. */
  readonly found: Float64Array;
}

const TURN = 0;
const DONE = 1;
const ASKED = 2;
const COUNT = 3;
const COLUMN = 4;
const START = 1;
const RUN = 2;
/** Steps of a turn at most: a node's two children. */
const MOST_STEPS = 2;
const STEP_NUMBERS = 7;
const SPLIT_NUMBERS = 5;

export function jointMemory(memory: BoostingMemory, cols: number, threads: number): JointMemory {
  const floats = (n: number): Float64Array => new Float64Array(new SharedArrayBuffer(8 * n));
  const ints = (n: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * n));
  return {
    ...memory,
    threads,
    control: ints(5),
    features: ints(cols + 1),
    steps: floats(MOST_STEPS * STEP_NUMBERS),
    found: floats(threads * MOST_STEPS * SPLIT_NUMBERS),
  };
}

/** Features of a thread: as many as others have, next to each other. */
function ownSearch(job: BoostingJob, memory: JointMemory, thread: number): SplitSearch {
  const { cols } = job.X;
  const bound = (t: number): number => Math.floor((t * cols) / memory.threads);
  return localSearch(job, memory, bound(thread), bound(thread + 1));
}

/**
 * The search of the thread that grows the trees: it gives each turn to all, does its own part as thread 0, waits for the
 * others, and takes the best split of the lowest feature, as one thread would.
 */
export function leadSearch(job: BoostingJob, memory: JointMemory): SplitSearch {
  const { control, features, steps, found, pairs, threads } = memory;
  const own = ownSearch(job, memory, 0);
  const turn = <T>(asked: number, work: () => T): T => {
    control[ASKED] = asked;
    Atomics.store(control, DONE, 0);
    Atomics.add(control, TURN, 1);
    Atomics.notify(control, TURN);
    const result = work();
    for (let done = Atomics.load(control, DONE); done < threads - 1; done = Atomics.load(control, DONE)) {
      Atomics.wait(control, DONE, done);
    }
    return result;
  };
  return {
    start(ofRows, given) {
      features[0] = given.length;
      features.set(given, 1);
      control[COLUMN] = pairs.indexOf(ofRows);
      turn(START, () => own.start(ofRows, given));
    },
    run(asked) {
      control[COUNT] = asked.length;
      asked.forEach((step, k) => {
        const { slot, less, from, to, gradient, hessian, wanted } = step;
        steps.set([slot, less, from, to, gradient, hessian, wanted ? 1 : 0], k * STEP_NUMBERS);
      });
      const best = turn(RUN, () => own.run(asked));
      for (let thread = 1; thread < threads; thread++) {
        for (let k = 0; k < best.length; k++) {
          const split = splitAt(found, thread, k);
          if (split.score > best[k]!.score) best[k] = split;
        }
      }
      return best;
    },
  };
}

/** Does a thread's part of every turn; never returns: whoever started the thread ends it. */
export function followSearch(job: BoostingJob, memory: JointMemory, thread: number): never {
  const { control, features, steps, found, pairs } = memory;
  const own = ownSearch(job, memory, thread);
  for (let turn = 0; ; turn++) {
    while (Atomics.load(control, TURN) === turn) Atomics.wait(control, TURN, turn);
    if (control[ASKED] === START) {
      own.start(pairs[control[COLUMN]!]!, features.slice(1, features[0]! + 1));
    } else {
      const asked = Array.from({ length: control[COUNT]! }, (_, k) => stepAt(steps, k));
      own.run(asked).forEach((split, k) => {
        const { score, feature, edge, leftGradient, leftHessian } = split;
        const at = (thread * MOST_STEPS + k) * SPLIT_NUMBERS;
        found.set([score, feature, edge, leftGradient, leftHessian], at);
      });
    }
    Atomics.add(control, DONE, 1);
    Atomics.notify(control, DONE);
  }
}

function stepAt(steps: Float64Array, k: number): HistogramStep {
  const [slot, less, from, to, gradient, hessian, wanted] = steps.subarray(k * STEP_NUMBERS) as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { slot, less, from, to, gradient, hessian, wanted: wanted === 1 };
}

function splitAt(found: Float64Array, thread: number, k: number): GradientSplit {
  const at = (thread * MOST_STEPS + k) * SPLIT_NUMBERS;
  const feature = found[at + 1]!;
  if (feature < 0) return NO_SPLIT;
  return {
    score: found[at]!,
    feature,
    edge: found[at + 2]!,
    leftGradient: found[at + 3]!,
    leftHessian: found[at + 4]!,
  };
}
