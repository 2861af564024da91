import { type Command, Option } from "commander";
import { addExamples, addJsonFlag, type JsonFlag } from "../../flags.js";
import { bytes } from "../../format-number.js";
import { byteSize, timeSpan } from "../../parse-value.js";
import { runCommand } from "../../run-command.js";

interface Flags extends JsonFlag {
  readonly olderThan?: number;
  readonly maxSize?: number;
  readonly backbone?: string;
  readonly all?: boolean;
}

/** `headstart cache prune`: frees the disk of vectors; embedding their contents again brings them back. */
export function addPruneCommand(cache: Command): void {
  const command = cache
    .command("prune")
    .description("remove vectors from the cache, without asking")
    .addOption(new Option("--older-than <time>", "not used for so long, such as 30d").argParser(timeSpan))
    .addOption(
      new Option(
        "--max-size <size>",
        "least recently used ones, until so much is left, such as 5GB",
      ).argParser(byteSize),
    )
    .option("--backbone <id>", "only of this backbone, by its name or the beginning of its fingerprint")
    .option("--all", "all of them");
  addJsonFlag(command);
  addExamples(command, [
    "headstart cache prune --older-than 30d",
    "headstart cache prune --max-size 5GB",
    "headstart cache prune --backbone use-lite",
  ]);
  command.action(({ json, olderThan, maxSize, ...which }: Flags) =>
    runCommand(json, async () => {
      const { cachePrune } = await import("../../../pipeline/cache.js");
      const result = await cachePrune({
        ...which,
        ...(olderThan !== undefined && { olderThanSeconds: olderThan }),
        ...(maxSize !== undefined && { maxBytes: maxSize }),
      });
      return { result, summary: [`${bytes(result.bytes)} freed, ${bytes(result.left)} left`] };
    }),
  );
}
