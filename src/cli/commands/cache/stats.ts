import type { Command } from "commander";
import { addExamples, addJsonFlag, type JsonFlag } from "../../flags.js";
import { bytes, count, counted } from "../../format-number.js";
import { formatTable } from "../../format-table.js";
import { runCommand } from "../../run-command.js";

/** `headstart cache stats`: what the cache holds. */
export function addStatsCommand(cache: Command): void {
  const command = cache.command("stats").description("vectors by backbone, their size and their last use");
  addJsonFlag(command);
  addExamples(command, ["headstart cache stats", "headstart cache stats --json"]);
  command.action(({ json }: JsonFlag) =>
    runCommand(json, async () => {
      const { cacheStats } = await import("../../../pipeline/cache.js");
      const result = await cacheStats();
      const rows = result.backbones.map((one) => [
        one.backbone ?? "unknown",
        one.fingerprint.slice(0, 12),
        one.dim === null ? "" : `${one.dim}`,
        count(one.vectors),
        bytes(one.bytes),
        one.used?.slice(0, 10) ?? "",
      ]);
      const damaged = result.backbones.reduce((sum, one) => sum + one.damaged, 0);
      return {
        result,
        summary: [
          `${result.folder}: ${count(result.vectors)} vectors, ${bytes(result.bytes)}`,
          ...(rows.length === 0
            ? []
            : ["", ...formatTable(rows, ["backbone", "fingerprint", "dim", "vectors", "size", "last used"])]),
        ],
        notes:
          damaged === 0
            ? []
            : [`${counted(damaged, "damaged file")} in it, never used; cache prune removes what is damaged`],
      };
    }),
  );
}
