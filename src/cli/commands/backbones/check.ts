import type { Command } from "commander";
import type { ComputeOptions } from "../../../pipeline/types.js";
import { EXIT } from "../../exit-code.js";
import { addComputeFlags, addExamples, addJsonFlag, type JsonFlag } from "../../flags.js";
import { formatFacts } from "../../format-table.js";
import { runCommand } from "../../run-command.js";
import {
  ANY_ID_ARGUMENT,
  addModalityFlag,
  addPrecisionFlag,
  addRevisionFlag,
  type WhichFlags,
} from "./flags.js";

/** `headstart backbones check`: whether one runs here. */
export function addCheckCommand(backbones: Command): void {
  const command = backbones
    .command("check")
    .description(
      "run one on a few probes: does it open, repeat itself, and agree alone and in a batch; 1 if not",
    )
    .argument("<id>", ANY_ID_ARGUMENT);
  addComputeFlags(addModalityFlag(addPrecisionFlag(addRevisionFlag(command))));
  addJsonFlag(command);
  addExamples(command, [
    "headstart backbones check use-lite",
    "headstart backbones check Xenova/clip-vit-base-patch32 --modality image --device auto",
  ]);
  command.action((id: string, { json, ...flags }: WhichFlags & ComputeOptions & JsonFlag) =>
    runCommand(json, async ({ control: { onProgress, signal } }) => {
      const { checkBackbone } = await import("../../../pipeline/backbones/backbones-check.js");
      const result = await checkBackbone(id, { ...flags, onProgress, signal });
      const { milliseconds: ms } = result;
      return {
        result,
        summary: [
          `${result.id}: ${result.state === "ok" ? "works" : "does not work"}`,
          ...formatFacts([
            ["for", result.modality],
            ["dimensions", result.dim],
            ["precision", result.precision],
            ["device", `${result.device}, ${result.threads} threads`],
            ["resolve", `${ms.resolve.toFixed(0)} ms`],
            ["open", `${ms.open.toFixed(0)} ms`],
            ["one input", `${ms.embed.toFixed(2)} ms`],
            ["repeats", result.repeatable ? "bit for bit" : "no"],
            ["in a batch", `differs by ${result.batchDifference.toExponential(1)} of a vector's length`],
          ]),
          ...result.problems.map((problem) => `  ${problem}`),
        ],
        ...(result.state === "ok"
          ? {
              next: `headstart embed <input> --backbone ${result.id}${flags.precision ? ` --precision ${flags.precision}` : ""} -o x.arrow`,
            }
          : { exitCode: EXIT.failed }),
      };
    }),
  );
}
