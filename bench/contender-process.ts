import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { cpuCount } from "../src/core/cpu-count.js";

/** A contender of a benchmark in a process of its own, loaded and warmed before the clock starts. */
export interface ContenderProcess {
  /** Hands over one task, a JSON line, and waits for its answer, another. */
  ask<Answer>(task: object): Promise<Answer>;
  close(): void;
}

/**
 * Starts a contender, which says `ready` once it can be asked.
 * @throws {Error} if it ends before it is ready or before it answers.
 */
export async function startContender(name: string, command: readonly string[]): Promise<ContenderProcess> {
  const threads = String(cpuCount());
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      OMP_NUM_THREADS: threads,
      MKL_NUM_THREADS: threads,
      TOKENIZERS_PARALLELISM: "true",
    },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  if ((await lines.next()).value !== "ready") throw new Error(`${name} did not start`);
  return {
    async ask<Answer>(task: object): Promise<Answer> {
      child.stdin.write(`${JSON.stringify(task)}\n`);
      const { value } = await lines.next();
      if (value === undefined) throw new Error(`${name} gave no answer`);
      return JSON.parse(value as string) as Answer;
    },
    close: () => child.stdin.end(),
  };
}
