import type { Command } from "commander";
import { addExamples } from "../flags.js";
import { addPruneCommand } from "./cache/prune.js";
import { addStatsCommand } from "./cache/stats.js";

/** `headstart cache …`: the vectors that earlier runs computed. */
export function addCacheCommand(program: Command): void {
  const cache = program
    .command("cache")
    .description("vectors that were computed before: how many there are, and freeing their space");
  addExamples(cache, ["headstart cache stats", "headstart cache prune --older-than 30d --max-size 2GB"]);
  addStatsCommand(cache);
  addPruneCommand(cache);
}
