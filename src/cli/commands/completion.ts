import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { BASH_COMPLETION } from "../bash-completion.js";
import { completeBackbones } from "../complete-backbones.js";
import { completeFiles } from "../complete-files.js";
import { addExamples } from "../flags.js";

/** Flags whose value is a path. */
const PATH_FLAGS = new Set(["out"]);

/**
 * `headstart completion bash|zsh|fish|powershell` prints a script for the shell's start-up file.
 * To be called once every other command has been added.
 */
export function addCompletionCommand(program: Command): void {
  const completion = tab(program, { completionCommandName: "completion" });
  for (const command of completion.commands.values()) {
    if (command.value === "completion") continue;
    for (const argument of command.arguments.values()) {
      argument.handler = argument.name === "id" ? completeBackbones : completeFiles;
    }
    for (const option of command.options.values()) {
      if (PATH_FLAGS.has(option.value)) option.handler = completeFiles;
      if (option.value === "backbone") option.handler = completeBackbones;
    }
  }
  const script = program.commands.find((command) => command.name() === "completion");
  if (script === undefined) return;
  script.description("print a completion script for a shell; it calls the headstart that is on the PATH");
  script.summary("print a completion script for a shell");
  script.action((shell: string) => {
    if (shell === "bash") process.stdout.write(BASH_COMPLETION);
    else completion.setup("headstart", "headstart", shell);
  });
  addExamples(script, [
    "headstart completion bash >> ~/.bashrc",
    "headstart completion zsh > ~/.zfunc/_headstart",
    "headstart completion fish > ~/.config/fish/completions/headstart.fish",
  ]);
}
