#!/usr/bin/env node
import { CommanderError } from "commander";
import { EXIT } from "./exit-code.js";
import { buildProgram } from "./program.js";
import { reportError } from "./report-error.js";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

try {
  await buildProgram().parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError && thrown.exitCode === 0) process.exitCode = EXIT.done;
  else if (thrown instanceof CommanderError && thrown.code === "commander.help")
    process.exitCode = EXIT.usage;
  else process.exitCode = reportError(thrown, process.argv.includes("--json"));
}
