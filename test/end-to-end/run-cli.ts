import { expect } from "vitest";
import { type CliRun, runCli } from "../cli/run-cli.js";
import { temporaryFolder } from "../data/temporary-folder.js";

/** The command line in a folder of its own, removed after the test file. */
export function workplace() {
  const folder = temporaryFolder();
  const run = (args: readonly string[], input?: string): Promise<CliRun> =>
    runCli(args, { cwd: folder.path, ...(input !== undefined && { input }) });
  return {
    ...folder,
    run,
    /** Runs with `--json`, and expects exit code `code` and nothing but one document on stdout. */
    async json<T>(args: readonly string[], code = 0): Promise<T> {
      const { stdout, stderr, code: actual } = await run([...args, "--json"]);
      expect({ code: actual, stderr }).toMatchObject({ code });
      return JSON.parse(stdout) as T;
    },
    /** Runs, and expects to be refused: an exit code, a message, a remedy, no stack, nothing on stdout. */
    async refused(args: readonly string[], code: 1 | 2, message: RegExp, hint: RegExp): Promise<void> {
      const { stdout, stderr, code: actual } = await run(args);
      expect({ code: actual, stdout, stderr }).toMatchObject({ code, stdout: "" });
      expect(stderr).toMatch(new RegExp(`^error: .*${message.source}`, "m"));
      expect(stderr).toMatch(new RegExp(`^hint: .*${hint.source}`, "m"));
      expect(stderr).not.toMatch(/^ {4}at |This is a bug/m);
    },
  };
}
