import { EXIT } from "./exit-code.js";

/** What stops a command from outside. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** True once whoever reads stdout has gone (`| head -1`): the command then ends without a word. */
  readonly readerGone: boolean;
  /**
   * Runs work during which no listener could be called, with Ctrl-C ending the process as it does by default:
   * nothing is being written then, and waiting for the work may take minutes.
   */
  blocking<T>(work: () => Promise<T>): Promise<T>;
  /** Takes the listeners off again. */
  release(): void;
}

/**
 * Listens for Ctrl-C: the first one lets the work in hand finish and be kept, the second ends the process at once, as the
 * signal does by default (130 or 143 to a shell).
 * A closed stdout stops the work in the same orderly way.
 */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  let readerGone = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      // Not `process.exit`: it stops the threads first, and one that is inside a run of the backbone then aborts.
      process.emit("exit", EXIT.interrupted);
      letGo();
      process.kill(process.pid, signal);
      return;
    }
    process.stderr.write("\nStopping after the batch in hand; press Ctrl-C again to stop at once.\n");
    controller.abort();
  };
  const onOutputError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") throw error;
    readerGone = true;
    controller.abort();
  };
  const listen = (): void => {
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  };
  const letGo = (): void => {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  };
  listen();
  process.stdout.on("error", onOutputError);
  return {
    signal: controller.signal,
    get readerGone() {
      return readerGone;
    },
    async blocking(work) {
      letGo();
      try {
        return await work();
      } finally {
        listen();
      }
    },
    release() {
      letGo();
      process.stdout.off("error", onOutputError);
    },
  };
}
