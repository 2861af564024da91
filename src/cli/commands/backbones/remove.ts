import type { Command } from "commander";
import type { Precision } from "../../../backbones/backbone.js";
import { addExamples, addJsonFlag, type JsonFlag } from "../../flags.js";
import { bytes, counted } from "../../format-number.js";
import { runCommand } from "../../run-command.js";
import { addPrecisionFlag, addRevisionFlag, ID_ARGUMENT } from "./flags.js";

/** `headstart backbones remove`: frees the disk of what was pulled. */
export function addRemoveCommand(backbones: Command): void {
  const command = backbones
    .command("remove")
    .description("remove from the cache what was downloaded of one, without asking")
    .argument("<id>", ID_ARGUMENT);
  addPrecisionFlag(addRevisionFlag(command), "these weights alone (default: all that was downloaded)");
  addJsonFlag(command);
  addExamples(command, [
    "headstart backbones remove Xenova/bert-base-uncased",
    "headstart backbones remove Xenova/bert-base-uncased --precision fp16",
  ]);
  command.action((id: string, { json, ...which }: { revision?: string; precision?: Precision } & JsonFlag) =>
    runCommand(json, async ({ control: { signal } }) => {
      const { removeBackbone } = await import("../../../pipeline/backbones/backbones-remove.js");
      const result = await removeBackbone(id, { ...which, signal });
      const { removed, freedBytes, kept } = result;
      return {
        result,
        summary: [`${id}: ${counted(removed.length, "file")} removed, ${bytes(freedBytes)} freed`],
        notes:
          kept === 0
            ? []
            : [`${counted(kept, "file")} of other programs kept; remove them with: hf cache rm model/${id}`],
      };
    }),
  );
}
