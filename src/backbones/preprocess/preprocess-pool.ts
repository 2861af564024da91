import { cpuCount } from "../../core/cpu-count.js";
import { HeadstartError } from "../../core/errors.js";
import { workerFile } from "../../core/worker-file.js";
import type { Backbone } from "../backbone.js";
import { type Gate, type Medium, type PreparedContent, prepareContent } from "./content.js";
import { pixelBudget } from "./pixel-budget.js";
import { type PreprocessThread, startThread } from "./preprocess-thread.js";
import { type Tokens, tokensOf } from "./tokenised.js";

export interface PreprocessPoolOptions {
  /** Most threads beside the calling one; default `defaultThreads(kind)`. None where the preprocessor has no recipe. */
  readonly threads?: number;
  /** Contents after which the threads are started, so that short runs do not pay for them; default by kind. */
  readonly startAfter?: number;
  /** Images and sounds prepared at a time; default two a processor. */
  readonly concurrency?: number;
  /** Pixels decoded at a time; default `defaultPixels()`. An image of more is decoded alone. */
  readonly pixels?: number;
}

/** Prepares contents for a backbone, on this thread at first, on others once there is enough to do. */
export interface PreprocessPool {
  /** Threads at work; 0 while contents are prepared on this one. */
  readonly threads: number;
  /**
   * Reads, hashes and prepares an image or a sound; one that finds no place waits for its turn.
   * @param wanted - told the content's hash; false spares the rest, and `input` is null.
   * @throws {HeadstartError} `data` as the preprocessor does; `io` if a thread ended.
   */
  prepare(medium: Medium, wanted?: Gate["wanted"]): Promise<PreparedContent>;
  /** What texts become, the same on whichever thread. @throws {HeadstartError} `io` if a thread ended. */
  tokenise(texts: readonly string[]): Promise<Tokens[]>;
  /** Waits for what is in hand, then ends the threads; what comes later is refused. */
  close(): Promise<void>;
}

/** Rows that take longer than starting the threads, which is 50 to 150 ms. */
const START_AFTER = { text: 8192, image: 32, audio: 16 } as const;

/**
 * Threads that pay. Images: decoding has threads of its own, and resampling takes a quarter to a half as long, which the
 * calling thread has time for on two processors. Texts: tokenising takes a few hundredths of a run, until many processors
 * encode. Sounds: all is done by the thread itself.
 */
export function defaultThreads(kind: Backbone["preprocessor"]["kind"], processors = cpuCount()): number {
  if (kind === "audio") return processors === 1 ? 0 : Math.min(8, processors);
  const most = kind === "image" ? Math.min(4, Math.floor(processors / 2)) : Math.min(2, processors >> 2);
  return processors <= 2 ? 0 : most;
}

/** 24 million pixels a processor (72 MB decoded), at most 192 million. */
export function defaultPixels(processors = cpuCount()): number {
  return Math.min(192e6, 24e6 * processors);
}

/** A pool for a preprocessor; close it. */
export function preprocessPool(
  preprocessor: Backbone["preprocessor"],
  options: PreprocessPoolOptions = {},
): PreprocessPool {
  const { kind, recipe } = preprocessor;
  const {
    threads: most = defaultThreads(kind),
    startAfter = START_AFTER[kind],
    concurrency = 2 * cpuCount(),
    pixels = defaultPixels(),
  } = options;
  const budget = pixelBudget(pixels);
  const turn = turns(concurrency);
  let threads: PreprocessThread[] | null = null;
  let seen = 0;
  let closed = false;

  /** The thread with the least to do; null for this one. */
  const threadFor = (contents: number): PreprocessThread | null => {
    if (closed) throw new HeadstartError("interrupted", "Preparing rows was stopped");
    seen += contents;
    if (threads === null && recipe !== undefined && seen > startAfter) threads = startThreads(recipe, most);
    const fault = threads?.find((thread) => thread.fault !== null)?.fault;
    if (fault) throw fault;
    const ready = (threads ?? []).filter((thread) => thread.ready);
    return ready.reduce<PreprocessThread | null>(
      (least, thread) => (least === null || thread.tasks < least.tasks ? thread : least),
      null,
    );
  };
  const prepare = async (medium: Medium, wanted: Gate["wanted"]): Promise<PreparedContent> => {
    if (preprocessor.kind === "text") throw new HeadstartError("usage", "Texts are tokenised, not prepared");
    const thread = threadFor(1);
    let giveBack = (): void => undefined;
    let over = false;
    const gate: Gate = {
      wanted,
      admit: async (taken) => {
        giveBack = await budget.take(taken);
        // Its thread ended meanwhile.
        if (over) giveBack();
      },
    };
    try {
      return await (thread === null
        ? prepareContent(preprocessor, medium, gate)
        : thread.prepare(medium, gate));
    } finally {
      over = true;
      giveBack();
    }
  };
  return {
    get threads() {
      return threads?.filter((thread) => thread.ready).length ?? 0;
    },
    prepare: (medium, wanted = () => true) => turn(() => prepare(medium, wanted)),
    async tokenise(texts) {
      if (preprocessor.kind !== "text") throw new HeadstartError("usage", "Only texts are tokenised");
      const thread = threadFor(texts.length);
      return thread === null ? texts.map((text) => tokensOf(preprocessor, text)) : thread.tokenise(texts);
    },
    async close() {
      closed = true;
      await Promise.all((threads ?? []).map((thread) => thread.end()));
    },
  };
}

/** As many as start; none where they were not built, or this process may not start any. */
function startThreads(
  recipe: NonNullable<Backbone["preprocessor"]["recipe"]>,
  most: number,
): PreprocessThread[] {
  const file = most > 0 ? workerFile("backbones/preprocess/preprocess-worker.js") : null;
  const threads: PreprocessThread[] = [];
  try {
    while (file !== null && threads.length < most) threads.push(startThread(file, recipe));
  } catch {
    // Those that started, or the calling thread, prepare all.
  }
  return threads;
}

/** Runs at most `limit` tasks at a time; the others wait their turn. */
function turns(limit: number): <T>(task: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
