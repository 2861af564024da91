import type { Command } from "commander";
import { addExamples } from "../flags.js";
import { addCheckCommand } from "./backbones/check.js";
import { addListCommand } from "./backbones/list.js";
import { addPullCommand } from "./backbones/pull.js";
import { addQuantizeCommand } from "./backbones/quantize.js";
import { addRemoveCommand } from "./backbones/remove.js";
import { addShowCommand } from "./backbones/show.js";
import { addVerifyCommand } from "./backbones/verify.js";

/** `headstart backbones …`: what can embed, here and on the Hub. */
export function addBackbonesCommand(program: Command): void {
  const backbones = program
    .command("backbones")
    .description("the backbones that are here, and those of the Hub");
  addExamples(backbones, [
    "headstart backbones list",
    "headstart backbones pull Xenova/bert-base-uncased",
    "headstart backbones check use-lite",
  ]);
  addListCommand(backbones);
  addShowCommand(backbones);
  addPullCommand(backbones);
  addVerifyCommand(backbones);
  addCheckCommand(backbones);
  addQuantizeCommand(backbones);
  addRemoveCommand(backbones);
}
