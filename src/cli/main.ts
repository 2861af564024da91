#!/usr/bin/env node
import { CommanderError } from "commander";
import { EXIT } from "./exit-code.js";
import { buildProgram } from "./program.js";
import { reportError } from "./report-error.js";

// Who does not read on is no fault: progress goes to stderr, and an uncaught error in the middle of a run of the backbone
// would abort the process.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

try {
  await buildProgram().parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError && thrown.exitCode === 0) process.exitCode = EXIT.done;
  else if (thrown instanceof CommanderError && thrown.code === "commander.help")
    process.exitCode = EXIT.usage;
  else process.exitCode = reportError(thrown, process.argv.includes("--json"));
}
