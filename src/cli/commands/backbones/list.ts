import type { Command } from "commander";
import { addExamples, addJsonFlag, type JsonFlag } from "../../flags.js";
import { bytes } from "../../format-number.js";
import { formatTable } from "../../format-table.js";
import { runCommand } from "../../run-command.js";

/** `headstart backbones list`: embedded ones and those in the cache. */
export function addListCommand(backbones: Command): void {
  const command = backbones.command("list").description("name those that are on this machine");
  addJsonFlag(command);
  addExamples(command, ["headstart backbones list", "headstart backbones list --json"]);
  command.action(({ json }: JsonFlag) =>
    runCommand(json, async () => {
      const { listBackbones } = await import("../../../pipeline/backbones/backbones.js");
      const result = await listBackbones();
      const rows = result.map(
        ({ id, modality, dim, license, bytes: size, precisions, state, commit, revisions }) => [
          id,
          modality ?? "?",
          dim ?? "?",
          precisions.join(", "),
          size === null ? "not built" : bytes(size),
          license,
          state === "embedded" ? "embedded" : `${revisions[0] ?? "cached"} at ${commit?.slice(0, 7)}`,
        ],
      );
      return {
        result,
        summary: formatTable(rows, ["id", "for", "dim", "precision", "size", "licence", "where"]),
        next: `headstart backbones show ${result[0]?.id ?? "<id>"}`,
      };
    }),
  );
}
