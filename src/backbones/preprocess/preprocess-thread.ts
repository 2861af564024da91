import { Worker } from "node:worker_threads";
import { HeadstartError, messageOf } from "../../core/errors.js";
import { receivedError, sentError } from "../../core/sent-error.js";
import type { Gate, Medium, PreparedContent } from "./content.js";
import type { Recipe } from "./recipe.js";
import type { FromThread, ThreadData, ToThread } from "./thread-messages.js";
import { type Tokens, unpackTokens } from "./tokenised.js";

/** A thread that prepares contents of one backbone. */
export interface PreprocessThread {
  /** Whether it has its preprocessor, and has not ended. */
  readonly ready: boolean;
  /** Why it can do no more; null while it can. */
  readonly fault: Error | null;
  /** In hand. */
  readonly tasks: number;
  prepare(medium: Medium, gate: Gate): Promise<PreparedContent>;
  tokenise(texts: readonly string[]): Promise<Tokens[]>;
  /** Ends it once its tasks are done. */
  end(): Promise<void>;
}

interface Task {
  readonly gate: Gate | null;
  readonly settle: (message: FromThread & { readonly kind: "prepared" | "tokenised" }) => void;
  readonly fail: (error: Error) => void;
}

/**
 * Starts a thread.
 * @param file - the worker as built.
 * @throws {Error} where this process may not start any, as under Node's permission model.
 */
export function startThread(file: string, recipe: Recipe): PreprocessThread {
  const worker = new Worker(file, { workerData: { recipe } satisfies ThreadData });
  const tasks = new Map<number, Task>();
  const idle: (() => void)[] = [];
  let next = 0;
  let ready = false;
  let fault: Error | null = null;
  const send = (message: ToThread, transfer: readonly ArrayBuffer[] = []): void =>
    worker.postMessage(message, transfer);
  const stop = (error: Error): void => {
    fault ??= error;
    for (const { fail } of tasks.values()) fail(fault);
    tasks.clear();
    rest();
  };
  const rest = (): void => {
    if (tasks.size === 0) for (const wake of idle.splice(0)) wake();
  };
  const take = (task: number): Task | undefined => {
    const taken = tasks.get(task);
    tasks.delete(task);
    rest();
    return taken;
  };
  /** Answers a question, but for a task that failed meanwhile. */
  const answer = async (task: number, question: (gate: Gate) => unknown): Promise<void> => {
    try {
      const wanted = (await question(tasks.get(task)!.gate!)) !== false;
      send({ kind: "answer", task, wanted });
    } catch (thrown) {
      take(task)?.fail(receivedError(sentError(thrown)));
    }
  };
  worker.on("message", (message: FromThread) => {
    if (message.kind === "ready") ready = true;
    else if (message.kind === "unusable") stop(receivedError(message.error));
    else if (message.kind === "wanted") void answer(message.task, (gate) => gate.wanted(message.hash));
    else if (message.kind === "admit") void answer(message.task, (gate) => gate.admit(message.pixels));
    else if (message.kind === "failed") take(message.task)?.fail(receivedError(message.error));
    else take(message.task)?.settle(message);
  });
  worker.on("error", (cause) => stop(ended(messageOf(cause), cause)));
  worker.on("exit", (code) => stop(ended(`code ${code}`)));
  const begin = <T>(
    message: (task: number) => ToThread,
    {
      gate = null,
      transfer = [],
    }: { readonly gate?: Gate | null; readonly transfer?: readonly ArrayBuffer[] },
    result: (message: FromThread) => T,
  ): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (fault !== null) throw fault;
      const task = next++;
      tasks.set(task, { gate, settle: (done) => resolve(result(done)), fail: reject });
      send(message(task), transfer);
    });
  return {
    get ready() {
      return ready && fault === null;
    },
    get fault() {
      return fault;
    },
    get tasks() {
      return tasks.size;
    },
    prepare(medium, gate) {
      // The row keeps its bytes, which may lie in a buffer shared with others: a copy is handed over.
      const sent = "bytes" in medium ? { bytes: Uint8Array.from(medium.bytes) } : medium;
      const transfer = "bytes" in sent ? [sent.bytes.buffer] : [];
      return begin(
        (task) => ({ kind: "prepare", task, medium: sent }),
        { gate, transfer },
        (done) => {
          if (done.kind !== "prepared") throw new TypeError(`A thread answered '${done.kind}' to 'prepare'`);
          return done.content;
        },
      );
    },
    tokenise: (texts) =>
      begin(
        (task) => ({ kind: "tokenise", task, texts }),
        {},
        (done) => {
          if (done.kind !== "tokenised")
            throw new TypeError(`A thread answered '${done.kind}' to 'tokenise'`);
          return unpackTokens(done.packed);
        },
      ),
    async end() {
      if (tasks.size > 0) await new Promise<void>((resolve) => idle.push(resolve));
      fault ??= ended("it was told to");
      await worker.terminate();
    },
  };
}

function ended(reason: string, cause?: unknown): HeadstartError {
  return new HeadstartError("io", `A thread that prepares rows ended: ${reason}`, {
    facts: { reason },
    hint: "Run the same command again: it goes on where this run stopped.",
    ...(cause === undefined ? {} : { cause }),
  });
}
